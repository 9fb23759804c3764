"""The words of `siyu replay`, `siyu changes` and `siyu console`."""

from __future__ import annotations

import argparse

from infra.cli import names
from infra.cli.group import Group

MAX_LISTED = 10_000


def add_replay(group: Group) -> None:
    listed = group.add("list", "what waits for somebody, oldest first")
    _filters(listed)
    listed.add_argument("--limit", type=_most, default=50, metavar="N", help="most of them")
    shown = group.add("show", "one event: why it was set aside, what became of it")
    shown.add_argument("event", help="as `siyu replay list` names it")
    shown.add_argument(
        "--raw", action="store_true", help="the message too; it may hold personal data"
    )
    tried = group.add("try", "say what replaying events would change; writes nothing")
    tried.add_argument("event", nargs="+", help="as `siyu replay list` names it")
    run = group.add("run", "replay events; each has its effect once, however often it is replayed")
    which = run.add_mutually_exclusive_group(required=True)
    which.add_argument("event", nargs="*", default=[], help="as `siyu replay list` names it")
    which.add_argument("--all", action="store_true", help="all that are open, oldest first")
    _filters(run)
    _by(run)
    discard = group.add("discard", "take events off the list without effect")
    discard.add_argument("event", nargs="+", help="as `siyu replay list` names it")
    _by(discard)
    discard.add_argument(
        "--because", type=names.reason, required=True, metavar="TEXT", help="kept; name nobody"
    )


def add_changes(group: Group) -> None:
    follow = group.add("follow", "do again what follows a change of items; again is harmless")
    follow.add_argument(
        "key", nargs="+", help="partition key, such as O#shop#1001 (an order) or M#<member>"
    )


def add_console(group: Group) -> None:
    token = group.add("token", "a token that opens the console's API for some hours: a secret")
    _by(token)


def _filters(one: argparse.ArgumentParser) -> None:
    one.add_argument("--source", metavar="NAME", help="only those of one source")
    one.add_argument("--reason", metavar="CODE", help="only those with one reason")


def _by(one: argparse.ArgumentParser) -> None:
    one.add_argument("--by", type=names.person, required=True, metavar="NAME", help="who does it")


def _most(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MAX_LISTED:
        raise argparse.ArgumentTypeError(f"a number from 1 to {MAX_LISTED:,}")
    return int(text)
