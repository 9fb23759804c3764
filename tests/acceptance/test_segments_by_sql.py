"""Where every member of a real shop stands is what SQL makes of its order file."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import duckdb
import pytest

from infra.demo.figures import business_day
from infra.demo.reader import is_gzip, read_orders
from infra.demo.rows import Row
from siyu.domain.figures import Figures
from siyu.domain.label_book import EMPTY, LabelBook
from siyu.domain.order_facts import Fact, Paid, Refunded
from siyu.domain.orders import Order, standalone_order_id
from siyu.domain.published import label_of
from siyu.domain.schemes import DEFAULT, High, Rule, Scheme, Schemes
from siyu.domain.segments import Label
from siyu.services.draw_lines import draw
from siyu.services.place_members import place_by
from siyu.services.segment_members import segment_members
from siyu.storage import schemes
from siyu.storage.columns import Columns, gather, pack
from siyu.storage.pages import Page
from tests.replay.year import FILE
from tests.services.shop import paid, receipt, refunded, scan, settle
from tests.support import SOURCE, dump

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sample_orders.csv"
SQL = Path(__file__).with_name("segments.sql").read_text(encoding="utf-8")
SCHEMES = (
    DEFAULT,
    Scheme(
        "lately",
        window_days=90,
        rule=Rule.LINEAR,
        high=High.MEDIAN,
        super_user_percent=3,
        key_care_percent=17,
        new_days=7,
        dormant_days=60,
        lost_days=120,
        loyal_orders=3,
    ),
    Scheme("year", window_days=365, high=High.MEAN, super_user_percent=1, key_care_percent=50),
)
DAYS = (date(2011, 3, 31), date(2011, 9, 8), date(2011, 12, 10))
EVERYBODY = {DAYS[0]: 2_189, DAYS[1]: 3_404, DAYS[2]: 4_371}
names = [scheme.name for scheme in SCHEMES]

Expected = tuple[str, str, str | None, tuple[int, int, int] | None]
Member = tuple[Figures, int]


Placed = dict[str, Expected]
LinesBySql = dict[str, tuple[int, ...]]


def by_sql(path: Path, scheme: Scheme, as_of: date) -> tuple[Placed, LinesBySql]:
    """Stage, AIPL, group and scores of each customer; the lines of r, f and m, rounded down."""
    given = {
        name: getattr(scheme, name)
        for name in (
            "window_days", "rule", "high", "super_user_percent", "key_care_percent", "new_days",
            "dormant_days", "lost_days", "loyal_orders", "min_population",
        )
    }  # fmt: skip
    given |= {"path": str(path), "compression": "gzip" if is_gzip(path) else "none"}
    with duckdb.connect() as database:
        for name, value in {**given, "as_of": as_of.isoformat()}.items():
            database.execute(f"SET VARIABLE {name} = ?", [value])
        database.execute(SQL)
        found = database.sql("FROM placed").fetchall()
        drawn = database.sql("FROM lines WHERE percent <> 50 ORDER BY percent").fetchall()
    placed = {
        customer: (stage, aipl, group, (r, f, m) if group else None)
        for customer, stage, aipl, group, r, f, m in found
    }
    lines = {what: tuple(int(line) // 100 for _, of, line in drawn if of == what) for what in "rfm"}
    return placed, lines


def folded(entries: Iterable[Row]) -> Iterator[tuple[str | None, Order]]:
    """The orders of a file, with their customers."""
    orders: dict[str, Order] = {}
    for row in entries:
        amount, at, customer = row.amount_minor, row.placed_at, row.customer_id
        order_id = row.invoice if row.kind == "order" else row.refund_of
        name = order_id or standalone_order_id(row.invoice)
        fact: Fact = Refunded(row.invoice, amount, at, None if order_id else customer)
        if row.kind == "order":
            fact = Paid(amount, at, customer)
        orders[name] = orders.get(name, Order(SOURCE, name)).apply(fact)
    return ((order.buyer_key, order) for order in orders.values())


@cache
def members_of(path: Path) -> Mapping[str, Member]:
    """Figures and day of joining, which is the first day we hear of somebody."""
    entries = read_orders(path).rows
    joined: dict[str, int] = {}
    for row in entries:
        if row.customer_id is not None:
            day = business_day(row.placed_at).toordinal()
            joined[row.customer_id] = min(day, joined.get(row.customer_id, day))
    figures = dict.fromkeys(joined, Figures())
    for customer, order in folded(entries):
        if customer is not None:
            figures[customer] = figures[customer].exchange(None, order.contribution)
    return {customer: (figures[customer], day) for customer, day in joined.items()}


def joined_by(path: Path, as_of: date) -> dict[str, Member]:
    everybody = members_of(path).items()
    return {name: member for name, member in everybody if member[1] <= as_of.toordinal()}


def columns_of(members: Mapping[str, Member], as_of: date) -> Columns:
    """As the night reads them."""
    page = Page(
        [
            pack(name, figures, version=1, counted=True, joined_day=joined, store="A1B")
            for name, (figures, joined) in members.items()
        ],
        [EMPTY] * len(members),
        [base64.b64encode(figures.pack()).decode() for figures, _ in members.values()],
        None,
    )
    return gather([page], as_of, {None, *(one.window_days for one in SCHEMES)})


def told(label: Label) -> Expected:
    return label.stage, label.aipl, label.group, label.scores


@pytest.mark.parametrize("as_of", DAYS, ids=str)
@pytest.mark.parametrize("scheme", SCHEMES, ids=names)
def test_a_real_year_is_placed_as_sql_places_it(scheme: Scheme, as_of: date) -> None:
    expected, lines = by_sql(FILE, scheme, as_of)
    members = joined_by(FILE, as_of)
    columns = columns_of(members, as_of)
    cuts = draw(columns, scheme, as_of)
    assert lines["r"] == tuple(-line for line in cuts.recency)
    assert (lines["f"], lines["m"]) == (cuts.frequency, cuts.monetary)
    placed = place_by(columns, scheme, cuts, as_of)
    labels = map(placed.placing.label, placed.numbers)
    by_night = dict(zip(columns.member_ids, labels, strict=True))
    by_order = {
        name: label_of(figures, joined, (scheme, cuts), as_of)
        for name, (figures, joined) in members.items()
    }
    differing = {name for name in expected if told(by_night[name]) != expected[name]}
    assert not differing, f"{len(differing)} of {len(expected)} members differ"
    assert by_night == by_order
    assert len(expected) == len(members) == EVERYBODY[as_of]


def test_each_scheme_and_day_is_a_case_of_its_own() -> None:
    tables = [by_sql(FILE, scheme, as_of)[0] for scheme in SCHEMES for as_of in DAYS]
    assert len({tuple(sorted(table.items())) for table in tables}) == len(tables)
    stages = {stage for table in tables for stage, *_ in table.values()}
    assert len(stages) == 12
    assert {aipl for table in tables for _, aipl, *_ in table.values()} == {
        "aware", "interest", "purchase", "loyalty",
    }  # fmt: skip
    assert len({group for table in tables for *_, group, _ in table.values()}) == 9


def told_to_the_shop(entries: Iterable[Row]) -> dict[str, str]:
    """Send the file's events; every customer scans a receipt of theirs. Customer to member id."""
    members: dict[str, str] = {}
    for serial, row in enumerate(entries):
        at, customer = row.placed_at.isoformat(), row.customer_id
        given = {"occurred_at": at, "buyer_id": customer} if customer else {"occurred_at": at}
        if row.kind == "refund":
            refunded(row.refund_of, row.invoice, row.amount_minor, **given)
            continue
        token = receipt(serial, business_day(row.placed_at))
        paid(row.invoice, row.amount_minor, receipt_token=token, **given)
        if customer is not None and customer not in members:
            members[customer] = scan(token, f"o-{customer}", now=row.placed_at).member_id
    settle()
    return members


