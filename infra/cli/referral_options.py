"""The words of `siyu referral`."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from infra.cli import names
from infra.cli.group import Group

MAX_LISTED = 10_000


def add_referral(group: Group) -> None:
    group.add("programmes", "all versions of the rules, and which is in force now")
    publish = group.add("publish", "publish one more version; none is ever changed")
    publish.add_argument("rules", type=Path, metavar="RULES.json", help="as the API takes it")
    who = publish.add_mutually_exclusive_group(required=True)
    who.add_argument("--by", type=names.person, metavar="NAME", help="who does it")
    who.add_argument(
        "--check", action="store_true", help="say what would be published, and write nothing"
    )
    _simulate(group)
    _credits(group)
    _referrers(group)


def _simulate(group: Group) -> None:
    simulate = group.add(
        "simulate",
        "what other rules would have come to, beside what stands; writes nothing",
        module="simulate",
    )
    simulate.add_argument(
        "--rules",
        type=Path,
        required=True,
        metavar="RULES.json",
        help="as for publish, also without a version; they are taken for all history, whatever day"
        " they name",
    )
    simulate.add_argument(
        "--since",
        type=_day,
        metavar="DAY",
        help="only what was paid that day or later, such as 2027-03-01; caps begin empty then",
    )
    simulate.add_argument(
        "--list", action="store_true", help="name every credit that is blocked or in review"
    )


def _credits(group: Group) -> None:
    explain = group.add(
        "explain", "why an order earned what it earned, or nothing", module="credits"
    )
    _order(explain)
    waiting = group.add("credits", "what waits for a decision, oldest first", module="credits")
    waiting.add_argument("--referrer", type=names.typed, metavar="MEMBER", help="only of one")
    waiting.add_argument("--reason", metavar="CODE", help="only with one reason")
    waiting.add_argument("--limit", type=_most, default=50, metavar="N", help="most of them (50)")
    for word, about in (
        ("approve", "let a credit in doubt count"),
        ("block", "take any credit back; what was spent of it becomes a debt"),
    ):
        decide = group.add(word, about, module="credits")
        _order(decide)
        _by(decide)
        decide.add_argument("--note", type=names.reason, metavar="TEXT", help="kept; name nobody")
        if word == "block":
            decide.add_argument(
                "--fraud", action="store_true", help="it was one: it counts against the referrer"
            )


def _referrers(group: Group) -> None:
    found = group.add("referrer", "whom somebody brought, and what came of it", module="referrer")
    _member(found)
    for word, about in (
        ("suspend", "what friends buy earns nothing, and what they have earned is frozen"),
        ("reinstate", "lift a suspension; what it held back comes back"),
        ("staff", "staff neither refer nor are referred"),
    ):
        change = group.add(word, about, module="referrer")
        _member(change)
        _by(change)
        if word == "staff":
            change.add_argument("--off", action="store_true", help="they are none any more")


def _order(one: argparse.ArgumentParser) -> None:
    one.add_argument("order", metavar="SOURCE#ORDER", help="such as 'shop#1001', in quotes")


def _member(one: argparse.ArgumentParser) -> None:
    one.add_argument("member", type=names.typed, help="their id, or their referral code")


def _by(one: argparse.ArgumentParser) -> None:
    one.add_argument("--by", type=names.person, required=True, metavar="NAME", help="who does it")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a day is like 2027-03-01") from None


def _most(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MAX_LISTED:
        raise argparse.ArgumentTypeError(f"a number from 1 to {MAX_LISTED:,}")
    return int(text)
