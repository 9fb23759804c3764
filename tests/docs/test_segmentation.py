"""Every example of docs/segmentation*.md is what the product makes of it, in both languages."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from infra.demo.page import GROUP_TITLES, STAGE_TITLES
from siyu.api.scheme import LinesBody, SchemeRequest
from siyu.domain.calendar import BUSINESS_ZONE, business_date
from siyu.domain.cut_points import CutPoints
from siyu.domain.figures import Figures
from siyu.domain.label_book import BY_NIGHT, BY_ORDER, NOWHERE, Entry, LabelBook
from siyu.domain.order_facts import Paid, Refunded
from siyu.domain.orders import Order, standalone_order_id
from siyu.domain.published import measure_of
from siyu.domain.schemes import DEFAULT, Cutting, High, Lines, Rule, Scheme, Schemes
from siyu.domain.segments import AIPL, GROUPS, STAGES, Label, Measure, place
from siyu.services.publish_scheme import MAX_SCHEMES, next_night
from siyu.storage.aggregates import Aggregate
from siyu.storage.label_page import Change, pack, unpack
from siyu.storage.nights import KEPT_DAYS
from tests.docs import segmentation_pages as shown
from tests.docs.reading import DOCS, blocks, prose_of, text_of
from tests.docs.segmentation_pages import AS_OF, TABLES, TODAY, code, table
from tests.domain.populations import drawn_on

ENGLISH, CHINESE = DOCS / "segmentation.md", DOCS / "segmentation.zh-CN.md"
PAGES = (ENGLISH, CHINESE)
WINDOWS = (30, 90, 365, None)
pytestmark = pytest.mark.parametrize("page", PAGES, ids=["en", "zh"])


def nine(page: Path) -> list[Measure]:
    rows = table(page, "members")
    return [shown.bought(int(r), int(f), shown.minor(m)) for _, r, f, m in rows]


def of_rule(page: Path, rule: Rule) -> Scheme:
    lines = Lines(*shown.shown_lines(table(page, "own_lines"), "own"))
    return replace(DEFAULT, rule=rule, own_lines=lines if rule is Rule.OWN else None)


def test_both_pages_have_the_same_headings_tables_and_numbers(page: Path) -> None:
    assert shown.count_tables(page) == len(TABLES)
    levels = [re.findall(r"^(#+) ", prose_of(one), re.MULTILINE) for one in (page, ENGLISH)]
    assert levels[0] == levels[1]
    parts = [re.split(r"^#+ .*$", shown.words_of(one), flags=re.MULTILINE) for one in PAGES]
    for one, other in zip(*parts, strict=True):
        assert sorted(shown.numbers(one)) == sorted(shown.numbers(other))
        assert sorted(shown.codes(one)) == sorted(shown.codes(other))
    for name in TABLES:
        for one, other in zip(table(page, name), table(ENGLISH, name), strict=True):
            assert list(map(shown.codes, one)) == list(map(shown.codes, other))
            named = [name == "stages" and place == 1 for place in range(len(one))]
            for cell, same, is_name in zip(one, other, named, strict=True):
                assert is_name or shown.numbers(cell) == shown.numbers(same)


def test_days_and_windows(page: Path) -> None:
    for instant, day in table(page, "days"):
        assert business_date(datetime.fromisoformat(instant)) == date.fromisoformat(day)
    for day, *cells in table(page, "windows"):
        once = Figures({shown.ordinal(day): (1, 100)})
        counted = [bool(once.within(TODAY, window)[0]) for window in WINDOWS]
        assert counted == [shown.yes(cell) for cell in cells]


def test_recency_frequency_and_monetary(page: Path) -> None:
    figures = Figures()
    for name, day, paid, back, net, counts in table(page, "orders"):
        at = datetime.combine(date.fromisoformat(day), time(12), BUSINESS_ZONE)
        order = Order("shop", name if shown.minor(paid) else standalone_order_id(name))
        if shown.minor(paid):
            order = order.apply(Paid(shown.minor(paid), at))
        if shown.minor(back):
            order = order.apply(Refunded("r", shown.minor(back), at))
        assert order.contribution is not None
        assert order.contribution.net_minor == shown.minor(net)
        assert bool(order.contribution.orders) == shown.yes(counts)
        figures = figures.exchange(None, order.contribution)
    for window, (_, days, orders, net) in zip(WINDOWS, table(page, "figures"), strict=True):
        measure = measure_of(figures, 0, replace(DEFAULT, window_days=window), AS_OF)
        assert measure.last_day == TODAY - int(days)
        assert (measure.orders, measure.net_minor) == (int(orders), shown.minor(net))


def test_scores(page: Path) -> None:
    members = nine(page)
    for rule, name, column in (
        (Rule.INVERTED_CDF, "", 1),
        (Rule.LINEAR, "", 2),
        (Rule.OWN, "own_", 1),
    ):
        scheme = of_rule(page, rule)
        drawn = shown.drawn_lines(shown.cuts_of(members, scheme))
        assert drawn == shown.shown_lines(table(page, f"{name}lines"), rule)
        cells = [row[column] for row in table(page, f"{name}scores")]
        assert shown.scores(members, scheme) == [shown.triple(cell) for cell in cells]


def test_too_few_buyers_are_not_scored(page: Path) -> None:
    members = nine(page)
    for buyers, cell in table(page, "populations"):
        assert len(members) >= int(buyers)
        cuts = shown.cuts_of(members[: int(buyers)], DEFAULT)
        assert (cuts.high is not None) == shown.yes(cell)
    assert DEFAULT.min_population == 5


def test_value_groups(page: Path) -> None:
    groups = {
        tuple(map(shown.high, sides)): (code(name), title)
        for name, title, *sides in table(page, "groups")
    }
    assert {sides: name for sides, (name, _) in groups.items()} == GROUPS
    language = PAGES.index(page)
    assert all(
        title == GROUP_TITLES[name].split(" · ")[language] for name, title in groups.values()
    )
    members, grouped = nine(page), list(zip(*table(page, "grouped"), strict=True))[1:]
    sides = table(page, "sides")
    assert [code(name) for name, *_ in sides] == list(High)
    for (name, r, f, m), cells in zip(sides, grouped, strict=True):
        lines = (shown.number(r), shown.number(f), shown.minor(m))
        kind = High(code(name))
        scheme = replace(DEFAULT, high=kind, own_high=lines if kind is High.OWN else None)
        cuts = shown.cuts_of(members, scheme)
        assert cuts.high == lines
        placed = [place(one, scheme, cuts, AS_OF).group for one in members]
        assert placed == list(map(code, cells))


def test_stages(page: Path) -> None:
    rows = table(page, "stages")
    assert sorted(code(name) for name, *_ in rows) == sorted(STAGES)
    for name, title, _ in rows:
        assert title == STAGE_TITLES[code(name)].split(" · ")[PAGES.index(page)]
    limits = {code(name): [*map(int, shown.numbers(words))] for name, _, words in rows}
    for stage in ("new", "lost", "dormant"):
        assert limits[stage] == [getattr(DEFAULT, f"{stage}_days")]
    assert limits["super_user"] == [DEFAULT.super_user_percent]
    assert limits["key_care"] == [DEFAULT.key_care_percent, 2]
    nobody = shown.cuts_of([], DEFAULT)
    for r, joined, orders, stage in table(page, "borders"):
        one = shown.somebody(r, int(joined), int(orders))
        assert place(one, DEFAULT, nobody, AS_OF).stage == code(stage)
    for name, _, words in rows[6:]:
        one = shown.somebody("0", 400, shown.number(words))
        assert place(one, DEFAULT, nobody, AS_OF).stage == code(name)


def test_ties(page: Path) -> None:
    rows = table(page, "ties")
    members = [shown.bought(9, int(f), shown.minor(m)) for _, f, m, _ in rows]
    cuts = shown.cuts_of(members, DEFAULT)
    placed = [place(one, DEFAULT, cuts, AS_OF).stage for one in members]
    assert placed == [code(stage) for *_, stage in rows]


def test_aipl(page: Path) -> None:
    assert tuple(code(name) for name, *_ in table(page, "aipl")) == AIPL
    for r, joined, orders, name in table(page, "aipl_examples"):
        one = shown.somebody(r, int(joined), int(orders))
        assert place(one, DEFAULT, shown.cuts_of([], DEFAULT), AS_OF).aipl == code(name)


def test_fields_of_a_scheme(page: Path) -> None:
    listed = {code(name): json.loads(code(cell)) for name, _, cell in table(page, "fields")}
    ours = SchemeRequest().model_dump(mode="json")
    assert listed == ours
    assert LinesBody.model_fields.keys() <= set(shown.codes(table(page, "fields")[5][1]))
    assert f" {MAX_SCHEMES} " in text_of(page)


def test_the_example_of_a_version_is_taken_as_it_is(page: Path) -> None:
    (body,) = blocks(page, "json")
    assert blocks(page) == blocks(ENGLISH)
    assert SchemeRequest.model_validate_json(body).to_scheme().stores == ("A1B", "A1C")


def test_versions_count_from_the_next_night(page: Path) -> None:
    told = {2: "2026-11-03T23:00:00+08:00", 3: "2026-11-09T00:00:00+08:00"}
    published = [
        replace(DEFAULT, version=version, effective_from=next_night(datetime.fromisoformat(at)))
        for version, at in told.items()
    ]
    for night, version in table(page, "versions"):
        (in_force,) = Schemes(tuple(published)).on(date.fromisoformat(night))
        assert in_force.version == int(version)


def test_when_lines_are_drawn(page: Path) -> None:
    nights = [date(2026, 11, 1) + timedelta(days=day) for day in range(30)]
    rows = {Cutting(code(name)): told for name, _, told in table(page, "cutting")}
    assert list(rows) == list(Cutting)
    for cutting, told in rows.items():
        drawn = [night.isoformat() for night in drawn_on(cutting, nights)]
        expected = [str(len(nights))] if len(drawn) == len(nights) else drawn
        assert re.findall(r"[\d-]+", told) == expected
    cuts = CutPoints("default", 1, nights[0], 9, (120, 60, 30, 7), (1,) * 4, (1,) * 4, (1, 1, 1))
    for as_of, last, days, score in table(page, "frozen"):
        idle = shown.ordinal(as_of) - shown.ordinal(last)
        one = replace(shown.bought(0, 1, 100), last_day=shown.ordinal(last))
        scores = place(one, DEFAULT, cuts, date.fromisoformat(as_of)).scores
        assert (idle, scores and scores[0]) == (int(days), int(score))


def test_schemes_side_by_side(page: Path) -> None:
    north = Scheme("north", stores=("A1B", "A1C"))
    for _, store, *cells in table(page, "side_by_side"):
        assert [one.covers(store) for one in (DEFAULT, north)] == list(map(shown.yes, cells))


def test_a_day_of_a_member(page: Path) -> None:
    book, last, previous = LabelBook(), TODAY - 2, TODAY - 3
    for day, what, label, before, told in table(page, "day"):
        by_night, now = what in {"night", "夜间任务"}, Label(code(label), "purchase")
        if by_night:
            previous, last = last, shown.ordinal(day)
        cause = BY_NIGHT if by_night else BY_ORDER
        book = book.relabelled("default", now.code, last, previous, cause)
        entry = book.entries["default"]
        stood = entry.stood_at(previous if by_night else last)
        known = [] if stood == NOWHERE else [Label.of_code(stood).stage]
        assert shown.codes(before) == known
        changed = by_night and entry.changed_after(last, previous)
        assert shown.codes(told) == ([*known, now.stage] if changed else [])


def test_what_a_change_keeps(page: Path) -> None:
    cells = [cell for _, cell in table(page, "change")]
    before, now = (
        Label(stage, aipl, group).code for stage, group, aipl in map(shown.codes, cells[1:3])
    )
    entry = Entry(now, shown.ordinal(cells[0]) - 1, before, BY_ORDER)
    change = Change("m1", entry, shown.ordinal(cells[4]), int(cells[5]), int(cells[6]))
    assert list(unpack(pack([change]))) == [change]
    assert entry.changed_after(shown.ordinal(cells[0]), shown.ordinal(cells[0]) - 1)
    assert {str(KEPT_DAYS), "13"} <= set(shown.numbers(text_of(page).split("\n## ")[-1]))


def test_who_is_left_out(page: Path) -> None:
    one = Aggregate("m1", Figures(), TODAY, "A1B")
    accounts = (one, replace(one, up="m2"), replace(one, gone=True), replace(one, out=True))
    cells = [shown.yes(cell) for _, cell in table(page, "left_out")]
    assert [account.counted for account in accounts] == cells
