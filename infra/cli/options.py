"""The words of the command."""

from __future__ import annotations

import argparse
from pathlib import Path

from infra.cli import names
from infra.cli.code_options import add_codes, add_coupons
from infra.cli.group import Group
from infra.cli.places import DATA
from infra.cli.referral_options import add_referral
from infra.cli.replay_options import add_changes, add_console, add_replay
from infra.cli.segment_group_options import add_segments
from infra.cli.segment_options import add_segment

ABOUT = "Codes, coupons, keys of stores, members and events of a Siyu."
MORE = """\
exit codes: 0 done, 1 refused or not found, 2 bad input, 3 cannot be reached, 130 stopped

  siyu codes create --kind store --store A1B --origin https://shop.example --stack siyu
  siyu codes batch doors.csv --origin https://shop.example --out doors --local
  siyu segment orders.csv --as-of 2026-03-01
"""


def parser() -> argparse.ArgumentParser:
    """All of it. Options that say where may stand before the command or after it."""
    where = _where()
    top = argparse.ArgumentParser(
        "siyu",
        description=ABOUT,
        epilog=MORE,
        parents=[where],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    groups = top.add_subparsers(metavar="COMMAND", required=True)
    add_codes(Group(groups, where, "codes", "doors, guides, posters, parcel cards, campaigns"))
    add_coupons(Group(groups, where, "coupons", "give a member a coupon, look at theirs"))
    _store(Group(groups, where, "store", "the keys of one store's tills"))
    _members(Group(groups, where, "members", "look at members, decide who is one person"))
    add_referral(Group(groups, where, "referral", "who brings whom: rules, credits, referrers"))
    add_segment(groups)
    add_segments(Group(groups, where, "segments", "who stands where and why; nights, schemes"))
    _orders(Group(groups, where, "orders", "the day files of tills"))
    add_replay(Group(groups, where, "replay", "look at events that were set aside, replay them"))
    add_changes(Group(groups, where, "changes", "what follows a change of the table, once more"))
    add_console(Group(groups, where, "console", "let somebody use the console's API"))
    return top


def _where() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    one = options.add_mutually_exclusive_group()
    one.add_argument(
        "--stack",
        metavar="NAME",
        help="work on this stack on AWS, with your credentials; by default on what the environment"
        " names (TABLE_NAME, …)",
    )
    one.add_argument(
        "--local",
        dest="data",
        action="store_const",
        const=DATA,
        help="the running `make dev`",
    )
    one.add_argument(
        "--data", type=Path, metavar="DIR", help="a local run that keeps its data in DIR"
    )
    options.add_argument("--json", action="store_true", help="print the result as JSON")
    return options


def _store(group: Group) -> None:
    group.add("keys", "the newest keys, for the tills: secrets").add_argument(
        "store", type=names.store
    )
    group.add("rotate", "sign with the next version; earlier ones hold").add_argument(
        "store", type=names.store
    )
    revoke = group.add(
        "revoke", "refuse a version's receipts and requests; issued codes go on, they are no till's"
    )
    revoke.add_argument("store", type=names.store)
    revoke.add_argument("--version", type=names.version, required=True, metavar="N")
    revoke.add_argument(
        "--force",
        action="store_true",
        help="also the version in use: rotates in the same step, tills stop until they have it",
    )


def _members(group: Group) -> None:
    group.add("show", "a person: accounts, figures, credit, coupons").add_argument(
        "member", type=names.typed
    )
    group.add("reviews", "who may be one person and waits for a decision")
    for word, about in (("approve", "they are one person"), ("reject", "they are two")):
        decide = group.add(word, about)
        decide.add_argument("review", help="as `siyu members reviews` names it")
        _by(decide)
    merge = group.add("merge", "make two accounts one person; the older one stays")
    merge.add_argument("member", type=names.typed)
    merge.add_argument("other", type=names.typed)
    undo = group.add("undo", "take a merge back")
    undo.add_argument("member", type=names.typed, help="the account that was merged into another")
    for one in (merge, undo):
        _by(one)
        one.add_argument(
            "--because", type=names.reason, required=True, metavar="TEXT", help="kept; name nobody"
        )


def _orders(group: Group) -> None:
    one = group.add("import", "send what a CSV file says; run again, it goes on where it was")
    one.add_argument("file", type=Path, help="columns: docs/channels/csv.md; may be gzip")
    one.add_argument("--source", required=True, metavar="NAME", help="as the secret names it")
    one.add_argument("--report", type=Path, metavar="FILE", help="write all bad rows to this CSV")
    one.add_argument("--check", action="store_true", help="look only, send nothing")


def _by(one: argparse.ArgumentParser) -> None:
    one.add_argument("--by", type=names.person, required=True, metavar="NAME", help="who decides")
