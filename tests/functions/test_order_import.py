"""Day files in the bucket: sent to the queue, reported on, gone on with after a time-out."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from itertools import count
from unittest.mock import patch

import pytest
from botocore.exceptions import ReadTimeoutError

from infra.local.invoke import Context, load_handler
from siyu.aws import client
from siyu.errors import UnavailableError, UnknownSourceError
from siyu.runtime import metrics
from siyu.services import import_orders
from siyu.services.import_orders import StoppedError
from siyu.services.show_member import show_member
from siyu.storage import day_files
from tests.channels.day_files import GOOD, HEADER
from tests.functions.bucket import Bucket, bucket
from tests.functions.calls import ANN, Event, batch, call, join, load
from tests.functions.import_events import SAMPLE, created, events
from tests.services.shop import receipt
from tests.support import NOW, dump, kinds, receive

REPORT = "reports/till/day_file.csv.report.csv"


@pytest.fixture(scope="module")
def shared() -> Iterator[Bucket]:
    with bucket() as one:
        yield one


@pytest.fixture
def files(shared: Bucket) -> Bucket:
    for key in shared.names():
        shared.client.delete_object(Bucket="siyu-imports", Key=key)
    return shared


def sent() -> list[str]:
    """The orders of all messages on the queue."""
    bodies = [json.loads(json.loads(message)["body"]) for message in receive()]
    return [body["data"]["order_id"] for body in bodies]


def lines(size: int) -> str:
    return "\n".join([HEADER, *map(GOOD.format, range(size))])


def test_the_sample_becomes_orders_and_members_sales(files: Bucket) -> None:
    event = load("order_import/day_file")
    assert files.put("incoming/till/day_file.csv", SAMPLE.read_bytes()) == event
    join(ANN, receipt(1), "openid-ann")
    before = kinds()
    assert call("order_import", event) == {"good": 12, "bad": 0, "unusable": ""}
    assert files.report(REPORT) == [["line", "reason"], ["", "12 rows: 12 good, 0 refused"]]
    messages = receive()
    assert {json.loads(message)["received_at"] for message in messages} == {NOW.isoformat()}
    for _ in range(2):
        assert call("order_worker", batch(*messages)) == {"batchItemFailures": []}
    assert show_member(ANN).figures.net_minor == 5_990
    added = {kind: number - before.get(kind, 0) for kind, number in kinds().items()}
    # The sixth order is the refund without a sale; two sales name their payments.
    assert (added["FACT"], added["IMPORT"]) == (11, 1)
    assert "QUARANTINE" not in added


def test_the_event_on_disk_is_the_one_of_the_sample() -> None:
    assert events() == {"order_import/day_file": load("order_import/day_file")}


def test_bad_rows_are_in_the_report_and_nothing_personal_in_the_log(
    files: Bucket, output: Callable[[], str]
) -> None:
    text = f"{HEADER},buyer_id\npaid,o1,2026-11-22,1,\npaid,o2,soon,1,13800138000\npaid,o3\n"
    event = files.put("incoming/till/2026/十一月 22.csv", text)
    assert call("order_import", event) == {"good": 1, "bad": 2, "unusable": ""}
    assert files.report("reports/till/2026/十一月 22.csv.report.csv") == [
        ["line", "reason"],
        ["3", "occurred_at: not a time"],
        ["4", "2 cells, but 5 columns"],
        ["", "3 rows: 1 good, 2 refused"],
    ]
    assert sent() == ["o1"]
    printed = output()
    assert "day_file_imported" in printed
    assert "13800138000" not in printed


def test_rows_are_counted(files: Bucket) -> None:
    event = files.put("incoming/till/x.csv", f"{lines(3)}\npaid,,,\n")
    with patch.object(metrics, "add_metric") as counted:
        call("order_import", event)
    told = {one.args[0]: one.args[2] for one in counted.call_args_list}
    assert told == {"OrdersImported": 3, "RowsRefused": 1}


@pytest.mark.parametrize("name", ["day.csv.gz", "day.csv"])
def test_a_file_may_be_compressed(files: Bucket, name: str) -> None:
    event = files.put(f"incoming/till/{name}", gzip.compress(lines(30).encode()))
    assert call("order_import", event)["good"] == 30
    assert len(sent()) == 30


def test_a_large_file_is_fetched_in_parts(files: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(day_files, "PART_BYTES", 10_000)
    text = lines(600)
    asked = ranges(files, monkeypatch)
    assert call("order_import", files.put("incoming/till/x.csv", text))["good"] == 600
    assert asked == ["bytes=0-9999", "bytes=10000-19999", f"bytes=20000-{len(text) - 1}"]
    assert sorted(sent()) == sorted(f"o{number}" for number in range(600))


def ranges(files: Bucket, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked of the bucket from now on."""
    asked: list[str] = []
    real = client("s3").get_object

    def get_object(**asking: str) -> Event:
        asked.append(asking["Range"])
        answer: Event = real(**asking)
        return answer

    monkeypatch.setattr(client("s3"), "get_object", get_object)
    return asked


