"""The words of `siyu codes` and of `siyu coupons`: what either gives is said alike."""

from __future__ import annotations

import argparse
from pathlib import Path

from infra.cli import names
from infra.cli.group import Group
from siyu.domain.issued_codes import IssuedKind


def add_codes(group: Group) -> None:
    create = group.add("create", "make one code; prints its token and its link")
    create.add_argument("--kind", required=True, choices=[kind.value for kind in IssuedKind])
    create.add_argument("--store", required=True, help="3 characters, such as A1B")
    _origin(create)
    create.add_argument("--guide", help="WeCom user id of a guide")
    create.add_argument("--channel", help="for your figures: moments, door, …")
    create.add_argument("--label", help="what is printed beside it")
    gives = create.add_argument_group("what it gives (else the brand's welcome)")
    _benefit(gives, required=False)
    gives.add_argument("--quota", metavar="N", help="how many coupons there are")
    create.add_argument("--from", dest="valid_from", metavar="DAY", help="such as 2027-03-01")
    create.add_argument("--until", dest="valid_until", metavar="DAY", help="the last day")
    create.add_argument("--out", type=Path, metavar="DIR", help="write code.svg and code.png too")
    _no_wecom(create)
    _batch(group)
    group.add("list", "the codes of a store, oldest first").add_argument("store", type=names.store)
    _code(group.add("show", "one code"))
    revoke = group.add("revoke", "let codes open nothing any more", module="revoke")
    which = revoke.add_mutually_exclusive_group(required=True)
    _code(which, nargs="?")
    which.add_argument("--list", type=Path, metavar="FILE", help="all of a batch: its codes.csv")


def add_coupons(group: Group) -> None:
    issue = group.add("issue", "give a member a coupon; prints until when it is good")
    issue.add_argument("member", type=names.typed)
    _benefit(issue, required=True)
    issue.add_argument(
        "--per-person", metavar="N", default="1", help="how many a person may have of it (1)"
    )
    group.add("list", "the coupons of a person").add_argument("member", type=names.typed)


def _batch(group: Group) -> None:
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


def _benefit(one: argparse._ActionsContainer, *, required: bool) -> None:
    one.add_argument("--benefit", metavar="NAME", required=required, help="name of the coupon")
    for option, dest, about in (
        ("--value", "value_minor", "worth, in fen"),
        ("--min-spend", "min_spend_minor", "least purchase, in fen"),
        ("--valid-days", "valid_days", "days from the day it is given"),
    ):
        one.add_argument(option, dest=dest, metavar="N", required=required, help=about)


def _code(one: argparse._ActionsContainer, nargs: str | None = None) -> None:
    about = "its token or key; blanks do no harm"
    one.add_argument("code", type=names.typed, nargs=nargs, help=about)


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
