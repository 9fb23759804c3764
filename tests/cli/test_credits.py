"""An operator sees why orders earned what they did, decides what waits, and notes who may not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from siyu.services.referrer_standing import set_standing
from tests.cli.terminal import Terminal
from tests.services.doubts import balance, credit, doubted, friends, noted, spend
from tests.services.shop import paid, refunded, settle
from tests.support import NOW, dump


def test_what_waits_is_listed_explained_and_approved(siyu: Terminal) -> None:
    doubted()
    (row,) = siyu.json("referral credits")
    assert (row["order"], row["reasons"], row["kept_minor"]) == ("shop#1", ["share_of_order"], 500)
    assert siyu.json("referral credits --reason ring") == []
    told = siyu.json("referral explain shop#1")
    assert (told["credit"]["verdict"], told["nothing_because"]) == ("review", [])
    assert siyu.json("referral explain", told["id"]) == told
    code, out, _ = siyu("referral explain shop#1")
    lines = out.splitlines()
    assert (code, lines[0]) == (0, "order_key: shop#1")
    assert "reasons: share_of_order" in lines
    assert "  share_of_order: 500" in lines[lines.index("evidence:") :]
    done = siyu.json("referral approve shop#1 --by ann --note", "a regular")
    assert done["credit"]["ruling"]["note"] == "a regular"
    assert done["credit"]["ruling"]["by"] == "ann"
    assert credit().due
    assert siyu("referral credits") == (0, "", "siyu: nothing waits for a decision\n")


def test_the_queue_has_an_end_that_is_said(siyu: Terminal) -> None:
    ann = doubted()
    for number in "23":
        paid(number, 10_000, buyer_id="bob")
    settle()
    code, out, err = siyu(f"referral credits --limit 2 --referrer {ann.member_id}")
    assert (code, out.count("shop#"), "may be more" in err) == (0, 2, True)
    assert len(siyu.json("referral credits")) == 3


def test_a_fraud_is_blocked_and_counts_against_the_referrer(siyu: Terminal) -> None:
    ann = doubted()
    done = siyu.json("referral block shop#1 --by ann --fraud")
    assert (done["credit"]["verdict"], done["credit"]["kept_minor"]) == ("block", 0)
    assert noted(ann).frauds == {"shop#1"}
    assert siyu("referral block shop#1 --by ann")[0] == 0
    assert noted(ann).frauds == frozenset()


def test_what_no_rule_doubts_is_blocked_with_a_note(siyu: Terminal) -> None:
    ann, _ = friends("bob")
    paid("1", 10_000, buyer_id="bob")
    settle()
    code, _, err = siyu("referral block shop#1 --by ann --fraud")
    assert (code, "with a note" in err) == (1, True)
    done = siyu.json("referral block shop#1 --by ann --fraud --note", "one hand")
    assert (done["credit"]["status"], done["credit"]["ruling"]["note"]) == ("blocked", "one hand")
    assert noted(ann).frauds == {"shop#1"}


def test_what_is_told_of_a_sale_is_shown_as_the_sale(siyu: Terminal) -> None:
    doubted()
    paid("1", 10_000, buyer_id="bob", payment_id="42")
    assert siyu.json("referral approve shop#1 --by ann")["order_key"] == "~sale#42"


def test_why_an_order_earned_nothing_is_said_in_words(siyu: Terminal) -> None:
    friends("bob")
    code, out, err = siyu("referral explain shop#0bob")
    assert code == 0
    assert out == "order_key: shop#0bob\nnothing_because: below_minimum\ncredit: -\n"
    assert err == "siyu: below_minimum: less was paid than the rules ask for\n"
    paid("1", 10_000, payment_id="42")
    assert "counted_in: ~sale#42" in siyu("referral explain shop#1")[1]


def test_what_nobody_told_of_and_what_nobody_doubts_is_refused(siyu: Terminal) -> None:
    friends("bob")
    paid("1", 10_000, buyer_id="bob")
    settle()
    before = dump()
    for line in ("explain shop#7", "explain x", "approve shop#7 --by ann", "approve shop#1 --by a"):
        assert siyu(f"referral {line}")[:2] == (1, "")
    assert dump() == before


def test_a_referrer_is_found_by_id_and_by_code(siyu: Terminal) -> None:
    ann, bob = friends("bob")
    shown = siyu.json("referral referrer", ann.member_id)
    assert [(one["friend"], one["orders"]) for one in shown["friends"]] == [(bob.member_id, 1)]
    code = ann.referral_code
    assert siyu.json("referral referrer", f"{code[:15]} {code[15:].lower()}") == shown
    exit_code, out, _ = siyu("referral referrer", code)
    assert (exit_code, "balance:\n  pending_minor: 0\n" in out, bob.member_id in out) == (
        *(0, True),
        True,
    )
    forged = code[:-1] + ("A" if code[-1] != "A" else "B")
    for unknown in (forged, "0000000000000"):
        assert siyu("referral referrer", unknown)[:2] == (1, "")


def test_suspension_and_staff_are_set_and_lifted_with_all_that_follows(
    siyu: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two credits take two turns."""
    monkeypatch.setattr("siyu.services.referrer_standing.SETTLED_AT_ONCE", 1)
    ann, _ = friends("bob")
    set_standing(ann.member_id, NOW - timedelta(hours=1), suspended=True)
    for number in "12":
        paid(number, 10_000, buyer_id="bob")
    settle()
    assert balance(ann).pending_minor == 0
    lifted = siyu.json("referral reinstate --by ann", ann.referral_code)
    assert (lifted["suspended_at"], lifted["posted"]) == (None, 2)
    assert balance(ann).pending_minor == 1_000
    assert siyu.json("referral suspend --by ann", ann.member_id)["suspended_at"]
    assert siyu.json("referral staff --by ann", ann.member_id)["staff_since"]
    assert (noted(ann).staff_since is None, noted(ann).suspended_at is None) == (False, False)
    code, out, err = siyu("referral staff --off --by ann", ann.member_id)
    assert (code, "staff_since: -" in out, "by ann" in err) == (0, True, True)
    # They were bought before.
    assert balance(ann).pending_minor == 1_000


def test_a_member_is_shown_with_what_tills_have_held(siyu: Terminal) -> None:
    ann = doubted()
    spend(ann, 100)
    shown = siyu.json("members show", ann.member_id)
    assert (shown["pending_minor"], shown["released_minor"], shown["held_minor"]) == (500, -100, 0)


@pytest.mark.parametrize(
    "line",
    [
        *("explain", "approve shop#1", "block shop#1 --fraud", "approve shop#1 --by ann --fraud"),
        *("credits --limit 0", "referrer", "suspend 0000000000000", "staff --off 0000000000000"),
    ],
)
def test_bad_input_is_two(siyu: Terminal, line: str) -> None:
    doubted()
    before = dump()
    assert siyu(f"referral {line}")[0] == 2
    assert dump() == before


def test_more_refunded_than_paid_is_said(siyu: Terminal) -> None:
    doubted()
    refunded("1", "r", 12_000)
    settle()
    told = siyu.json("referral explain shop#1")["credit"]
    assert (told["kept_minor"], told["refunded_beyond_paid_minor"]) == (0, 2_000)
    assert "2000 more was refunded than was paid" in siyu("referral explain shop#1")[2]
