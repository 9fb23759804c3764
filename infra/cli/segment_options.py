"""The words of `siyu segment`, the one command that needs no Siyu anywhere."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from infra.cli.segment_group_options import ANEW, day

ABOUT = "the segments of a file of orders, here and now: no account, no network"


def add_segment(groups: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """It stands by itself beside the groups, and says of itself that it needs no place."""
    one = groups.add_parser("segment", help=ABOUT, description=ABOUT)
    one.add_argument(
        "file",
        type=Path,
        metavar="ORDERS.csv",
        help="columns as in the README; may be gzip; - is standard input",
    )
    one.add_argument(
        "--as-of", type=day, metavar="DAY", help="the last day that counts (that of the last row)"
    )
    one.add_argument(
        "--scheme", type=Path, metavar="FILE", help="a scheme as JSON, as the API takes it"
    )
    one.add_argument(
        "--currency", type=currency, metavar="CODE", help="such as EUR; else GBP for amount_pence"
    )
    one.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="folder to write (segments-FILE-DAY); files of ours in it are replaced",
    )
    one.add_argument("--json", action="store_true", help="print the summary as JSON")
    one.set_defaults(command=("segment", "segment"), placeless=True, stopped=ANEW)


def currency(text: str) -> str:
    """The code of a currency as it is typed."""
    if not re.fullmatch(r"[A-Za-z]{3}", text):
        raise argparse.ArgumentTypeError("a currency is like CNY")
    return text.upper()