def test_a_night_on_the_engine_labels_as_sql_does() -> None:
    entries = read_orders(SAMPLE).rows
    as_of = max(business_day(row.placed_at) for row in entries) + timedelta(days=1)
    published = Schemes()
    for scheme in SCHEMES[1:]:
        schemes.append(published, scheme, {})
        published = Schemes((*published.published, scheme))
    members = told_to_the_shop(entries)
    reports = {report.scheme: report for report in segment_members(as_of)}
    books = {
        item["SK"]["S"]: LabelBook.unpack(item["lb"]["S"])
        for item in dump().values()
        if item["kind"]["S"] == "AGGREGATE"
    }
    assert books.keys() == set(members.values())
    for scheme in SCHEMES:
        table, _ = by_sql(SAMPLE, scheme, as_of)
        expected = {name: table[name] for name in members}
        codes = {name: books[member].code(scheme.name) for name, member in members.items()}
        found = {name: Label.of_code(code) for name, code in codes.items() if code}
        places = {name: (one.stage, one.aipl, one.group) for name, one in found.items()}
        wanted = {name: one[:3] for name, one in expected.items()}
        assert places == wanted, f"{len(members)} members compared"
        cells = Counter(f"{one[3][0]}{one[3][1]}" for one in expected.values() if one[3])
        assert {cell: part.members for cell, part in reports[scheme.name].scores.items()} == cells
        assert reports[scheme.name].population == cells.total()
