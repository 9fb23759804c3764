"""Many messages at once: what the queue does not take is sent again, and nothing is left out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from siyu import aws
from siyu.errors import UnavailableError
from siyu.settings import settings
from siyu.storage import queue
from tests.support import receive


class Picky:
    """A queue that answers as it is told to; what it takes is in `taken`."""

    def __init__(self, refuses: Callable[[int, str], bool]) -> None:
        self.calls: list[list[str]] = []
        self.taken: list[str] = []
        self._refuses = refuses

    def answer(self, entries: list[dict[str, str]]) -> dict[str, Any]:
        self.calls.append([entry["MessageBody"] for entry in entries])
        good, failed = [], []
        for entry in entries:
            if self._refuses(len(self.calls), entry["MessageBody"]):
                failed.append({"Id": entry["Id"], "Code": "InternalError", "SenderFault": False})
            else:
                self.taken.append(entry["MessageBody"])
                good.append({"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": ""})
        return {"Successful": good, "Failed": failed}


@pytest.fixture
def picky(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Puts a queue that refuses some messages in the place of ours, over HTTP."""
    servers: list[HTTPServer] = []

    def put(refuses: Callable[[int, str], bool]) -> Picky:
        told = Picky(refuses)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = int(self.headers["Content-Length"])
                asked = json.loads(self.rfile.read(size))
                answer = json.dumps(told.answer(asked["Entries"])).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/x-amz-json-1.0")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: Any) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        Thread(target=server.serve_forever, daemon=True).start()
        origin = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", origin)
        monkeypatch.setenv("ORDERS_QUEUE_URL", f"{origin}/1/q")
        aws.client.cache_clear()
        settings.cache_clear()
        return told

    yield put
    monkeypatch.undo()
    aws.client.cache_clear()
    settings.cache_clear()
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 25])
def test_all_arrive_ten_a_call(count: int) -> None:
    messages = [f"message {number}" for number in range(count)]
    queue.send_many(messages)
    assert Counter(receive()) == Counter(messages)


def test_a_batch_has_ten_messages_and_no_more_bytes_than_a_call_may_have(picky: Any) -> None:
    told = picky(lambda *_: False)
    large = "x" * (100 * 1024)
    messages = [large, large, large, "汉" * (60 * 1024), large, *map(str, range(12))]
    queue.send_many(messages)
    assert told.taken == messages
    assert [len(call) for call in told.calls] == [2, 1, 1, 10, 3]


def test_only_what_was_refused_is_sent_again(picky: Any) -> None:
    told = picky(lambda call, message: call == 1 and message in {"2", "7"})
    queue.send_many([str(number) for number in range(10)])
    assert told.calls[1] == ["2", "7"]
    assert Counter(told.taken) == Counter(map(str, range(10)))


def test_what_is_refused_to_the_end_is_told(picky: Any) -> None:
    told = picky(lambda _, message: message == "2")
    with pytest.raises(UnavailableError):
        queue.send_many([str(number) for number in range(12)])
    assert told.calls[1:] == [["2"]] * (queue.ATTEMPTS - 1)
