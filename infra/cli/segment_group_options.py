"""The words of `siyu segments`."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from infra.cli import names
from infra.cli.group import Group
from siyu.domain.schemes import DEFAULT

ANEW = "nothing was written, and the same command begins anew"
PARTS = ("stage", "group", "aipl")
EARLIEST, LATEST = date(2000, 1, 1), date(9000, 1, 1)


def add_segments(group: Group) -> None:
    explain = group.add("explain", "why a member stands where they stand, and stood before")
    explain.add_argument("member", type=names.typed)
    _scheme(explain)
    sizes = group.add("nights", "how large each part was, night by night, and the lines")
    _scheme(sizes)
    sizes.add_argument("--since", type=day, metavar="DAY", help="the first night (a month before)")
    sizes.add_argument("--until", type=day, metavar="DAY", help="the last night (today's)")
    shown = sizes.add_mutually_exclusive_group()
    shown.add_argument("--by", choices=PARTS, default=PARTS[0], help="which parts (stage)")
    shown.add_argument("--lines", action="store_true", help="the lines in place of the sizes")
    flows = group.add("flows", "how many moved from where to where between two nights")
    _scheme(flows)
    flows.add_argument("--from", dest="first", type=day, required=True, metavar="NIGHT")
    flows.add_argument("--to", dest="last", type=day, required=True, metavar="NIGHT")
    flows.add_argument("--by", choices=PARTS, default=PARTS[0], help="which parts (stage)")
    group.add("schemes", "all versions of the schemes, and which are in force", module="schemes")
    about = "publish one more version; it counts from the next night on"
    publish = group.add("publish", about, module="schemes")
    publish.add_argument("rules", type=Path, metavar="SCHEME.json", help="as the API takes it")
    publish.add_argument("--by", type=names.person, required=True, metavar="NAME", help="who")
    run = group.add("run", "run a night by hand; a night that is over is told again")
    run.add_argument("--as-of", type=day, metavar="DAY", help="the business day that begins")
    about = "how many members a query finds, or a file of them"
    audience = group.add("audience", about, module="audience")
    audience.add_argument("query", type=Path, metavar="QUERY.json", help="as the API takes it")
    audience.add_argument("--out", type=table_file, metavar="FILE", help="a .parquet or a .csv")
    audience.set_defaults(stopped=ANEW)
    about = "everybody's figures and labels from the facts, beside what is stored"
    rebuild = group.add("rebuild", about, module="rebuild")
    rebuild.add_argument("--write", action="store_true", help="put right what differs")


def _scheme(one: argparse.ArgumentParser) -> None:
    one.add_argument("--scheme", default=DEFAULT.name, metavar="NAME", help="else `default`")


def day(text: str) -> date:
    """A day as it is typed, not near the calendar's ends."""
    try:
        typed = date.fromisoformat(text)
    except ValueError:
        typed = date.min
    if not EARLIEST <= typed < LATEST:
        raise argparse.ArgumentTypeError("a day is like 2027-03-01")
    return typed


def table_file(text: str) -> Path:
    """A file of rows as it is typed, of a kind that we write."""
    path = Path(text)
    if path.suffix not in {".parquet", ".csv"} or not text.isprintable():
        raise argparse.ArgumentTypeError("a printable name that ends in .parquet or .csv")
    return path
