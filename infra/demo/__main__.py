"""`python -m infra.demo`: replay real orders, recompute all figures, compare.

Exit codes: 0 all figures agree, 1 some differ, 2 unusable order file, 3 the demo cannot run here,
130 stopped by Ctrl-C.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from io import TextIOWrapper
from pathlib import Path

from infra.demo.figures import Programme
from infra.demo.page import render
from infra.demo.plan import Plan, make_plan
from infra.demo.proof import Comparison, compare, compare_totals, recompute
from infra.demo.reader import OrderFile, UnusableFileError, read_orders
from infra.demo.report import Timing, summarise, write_summary

ROOT = Path(__file__).resolve().parents[2]
ORDERS = ROOT / "events" / "online_retail" / "orders.csv.gz"
DATA = ROOT / ".local" / "demo"
SUMMARY = ROOT / "build" / "demo" / "summary.json"
SETUP_SECONDS = ROOT / ".tools" / "setup-seconds"
PROGRAMME = Programme()
AGREES, DIFFERS, UNUSABLE, FAILED, INTERRUPTED = 0, 1, 2, 3, 130


def main(arguments: Sequence[str] | None = None) -> int:
    _tolerate_any_terminal()
    options = _options(arguments)
    started = time.monotonic()
    try:
        orders = read_orders(options.orders, currency=options.currency, limit=options.limit)
    except UnusableFileError as error:
        print(f"demo: {error}", file=sys.stderr)
        return UNUSABLE
    plan = make_plan(orders.rows, orders.currency)
    print(
        f"{len(orders.rows):,} orders and refunds, {len(plan.scans):,} customers who will join; "
        f"{len(orders.bad):,} bad rows left out",
        file=sys.stderr,
    )
    return _run(orders, plan, options, started)


def _run(orders: OrderFile, plan: Plan, options: argparse.Namespace, started: float) -> int:
    # Imported here, so that an unusable file is refused without starting or needing a cloud.
    from infra.demo import driver  # noqa: PLC0415
    from infra.demo.shop import ShopError  # noqa: PLC0415
    from infra.local.errors import LocalError  # noqa: PLC0415

    try:
        outcome = driver.replay(plan, PROGRAMME, options.data)
    except (LocalError, ShopError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("\ndemo: stopped; the next run starts over and ends the same", file=sys.stderr)
        return INTERRUPTED
    expected = recompute(orders, plan.scans, PROGRAMME)
    actual = {name: state.figures for name, state in outcome.members.items()}
    comparison = compare(expected.members, actual)
    comparison = _with_more(comparison, compare_totals(expected.totals, outcome.totals))
    timing = Timing(_setup_seconds(), time.monotonic() - started)
    summary = summarise(plan, orders.bad, outcome, comparison, timing)
    write_summary(summary, options.summary)
    print(render(summary))
    print(f"The figures are in {options.summary}, the table in {options.data}.")
    return AGREES if comparison.agrees else DIFFERS


def _with_more(comparison: Comparison, differences: tuple[str, ...]) -> Comparison:
    return replace(comparison, differences=comparison.differences + differences)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.demo", description=__doc__)
    parser.add_argument("--orders", type=Path, default=ORDERS, help="order file, .csv or .csv.gz")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the demo's table")
    parser.add_argument("--summary", type=Path, default=SUMMARY, help="where the figures go")
    parser.add_argument("--limit", type=_positive, help="only the first rows of the file")
    parser.add_argument("--currency", help="three letters; default GBP for amount_pence, else CNY")
    return parser.parse_args(arguments)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _setup_seconds() -> float | None:
    try:
        return float(SETUP_SECONDS.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def _tolerate_any_terminal() -> None:
    """A terminal that cannot show Chinese shows question marks instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


if __name__ == "__main__":
    sys.exit(main())
