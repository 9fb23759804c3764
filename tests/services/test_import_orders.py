"""A day file on its way to the queue: cut short anywhere, sent twice, it is the same orders."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from siyu.api.order_event import read_event
from siyu.aws import client
from siyu.channels.csv_rows import UnusableFileError
from siyu.channels.day_file import Record
from siyu.errors import UnavailableError, UnknownSourceError
from siyu.secrets import Secrets, Source, secrets
from siyu.services import import_orders
from siyu.services.import_orders import OrderImport, Refused, StoppedError
from siyu.storage import queue
from tests.channels.day_files import GOOD, HEADER, read
from tests.faults import DEATHS, Fault, KilledError, Line, at_call, line
from tests.functions.calls import batch, call
from tests.support import NOW, dump, kinds, receive

SOURCE = "till"
ROWS = 30
TEXT = "\n".join([HEADER, *(GOOD.format(n) if n % 10 else "paid,,,1" for n in range(ROWS))])
BAD_LINES = [2, 12, 22]


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_orders, "WINDOW", 7)


@contextmanager
def queue_line(fault: Fault) -> Iterator[Line]:
    """Every call of the queue goes over this line."""
    events: Any = client("sqs").meta.events
    broken = Line(fault)
    events.register("before-send.sqs", broken)
    try:
        yield broken
    finally:
        events.unregister("before-send.sqs", broken)
        broken.close()


def run(text: str = TEXT, content: str = "hash", source: str = SOURCE) -> OrderImport:
    one = OrderImport(source, content, NOW, read_event)
    refused = list(one.run(read(text)))
    assert len(refused) == one.bad
    return one


def orders(messages: list[str]) -> Counter[str]:
    bodies = [json.loads(json.loads(message)["body"]) for message in messages]
    return Counter(body["data"]["order_id"] for body in bodies)


ALL = Counter(f"o{number}" for number in range(ROWS) if number % 10)


def checkpoint() -> dict[str, Any]:
    (item,) = [item for item in dump().values() if item["kind"]["S"] == "IMPORT"]
    return {name: next(iter(value.values())) for name, value in item.items()}


def test_good_rows_are_sent_and_bad_ones_told() -> None:
    one = OrderImport(SOURCE, "hash", NOW, read_event)
    refused = list(one.run(read(TEXT)))
    assert refused == [Refused(at, "occurred_at: missing") for at in BAD_LINES]
    assert (one.good, one.bad) == (27, 3)
    sent = receive()
    assert orders(sent) == ALL
    assert {json.loads(message)["received_at"] for message in sent} == {NOW.isoformat()}
    found = checkpoint()
    assert (found["state"], found["lines_done"], found["good"], found["bad"]) == (
        *("done", "31"),
        *("27", "3"),
    )


def test_the_worker_understands_them_and_a_file_sent_twice_changes_nothing() -> None:
    run()
    first = receive()
    assert call("order_worker", batch(*first)) == {"batchItemFailures": []}
    before = dump()
    assert kinds() == {"ORDER": 27, "FACT": 27, "DELIVERY": 27, "IMPORT": 1}
    run()
    overlapping = "\n".join([HEADER, GOOD.format(1), GOOD.format(99)])
    run(overlapping, "other hash")
    second = receive()
    assert orders(second) == ALL + Counter(["o1", "o99"])
    assert call("order_worker", batch(*second)) == {"batchItemFailures": []}
    after = {key: item for key, item in dump().items() if "o99" not in json.dumps(item)}
    imports = {key for key in after if key[1] == "IMPORT"}
    new = {key for key in after if key not in before} - imports
    assert {key[0] for key in new if "csv_" not in key[0]} == set()
    assert {key: after[key] for key in before} == before
    assert kinds()["ORDER"] == 28


def calls() -> tuple[int, int]:
    """How many calls an undisturbed import makes of the table and of the queue."""
    with line() as table, queue_line(lambda *_: None) as sent:
        run(content="undisturbed")
    receive()
    return len(table.calls), len(sent.calls)


@pytest.mark.parametrize("accident", DEATHS)
def test_killed_at_any_call_it_goes_on_and_loses_nothing(accident: str) -> None:
    table, sent = calls()
    assert (table, sent) == (6, 5)
    places: list[tuple[Callable[[Fault], Any], int]] = [
        (line, number) for number in range(1, table + 1)
    ]
    places += [(queue_line, number) for number in range(1, sent + 1)]
    for place, (broken, number) in enumerate(places):
        content = f"{accident} {place}"
        with broken(at_call(number, accident)), pytest.raises(KilledError):
            run(content=content)
        resumed = run(content=content)
        assert (resumed.good, resumed.bad) == (27, 3), content
        found = orders(receive())
        assert found.keys() == ALL.keys(), content
        # Once the last mark is there it is done, and begins anew.
        times = 2 if (accident, place) == ("killed after", table - 1) else 1
        assert found.total() <= times * ALL.total() + import_orders.WINDOW, content


def test_a_resumed_run_sends_only_what_is_left() -> None:
    with queue_line(at_call(4, "killed before")), pytest.raises(KilledError):
        run()
    assert orders(receive()).total() == 18
    with pytest.raises(StoppedError):
        list(OrderImport(SOURCE, "hash", NOW, read_event).run(read(TEXT), lambda: True))
    resumed = OrderImport(SOURCE, "hash", NOW, read_event)
    assert resumed.skipped_lines == 22, "a mark never goes back"
    assert [one.line for one in resumed.run(read(TEXT))] == BAD_LINES
    assert orders(receive()).total() == 9


def test_rows_are_judged_as_of_the_day_the_import_began() -> None:
    """Else a resumed run would pass over a row that was refused before and is good today."""
    late = GOOD.format("later").replace("11-22", "11-25")
    text = TEXT + "\n" + late
    with queue_line(at_call(5, "killed before")), pytest.raises(KilledError):
        run(text)
    receive()
    for expected in ("occurred_at: later than the file", None):
        again = OrderImport(SOURCE, "hash", NOW.replace(day=26), read_event)
        told = {one.line: one.reason for one in again.run(read(text))}
        assert told.get(32) == expected
    assert "olater" in orders(receive())


def test_when_the_time_is_up_it_stops_at_a_mark() -> None:
    for expected in (8, 15, 22, 29):
        with pytest.raises(StoppedError, match=f"after line {expected};"):
            list(OrderImport(SOURCE, "hash", NOW, read_event).run(read(TEXT), minute(expected)))
        assert checkpoint()["lines_done"] == str(expected)
    run()
    assert orders(receive()) == ALL


def minute(lines: int) -> Any:
    """A time that is up once so many lines are done."""
    return iter([*[False] * (lines // 7 - 1), True]).__next__


def test_a_queue_that_takes_nothing_stops_the_import_and_marks_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(queue, "ATTEMPTS", 2)
    with (
        queue_line(lambda number, _: "lost before" if number > 2 else None),
        pytest.raises(UnavailableError),
    ):
        run()
    assert checkpoint()["lines_done"] == "15"
    run()
    assert orders(receive()) == ALL


def test_what_a_file_held_before_it_broke_is_sent() -> None:
    def broken() -> Iterator[Record]:
        yield from read(TEXT)[:10]
        raise UnusableFileError("cut off")

    one = OrderImport(SOURCE, "hash", NOW, read_event)
    with pytest.raises(UnusableFileError):
        list(one.run(broken()))
    assert orders(receive()).total() == one.good == 9


def test_looking_only_sends_and_marks_nothing() -> None:
    one = OrderImport(SOURCE, "hash", NOW, read_event, send=False)
    assert len(list(one.run(read(TEXT)))) == 3
    assert (one.good, receive(), dump()) == (27, [], {})


def test_a_source_must_be_known_and_speak_canonical_events(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnknownSourceError, match="no such source"):
        run(source="nobody")
    real = secrets()
    known = {"youzan": Source("youzan", "youzan", {})}
    other = Secrets(real.master_key, real.wechat_secret, known)
    monkeypatch.setattr(import_orders, "secrets", lambda: other)
    with pytest.raises(UnknownSourceError, match="of kind youzan"):
        run(source="youzan")


RULES = {
    "order_id: too_long": "paid," + "x" * 65 + ",2026-11-22,1,CNY",
    "order_id: missing": "complete,,2026-11-22,,",
    "order_id: pattern_mismatch": "paid,~refund:1,2026-11-22,1,CNY",
    "amount: greater_than": "paid,o1,2026-11-22,0,CNY",
    "refund_id: missing": "refund,o1,2026-11-22,1,CNY",
    "occurred_at: greater_than; currency: pattern_mismatch": "paid,o1,1969-01-01,1,yuan",
    "currency: not the brand's": "paid,o1,2026-11-22,1,USD",
    "occurred_at: later than the file": "paid,o1,2026-11-25,1,CNY",
}


@pytest.mark.parametrize(("reason", "row"), RULES.items(), ids=RULES.keys())
def test_rows_are_held_to_the_rules_of_the_worker(reason: str, row: str) -> None:
    one = OrderImport(SOURCE, "hash", NOW, read_event)
    (refused,) = one.run(read(f"{HEADER},currency\n{row}\n"))
    assert set(refused.reason.replace("string_", "").split("; ")) == set(reason.split("; "))
    assert receive() == []
