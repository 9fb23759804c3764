"""The words of `siyu referral`."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from infra.cli import names
from infra.cli.group import Group


def add_referral(group: Group) -> None:
    group.add("programmes", "all versions of the rules, and which is in force now")
    publish = group.add("publish", "publish one more version; none is ever changed")
    publish.add_argument("rules", type=Path, metavar="RULES.json", help="as the API takes it")
    publish.add_argument(
        "--by", type=names.person, required=True, metavar="NAME", help="who does it"
    )
    simulate = group.add(
        "simulate", "what other rules would have come to, beside what stands; writes nothing"
    )
    simulate.add_argument(
        "--rules",
        type=Path,
        required=True,
        metavar="RULES.json",
        help="as for publish; they are taken for all history, whatever day they name",
    )
    simulate.add_argument(
        "--since",
        type=_day,
        metavar="DAY",
        help="only what was paid that day or later, such as 2027-03-01; caps begin empty then",
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a day is like 2027-03-01") from None
