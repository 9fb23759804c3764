"""What was set aside is replayed or discarded; each has its effect once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from siyu.api.quarantine import READERS
from siyu.domain.quarantine import KEPT
from siyu.errors import RefusalError
from siyu.services.order_events import OrderEvent
from siyu.services.replay_events import Readers, Replayed, discard, list_open, replay, show
from siyu.services.show_member import show_member
from tests.faults import DEATHS, Fault, KilledError, at_call, line
from tests.functions.callbacks import contact, friend, queued, received
from tests.functions.calls import batch, call
from tests.services.aside import configure_kiosk, put_aside, stored, told_by_kiosk
from tests.services.contacts import change_secrets
from tests.services.shop import receipt, scan
from tests.support import NOW, at_once, dump, empty_table, kinds

LATER = NOW + timedelta(hours=1)


def run(event: str, by: str = "ann") -> Replayed:
    return replay(event, READERS, by, LATER)


def names() -> list[str]:
    return [one.name.message_id for one in list_open()]


def test_what_was_mended_is_replayed_once_and_leaves_the_list(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    member = scan(receipt(1), "ann").member_id
    event = put_aside(told_by_kiosk(receipt_token=receipt(1)))
    refused = run(event)
    assert (refused.outcome, refused.reason, refused.resolution) == (
        *("refused", "unknown_source"),
        None,
    )
    aside, _ = show(event)
    assert (aside.reason, aside.attempts, names()) == ("unknown_source", 2, ["m1"])
    configure_kiosk(monkeypatch)
    assert run(event).outcome == "recorded"
    assert show_member(member).figures.net_minor == 5_000
    standing = show(event)[0].resolution
    assert standing is not None
    assert (standing.outcome, standing.by, standing.at) == ("recorded", "ann", LATER)
    assert int(stored()["ttl"]["N"]) == int((LATER + KEPT).timestamp())
    assert (list_open(), "GSI1PK" in stored()) == ([], False)
    before = dump()
    assert run(event, "bob") == Replayed("recorded", standing)
    assert dump() == before


def test_what_was_recorded_by_other_means_is_a_duplicate(monkeypatch: pytest.MonkeyPatch) -> None:
    configure_kiosk(monkeypatch)
    assert run(put_aside(told_by_kiosk(), "m1")).outcome == "recorded"
    assert run(put_aside(told_by_kiosk(), "m2")).outcome == "duplicate"
    assert kinds()["ORDER"] == 1


def test_a_mistake_in_the_secret_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    event = put_aside(told_by_kiosk())
    configure_kiosk(monkeypatch, kind="no_such_kind")
    done = run(event)
    assert (done.outcome, done.reason) == ("refused", "not_configured")
    assert done.detail == "no adapter for sources of kind no_such_kind"


def test_a_mistake_of_ours_is_no_fault_of_the_events() -> None:
    event = put_aside(told_by_kiosk())
    before = dump()

    def broken(text: str) -> list[OrderEvent]:
        raise KeyError("order")

    with pytest.raises(KeyError):
        replay(event, Readers(broken, READERS.contacts), "ann", LATER)
    assert dump() == before


def end_state() -> dict[Any, Any]:
    """All of the table but what is random, and whether the effect was there before."""
    left_out = {"outcome", "sealed"}
    return {
        key: {name: value for name, value in item.items() if name not in left_out}
        for key, item in dump().items()
    }


def mended(monkeypatch: pytest.MonkeyPatch) -> str:
    """An event of a member's that can have its effect."""
    empty_table()
    event = put_aside(told_by_kiosk(buyer_id="bob"))
    configure_kiosk(monkeypatch)
    return event


