"""Recomputes every figure in SQL from the order file and compares it with the product's table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

import duckdb

from infra.demo.figures import MemberFigures, Programme, Totals, business_day
from infra.demo.plan import Scan
from infra.demo.reader import OrderFile, is_gzip

SHOWN_DIFFERENCES = 5
_SQL = Path(__file__).with_name("proof.sql")
_COLUMNS = "CREATE TABLE {0} AS SELECT unnest(?::VARCHAR[]) AS {1}, unnest(?::{3}[]) AS {2}"


@dataclass(frozen=True, slots=True)
class Expected:
    """What the file says of every joined customer (by customer id) and of the whole shop."""

    members: dict[str, MemberFigures]
    totals: Totals
    as_of: date


@dataclass(frozen=True, slots=True)
class Comparison:
    """`differences` describes the first few; `differing` counts members, not figures."""

    compared: int
    differing: int
    differences: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        return not self.differences


def recompute(orders: OrderFile, scans: Sequence[Scan], programme: Programme) -> Expected:
    with duckdb.connect() as database:
        _load(database, orders, scans, programme)
        database.execute(_SQL.read_text(encoding="utf-8"))
        members = {
            customer_id: MemberFigures(*figures)
            for customer_id, *figures in database.sql("FROM figures").fetchall()
        }
        totals = Totals(*database.sql("FROM totals").fetchall()[0])
        as_of = database.sql("FROM due").fetchall()[0][0]
    return Expected(members, totals, as_of)


def compare(
    expected: Mapping[str, MemberFigures], actual: Mapping[str, MemberFigures]
) -> Comparison:
    """Every figure of every member on either side."""
    customers = sorted({*expected, *actual})
    found = {
        customer_id: words
        for customer_id in customers
        if (words := _difference(expected.get(customer_id), actual.get(customer_id)))
    }
    shown = list(found.items())[:SHOWN_DIFFERENCES]
    differences = tuple(f"customer {customer_id}: {words}" for customer_id, words in shown)
    return Comparison(len(customers), len(found), differences)


def compare_totals(expected: Totals, actual: Totals) -> tuple[str, ...]:
    return tuple(
        f"whole shop: {field.name} is {getattr(actual, field.name)}, "
        f"the file says {getattr(expected, field.name)}"
        for field in fields(Totals)
        if getattr(actual, field.name) != getattr(expected, field.name)
    )


def _difference(expected: MemberFigures | None, actual: MemberFigures | None) -> str:
    if expected is None:
        return "a member who never joined in the file"
    if actual is None:
        return "joined but is no member"
    return ", ".join(
        f"{field.name} is {getattr(actual, field.name)}, "
        f"the file says {getattr(expected, field.name)}"
        for field in fields(MemberFigures)
        if getattr(actual, field.name) != getattr(expected, field.name)
    )


def _load(
    database: duckdb.DuckDBPyConnection,
    orders: OrderFile,
    scans: Sequence[Scan],
    programme: Programme,
) -> None:
    variables: dict[str, str | int] = {
        "path": str(orders.path),
        "compression": "gzip" if is_gzip(orders.path) else "none",
        "max_records": 2**62 if orders.limit is None else orders.limit,
        "rate_bp": programme.rate_bp,
        "min_order_minor": programme.min_order_minor,
        "hold_days": programme.hold_days,
    }
    for name, value in variables.items():
        database.execute(f"SET VARIABLE {name} = ?", [value])
    joined = [scan.customer_id for scan in scans]
    days = [business_day(scan.at).isoformat() for scan in scans]
    referred = [scan for scan in scans if scan.referrer is not None]
    edges = [scan.customer_id for scan in referred], [scan.referrer for scan in referred]
    bad = [row.record for row in orders.bad]
    # Whole columns in one statement each: row by row DuckDB takes seconds for a year of members.
    database.execute("CREATE TABLE bad AS SELECT unnest(?::BIGINT[]) AS record", [bad])
    database.execute(_COLUMNS.format("joins", "customer_id", "day", "DATE"), [joined, days])
    database.execute(_COLUMNS.format("referrals", "referee", "referrer", "VARCHAR"), edges)
