"""What was set aside lies sealed, is found by time and by name, and is one item however it came."""

from __future__ import annotations

import base64
import zlib
from datetime import datetime, timedelta

import pytest
from pynamodb.exceptions import UpdateError

from siyu.api.quarantine import READERS
from siyu.domain.quarantine import Name
from siyu.errors import NotFoundError
from siyu.services.replay_events import discard, list_open, replay, show
from siyu.services.sealing import unseal_bytes
from siyu.storage.quarantine import QuarantineItem
from tests.faults import line
from tests.services.aside import KIOSK, put_aside, stored, told_by_kiosk
from tests.support import NOW, dump

LATER = NOW + timedelta(hours=1)


def test_a_message_lies_sealed_for_its_own_name_and_is_shown_as_it_came() -> None:
    text = told_by_kiosk(buyer_id="buyer-of-the-kiosk", note="请尽快发货")
    event = put_aside(text)
    sealed = base64.b64decode(stored()["sealed"]["B"])
    assert "buyer-of-the-kiosk" not in str(dump())
    assert b"buyer-of-the-kiosk" not in sealed
    assert zlib.decompress(unseal_bytes(sealed, event)).decode() == text
    aside, message = show(event)
    assert (message, aside.source, aside.reason, aside.attempts) == (text, KIOSK, "wrong", 1)


def test_a_message_copied_to_another_name_does_not_open() -> None:
    put_aside(told_by_kiosk(), "m1")
    other = put_aside(told_by_kiosk(), "m2")
    one, copy = QuarantineItem.scan()
    copy.sealed, one.sealed = one.sealed, copy.sealed
    copy.save()
    one.save()
    with pytest.raises(ValueError, match="not sealed for this owner"):
        show(other)


def test_the_list_goes_by_time_over_all_shards_and_in_pages() -> None:
    for number in range(30):
        at = NOW + timedelta(milliseconds=100 * (number * 7 % 30))
        put_aside("{" if number % 3 else told_by_kiosk(), f"m{number}", at, f"r{number % 2}")
    assert len({item["GSI1PK"]["S"] for item in dump().values()}) == 4
    everything = list_open()
    times = [one.name.received_at for one in everything]
    assert (len(times), times) == (30, sorted(times))
    pages = [list_open(limit=7)]
    for _ in range(5):
        pages.append(list_open(limit=7, after=str(pages[-1][-1].name)))
    assert [one for page in pages for one in page] == everything
    assert [len(page) for page in pages] == [7, 7, 7, 7, 2, 0]
    found = list_open(source=KIOSK, reason="r1")
    assert {(one.source, one.reason) for one in found} == {(KIOSK, "r1")}
    assert len(found) == 5
    assert found[:2] == list_open(source=KIOSK, reason="r1", limit=2)


def test_the_same_message_again_is_one_item_with_the_last_reason() -> None:
    put_aside(told_by_kiosk(), reason="first")
    put_aside(told_by_kiosk(), reason="second")
    (aside,) = list_open()
    assert (aside.reason, aside.attempts, len(dump())) == ("second", 2, 1)


def test_a_late_delivery_of_what_was_resolved_opens_nothing() -> None:
    event = put_aside(told_by_kiosk())
    discard(event, "ann", "a test", LATER)
    before = dump()
    put_aside(told_by_kiosk(), reason="another")
    assert dump() == before
    assert list_open() == []


def test_what_waits_is_there_for_a_year() -> None:
    """It holds personal data that no erasure finds."""
    put_aside(told_by_kiosk())
    until = datetime.fromisoformat(stored()["received_at"]["S"]) + timedelta(days=365)
    assert int(stored()["ttl"]["N"]) == int(until.timestamp())


def test_a_note_that_gets_lost_is_an_error_and_can_be_made_again() -> None:
    event = put_aside("{")
    with (
        line(lambda _, operation: "lost before" if operation == "UpdateItem" else None),
        pytest.raises(UpdateError),
    ):
        discard(event, "ann", "a test", LATER)
    assert len(list_open()) == 1
    discard(event, "ann", "a test", LATER)
    assert list_open() == []


WRONG = [
    "",
    "m1",
    "20261122T040000000Z",
    "20261122T040000000Z-",
    "20261122T040000000Z-m1 ",
    "20261122T040000000Z-m1\n",
    "20261122T040000000Z-m/1",
    "20261322T040000000Z-m1",
    "20261122T040060000Z-m1",
    "20261122T040000000Z-m2",
    "20261122T040000001Z-m1",
    "99991231T235959999Z-m1",
    "２0261122T040000000Z-m1",
]


@pytest.mark.parametrize("wrong", WRONG)
def test_what_names_no_event_is_not_found_by_anybody(wrong: str) -> None:
    put_aside("{")
    with pytest.raises(NotFoundError):
        show(wrong)
    with pytest.raises(NotFoundError):
        replay(wrong, READERS, "ann", LATER)
    with pytest.raises(NotFoundError):
        discard(wrong, "ann", "x", LATER)
    assert len(list_open()) == 1


def test_a_name_keeps_its_milliseconds_and_nothing_finer() -> None:
    at = NOW + timedelta(microseconds=123_456)
    event = put_aside("{", "0e7d4a9c-3d0b-4a53-9a3c-1f2a44b0c0de", at)
    assert event == "20261122T040000123Z-0e7d4a9c-3d0b-4a53-9a3c-1f2a44b0c0de"
    assert Name.parse(event) == show(event)[0].name
