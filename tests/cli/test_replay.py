"""An operator lists, shows, tries, replays and discards what was set aside."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from siyu.api import session
from siyu.errors import NotSignedInError
from tests.cli.terminal import Terminal
from tests.functions.callbacks import friend, queued
from tests.services.aside import (
    KIOSK,
    configure_kiosk,
    no_contacts_queue,
    put_aside,
    stored,
    told_by_kiosk,
)
from tests.services.shop import receipt, scan
from tests.support import NOW, dump, kinds

UNKNOWN = "20261122T040000000Z-unknown"


def of_kiosk(number: int = 1) -> str:
    text = told_by_kiosk(delivery=f"k{number}", order_id=str(number), buyer_id="buyer-ann")
    at = NOW + timedelta(seconds=number)
    return put_aside(text, f"m{number}", at, "unknown_source")


def test_the_list_says_what_waits_and_why(siyu: Terminal) -> None:
    assert siyu("replay list") == (0, "", "siyu: nothing waits for a decision\n")
    events = [of_kiosk(1), of_kiosk(2), put_aside("{", "m9", NOW, "not_a_message")]
    assert [one["event"] for one in siyu.json("replay list")] == [events[2], *events[:2]]
    (first,) = siyu.json(f"replay list --source {KIOSK} --reason unknown_source --limit 1")
    assert (first["event"], first["source"], first["attempts"]) == (events[0], KIOSK, 1)
    code, out, err = siyu("replay list --limit 3")
    assert (code, out.count("20261122T0400"), "may be more" in err) == (0, 3, True)
    assert "buyer-ann" not in out


def test_the_message_is_shown_only_when_it_is_asked_for(siyu: Terminal) -> None:
    event = of_kiosk()
    for more in ([], ["--json"]):
        code, out, _ = siyu(f"replay show {event}", *more)
        assert (code, "unknown_source" in out, "buyer-ann" in out) == (0, True, False)
    assert json.loads(siyu.json(f"replay show {event} --raw")["message"])["source"] == KIOSK
    assert "buyer-ann" in siyu(f"replay show {event} --raw")[1]
    assert siyu(f"replay show {UNKNOWN}")[:2] == (1, "")


def test_what_somebody_else_wrote_moves_no_cursor(siyu: Terminal) -> None:
    put_aside(json.dumps({"source": "a\x1b[2Jb\n" + "c" * 3_000}))
    (row,) = siyu.json("replay list")
    assert row["source"] == "a?[2Jb?" + "c" * 193
    assert siyu("replay list")[1].count("\n") == 2


def test_a_trial_writes_nothing_and_says_what_would_change(
    siyu: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    events, before = [of_kiosk(1), of_kiosk(2)], dump()
    code, out, _ = siyu("replay try", *events, "--json")
    assert (code, [one["outcome"] for one in json.loads(out)]) == (1, ["refused", "refused"])
    configure_kiosk(monkeypatch)
    first, second = siyu.json("replay try", *events)
    assert (first["event"], first["order"], second["order"]) == (events[0], "kiosk#1", "kiosk#2")
    assert (first["outcome"], first["net_after_minor"], first["member_known"]) == (
        *("recorded", 5_000),
        False,
    )
    assert dump() == before


def test_some_or_all_are_replayed_and_told_one_by_one(
    siyu: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = [of_kiosk(number) for number in range(1, 5)]
    poison = put_aside("{", "m9", NOW, "not_a_message")
    configure_kiosk(monkeypatch)
    (done,) = siyu.json(f"replay run {events[3]} --by ann")
    assert (done["outcome"], done["by"]) == ("recorded", "ann")
    rest = siyu.json(f"replay run --all --source {KIOSK} --by ann")
    assert [(one["event"], one["outcome"]) for one in rest] == [
        (event, "recorded") for event in events[:3]
    ]
    assert kinds()["ORDER"] == 4
    code, out, _ = siyu("replay run --all --by ann")
    assert (code, poison in out, "refused" in out, "not_a_message" in out) == (1, True, True, True)
    assert [one["event"] for one in siyu.json("replay list")] == [poison]
    before = dump()
    again = siyu.json("replay run --by bob", *events)
    assert {(one["outcome"], one["by"]) for one in again} == {("recorded", "ann")}
    assert dump() == before


def test_nothing_to_replay_is_no_mistake(siyu: Terminal) -> None:
    assert siyu("replay run --all --by ann") == (0, "", "siyu: nothing waits for a decision\n")


def test_an_unknown_one_does_not_stop_the_others(
    siyu: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = of_kiosk()
    configure_kiosk(monkeypatch)
    code, out, _ = siyu(f"replay run {UNKNOWN} {event} --by ann --json")
    assert (code, [one["outcome"] for one in json.loads(out)]) == (1, ["not_found", "recorded"])


def test_what_cannot_be_reached_is_tried_again_and_does_not_stop_the_others(
    siyu: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = [put_aside(queued(friend()), "m1"), of_kiosk(2)]
    configure_kiosk(monkeypatch)
    with no_contacts_queue():
        code, out, _ = siyu("replay run --all --by ann --json")
    assert (code, [one["outcome"] for one in json.loads(out)]) == (3, ["try_again", "recorded"])
    assert [one["event"] for one in siyu.json("replay list")] == events[:1]


def test_what_is_discarded_says_why_and_stays_so(siyu: Terminal) -> None:
    event = of_kiosk()
    (done,) = siyu.json(f"replay discard {event} --by ann --because", "the kiosk's test")
    assert (done["outcome"], done["by"]) == ("discarded", "ann")
    shown = siyu.json(f"replay show {event}")
    assert (shown["outcome"], shown["resolved_by"], shown["because"]) == (
        *("discarded", "ann"),
        "the kiosk's test",
    )
    code, out, _ = siyu(f"replay discard {event} --by bob --because mine --json")
    assert (code, json.loads(out)[0]["outcome"]) == (1, "resolved_before")
    assert stored()["resolved_by"] == {"S": "ann"}
    assert siyu.json("replay list") == []


@pytest.mark.parametrize(
    "line",
    [
        "replay",
        "replay show",
        "replay try",
        "replay run --by ann",
        "replay run --all",
        "replay run m1",
        "replay run m1 --all --by ann",
        "replay run m1 --source kiosk --by ann",
        "replay run m1 --reason unknown_source --by ann",
        "replay discard m1 --by ann",
        "replay discard m1 --because x",
        "replay list --limit 0",
        "replay list --limit many",
        "console token",
    ],
)
def test_bad_input_is_two(siyu: Terminal, line: str) -> None:
    of_kiosk()
    before = dump()
    assert siyu(line)[0] == 2
    assert dump() == before


def test_a_token_opens_the_console_and_nothing_of_a_members(siyu: Terminal) -> None:
    member = scan(receipt(1), "ann").member_id
    made = siyu.json("console token --by", member)
    now = datetime.now(UTC)
    assert session.read(made["token"], now, "console") == member
    with pytest.raises(NotSignedInError):
        session.read(made["token"], now)
    left = datetime.fromisoformat(made["expires_at"]) - now
    assert timedelta(hours=3, minutes=59) < left <= timedelta(hours=4)
    assert "secret" in siyu("console token --by ann")[2]