def attempt(event: Event, seconds: int) -> Event:
    """An invocation that has so much time before it must have stopped."""
    handler = load_handler("order_import.handler.lambda_handler")
    answer: Event = handler(event, Context("order_import", 30 + seconds))
    return answer


def test_before_the_time_out_it_stops_and_the_retry_goes_on(
    files: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_orders, "WINDOW", 10)
    event = files.put("incoming/till/day_file.csv", f"{lines(35)}\npaid,,,1\n")
    for attempts in count(1):
        try:
            answer = attempt(event, seconds=-1 if attempts < 4 else 60)
            break
        except StoppedError:
            assert REPORT not in files.names()
    assert attempts == 4
    assert answer == {"good": 35, "bad": 1, "unusable": ""}
    assert sorted(sent()) == sorted(f"o{number}" for number in range(35))
    assert files.report(REPORT)[1:] == [
        ["37", "occurred_at: missing"],
        ["", "36 rows: 35 good, 1 refused"],
    ]


def test_an_unusable_file_is_reported_and_not_tried_again(files: Bucket) -> None:
    answer = call("order_import", files.put("incoming/till/day_file.csv", "PK\3\4ann,bob"))
    reason = answer.pop("unusable")
    assert answer == {"good": 0, "bad": 0}
    assert files.report(REPORT)[-1] == ["", f"{reason}; 0 rows: 0 good, 0 refused"]
    assert "ann" not in reason
    assert receive() == []


def test_a_broken_archive_gives_what_it_has_and_says_so(files: Bucket) -> None:
    content = gzip.compress(lines(3_000).encode())
    answer = call(
        "order_import", files.put("incoming/till/day_file.csv", content[: len(content) // 4])
    )
    assert answer["unusable"].startswith("the compressed file is broken")
    assert len(sent()) == answer["good"] > 0


def test_a_file_that_was_replaced_is_left_to_its_own_event(files: Bucket) -> None:
    old = files.put("incoming/till/day_file.csv", lines(3))
    new = files.put("incoming/till/day_file.csv", lines(2))
    assert call("order_import", old) == {}
    assert (receive(), REPORT in files.names()) == ([], False)
    assert call("order_import", new)["good"] == 2


def test_the_same_file_again_gives_the_same_state(files: Bucket) -> None:
    event = files.put("incoming/till/day_file.csv", SAMPLE.read_bytes())
    states = []
    for _ in range(2):
        call("order_import", event)
        assert call("order_worker", batch(*receive())) == {"batchItemFailures": []}
        states.append(dump())
    assert states[0] == states[1]


def test_a_file_of_nobody_fails_aloud_and_a_folder_is_none(files: Bucket) -> None:
    with pytest.raises(UnknownSourceError):
        call("order_import", files.put("incoming/nobody/x.csv", lines(1)))
    with pytest.raises(UnknownSourceError):
        call("order_import", files.put("incoming/x.csv", lines(1)))
    with pytest.raises(ValueError, match="not a file that came in"):
        call("order_import", created("reports/till/x.csv", b""))
    assert call("order_import", files.put("incoming/till/", "")) == {}


def test_a_bucket_that_cannot_be_read_or_written_fails_aloud(
    files: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UnavailableError, match="cannot be read"):
        call("order_import", created("incoming/till/gone.csv", b"x"))

    def silent(**_: object) -> None:
        raise ReadTimeoutError(endpoint_url="")

    event = files.put("incoming/till/x.csv", lines(1))
    for operation, told in (("put_object", "report"), ("get_object", "cannot be read")):
        with monkeypatch.context() as broken:
            broken.setattr(client("s3"), operation, silent)
            with pytest.raises(UnavailableError, match=told):
                call("order_import", event)
    assert call("order_import", event)["good"] == 1
