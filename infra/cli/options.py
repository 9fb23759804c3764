"""The words of the command; each leaf names the module and the function that do it."""

from __future__ import annotations

import argparse
from pathlib import Path

from infra.cli import names
from infra.cli.places import DATA
from siyu.domain.issued_codes import IssuedKind

ABOUT = "Codes, keys of stores and members of a Siyu."
MORE = """\
exit codes: 0 done, 1 refused or not found, 2 bad input, 3 cannot be reached, 130 stopped

  siyu codes create --kind store --store A1B --origin https://shop.example --stack siyu
  siyu codes batch doors.csv --origin https://shop.example --out doors --local
"""
Words = dict[str, object]


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
    _codes(_Group(groups, where, "codes", "doors, guides, posters, parcel cards, campaigns"))
    _store(_Group(groups, where, "store", "the keys of one store's tills"))
    _members(_Group(groups, where, "members", "look at members, decide who is one person"))
    return top


class _Group:
    """The commands about one thing."""

    def __init__(
        self,
        groups: argparse._SubParsersAction[argparse.ArgumentParser],
        where: argparse.ArgumentParser,
        module: str,
        about: str,
    ) -> None:
        found = groups.add_parser(module, help=about, description=about)
        self._commands = found.add_subparsers(metavar="COMMAND", required=True)
        self._where = where
        self._module = module

    def add(self, word: str, about: str, module: str | None = None) -> argparse.ArgumentParser:
        found = self._commands.add_parser(
            word, help=about, description=about, parents=[self._where]
        )
        found.set_defaults(command=(module or self._module, word))
        return found


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


def _codes(group: _Group) -> None:
    create = group.add("create", "make one code; prints its token and its link")
    create.add_argument("--kind", required=True, choices=[kind.value for kind in IssuedKind])
    create.add_argument("--store", required=True, help="3 characters, such as A1B")
    _origin(create)
    create.add_argument("--guide", help="WeCom user id of a guide")
    create.add_argument("--channel", help="for your figures: moments, door, …")
    create.add_argument("--label", help="what is printed beside it")
    benefit = create.add_argument_group("what it gives (else the brand's welcome)")
    benefit.add_argument("--benefit", metavar="NAME", help="name of the coupon")
    benefit.add_argument("--value", dest="value_minor", metavar="N", help="worth, in fen")
    benefit.add_argument("--min-spend", dest="min_spend_minor", metavar="N", help="in fen")
    benefit.add_argument("--valid-days", metavar="N", help="days from joining")
    benefit.add_argument("--quota", metavar="N", help="how many coupons there are")
    create.add_argument("--from", dest="valid_from", metavar="DAY", help="such as 2027-03-01")
    create.add_argument("--until", dest="valid_until", metavar="DAY", help="the last day")
    create.add_argument("--out", type=Path, metavar="DIR", help="write code.svg and code.png too")
    _no_wecom(create)
    batch = group.add(
        "batch",
        "make the codes of a CSV file; cut short, the same command goes on and makes none twice",
        module="batch",
    )
    batch.add_argument("file", type=Path, help="one code a row; the README has the columns")
    _origin(batch)
    batch.add_argument("--out", type=Path, required=True, metavar="DIR", help="where it all goes")
    batch.add_argument("--title", help="above each page of the sheet; else the file's name")
    batch.add_argument(
        "--name", type=names.batch, help="equal rows of one name are one code; else by content"
    )
    batch.add_argument("--no-png", dest="png", action="store_false", help="SVG pictures only")
    _no_wecom(batch)
    group.add("list", "the codes of a store, oldest first").add_argument("store", type=names.store)
    for word, about in (("show", "one code"), ("revoke", "let a code open nothing any more")):
        one = group.add(word, about)
        one.add_argument("code", type=names.typed, help="its token or key; blanks do no harm")


def _origin(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--origin",
        type=names.origin,
        required=True,
        metavar="URL",
        help="what links begin with, such as https://shop.example",
    )


def _no_wecom(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--no-wecom", dest="wecom", action="store_false", help="make no contact way of a guide"
    )


def _store(group: _Group) -> None:
    group.add("keys", "the newest keys, for the tills: secrets").add_argument(
        "store", type=names.store
    )
    group.add("rotate", "sign with the next version; earlier ones hold").add_argument(
        "store", type=names.store
    )
    revoke = group.add("revoke", "refuse all that was signed with one version")
    revoke.add_argument("store", type=names.store)
    revoke.add_argument("--version", type=names.version, required=True, metavar="N")
    revoke.add_argument(
        "--force",
        action="store_true",
        help="also the version in use: rotates in the same step, tills stop until they have it",
    )


def _members(group: _Group) -> None:
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


def _by(one: argparse.ArgumentParser) -> None:
    one.add_argument("--by", type=names.person, required=True, metavar="NAME", help="who decides")