@pytest.mark.parametrize("accident", DEATHS)
def test_a_replay_that_is_cut_short_anywhere_is_healed_by_the_next(
    accident: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = mended(monkeypatch)
    with line() as calls:
        run(event)
    assert calls.calls == ["BatchGetItem", "BatchGetItem", "TransactWriteItems", "UpdateItem"]
    expected = end_state()
    for number in range(1, len(calls.calls) + 1):
        event = mended(monkeypatch)
        with line(at_call(number, accident)), pytest.raises(KilledError):
            run(event)
        assert run(event).outcome in {"recorded", "duplicate"}
        assert end_state() == expected, number


def by_operator(event: str, number: int) -> Replayed:
    return run(event, f"operator-{number}")


def test_of_two_operators_at_once_one_records_and_both_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for _ in range(5):
        outcomes = at_once(2, partial(by_operator, mended(monkeypatch)))
        told = sorted(one.outcome for one in outcomes if isinstance(one, Replayed))
        assert told in (["duplicate", "recorded"], ["recorded", "recorded"])
        assert kinds() == {"ORDER": 1, "FACT": 1, "DELIVERY": 1, "WAITING": 1, "QUARANTINE": 1}
        assert list_open() == []


def test_what_was_discarded_is_off_the_list_and_says_by_whom_and_why() -> None:
    event = put_aside("{")
    discard(event, "ann", "the kiosk's test", LATER)
    standing = show(event)[0].resolution
    assert standing is not None
    assert (standing.outcome, standing.by, standing.because) == (
        *("discarded", "ann"),
        "the kiosk's test",
    )
    assert list_open() == []
    with pytest.raises(RefusalError, match="ann: discarded"):
        discard(event, "bob", "too", LATER)
    assert run(event, "bob") == Replayed("discarded", standing)


def test_a_discard_whose_answer_was_lost_is_no_refusal() -> None:
    event = put_aside("{")
    with line(at_call(2, "lost after")) as calls:
        discard(event, "ann", "a test", LATER)
    assert calls.calls == ["BatchGetItem", "UpdateItem", "UpdateItem", "BatchGetItem"]


def just_before(operation: str, work: Callable[[], object]) -> Fault:
    """The world moves on before the first call of that name is sent."""
    done: list[bool] = []

    def fault(_: int, called: str) -> str | None:
        if called == operation and not done:
            done.append(True)
            work()
        return None

    return fault


def test_an_effect_is_told_over_a_discard_that_came_before_its_note(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    event = mended(monkeypatch)
    with line(just_before("UpdateItem", lambda: discard(event, "bob", "meanwhile", NOW))):
        assert run(event).outcome == "recorded"
    standing = show(event)[0].resolution
    assert standing is not None
    assert (standing.outcome, standing.by, standing.because) == ("recorded", "ann", None)


def test_what_fails_while_somebody_discards_it_is_discarded() -> None:
    event = put_aside("{")
    with line(just_before("UpdateItem", lambda: discard(event, "bob", "meanwhile", NOW))):
        assert run(event).outcome == "discarded"
    assert (show(event)[0].attempts, list_open()) == (1, [])


def test_a_message_about_contacts_goes_back_to_its_queue_and_not_before_it_can_be_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    received()
    text = queued(friend())
    event = put_aside(text)
    with monkeypatch.context() as without:
        change_secrets(without, wecom=None)
        assert run(event).reason == "not_a_callback"
    assert (received(), names()) == ([], ["m1"])
    done = run(event)
    assert done.resolution is not None
    assert (done.outcome, done.resolution.by, names()) == ("requeued", "ann", [])
    assert received() == [text]
    assert run(event).outcome == "requeued"
    assert received() == []


def test_a_message_about_contacts_may_go_back_twice_and_is_recognised_there() -> None:
    received()
    event = put_aside(queued(friend()))
    with line(at_call(2, "killed before")), pytest.raises(KilledError):
        run(event)
    assert run(event).outcome == "requeued"
    messages = received()
    assert len(messages) == 2
    assert call("contact_worker", batch(*messages)) == {"batchItemFailures": []}
    assert kinds() == {"QUARANTINE": 1, "DELIVERY": 1, "RELATION": 1, "LINK": 1}


@pytest.mark.parametrize("accident", DEATHS)
def test_a_discard_that_was_cut_short_is_given_again(accident: str) -> None:
    for number in (1, 2):
        empty_table()
        event = put_aside("{")
        with line(at_call(number, accident)), pytest.raises(KilledError):
            discard(event, "ann", "a test", LATER)
        discard(event, "ann", "a test", LATER)
        assert list_open() == []


def test_a_message_that_names_a_source_is_an_orders() -> None:
    event = put_aside(told_by_kiosk().replace('{"source"', '{"account": "wecom", "source"'))
    assert run(event).reason == "unknown_source"


@pytest.mark.parametrize(
    "text", ["{", "[" * 100_000, "[]", '"account"', queued(contact("x", "y")) + "}"]
)
def test_what_no_queue_can_read_stays_for_somebody_to_discard(text: str) -> None:
    event = put_aside(text)
    assert run(event).reason == "not_a_message"
    assert names() == ["m1"]
