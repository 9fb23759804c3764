"""The pieces around SAM: its clock, and asking it for a function."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from infra.local.engine import ROOT
from infra.local.invoke import Context
from infra.samlocal import clock, remote

SAM_PYTHON = ROOT / ".tools" / "sam" / "bin" / "python"
MENDED = """
import importlib.util, json, sys
from samcli.local.events.api_event import RequestContextV2
spec = importlib.util.spec_from_file_location("clock", sys.argv[1])
clock = importlib.util.module_from_spec(spec)
spec.loader.exec_module(clock)
clock.mend(RequestContextV2)
context = RequestContextV2(request_time_epoch=1, request_time="then", route_key="GET /v1/me")
print(json.dumps([context.to_dict(), context.to_dict()]))
"""


def test_requests_of_this_sam_carry_their_own_time_and_id() -> None:
    began = time.time()
    command = [str(SAM_PYTHON), "-c", MENDED, str(clock.__file__)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    first, second = json.loads(done.stdout)
    assert began - 1 < first["timeEpoch"] / 1000 < time.time() + 1
    assert first["time"].endswith(" +0000")
    assert first["requestId"] != second["requestId"]
    assert first["routeKey"] == "GET /v1/me"


class Lambda(BaseHTTPRequestHandler):
    """Gives back the event and the path; a function named Broken raises."""

    def do_POST(self) -> None:
        event = self.rfile.read(int(self.headers["content-length"]))
        body = json.dumps({"path": self.path, "event": json.loads(event)}).encode()
        self.send_response(200)
        if "Broken" in self.path:
            self.send_header("x-amz-function-error", "Unhandled")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def origin(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Lambda) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        at = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv(remote.ADDRESS, at)
        yield at
        server.shutdown()


def test_a_poller_asks_for_its_own_function(origin: str) -> None:
    answer = remote.invoke({"Records": []}, Context("OrderWorkerFunction", 60))
    assert answer["path"] == "/2015-03-31/functions/OrderWorkerFunction/invocations"
    assert answer["event"] == {"Records": []}


def test_what_a_function_raises_is_raised_so_that_the_batch_comes_again(origin: str) -> None:
    with pytest.raises(remote.FunctionError):
        remote.invoke({"Records": []}, Context("BrokenFunction", 60))
