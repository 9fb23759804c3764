"""The sentence behind every label."""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path

import pytest

from infra.segment.files import member_lines
from infra.segment.result import Result
from infra.segment.why import Whys
from siyu.domain.schemes import DEFAULT, Scheme
from tests.segment.shop import REAL_ORDERS, result_of, write

AS_OF = date(2011, 12, 10)


@pytest.fixture(scope="module")
def year() -> Result:
    return result_of(REAL_ORDERS, AS_OF)


def sentences(result: Result) -> dict[str, str]:
    lines = member_lines(result.scored, result.money)
    return {row[0]: row[-1] for row in csv.reader(lines, strict=True)}


def test_it_has_every_number_and_every_line(year: Result) -> None:
    assert sentences(year)["12748"] == (
        "bought 1 day ago (R5: under 15 days), 202 orders (F5: over 5), net 29,072.10 (M5: over"
        " 2,020.52); important_value: recent (under 72 days), frequent (over 2), high spend (over"
        " 478.78); super_user: top 10 % by net sales (3,540.10 or more); loyalty: 2 orders or more,"
        " not lost"
    )


def test_members_of_one_number_share_a_sentence_that_fits_all_of_them(year: Result) -> None:
    whys, first = Whys(year.scored, year.money), dict[int, str]()
    for at, number in enumerate(year.scored.numbers):
        assert whys.sentence(at) == first.setdefault(number, whys.sentence(at))


def test_every_line_told_was_drawn(year: Result) -> None:
    cuts = year.scored.cuts
    drawn = {f"{days:,} days" for days in (*cuts.recency, cuts.high[0] if cuts.high else 0)}
    for one in sentences(year).values():
        assert set(re.findall(r"under ([\d,]+ days)", one)) <= drawn


def told(folder: Path, *rows: str, scheme: Scheme = DEFAULT) -> str:
    path = write(folder, *rows)
    return sentences(result_of(path, date(2026, 3, 1), scheme))["ann"]


ORDER = "1,order,,ann,{},100"


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2026-02-28", "bought 1 day ago, 1 order, net 1.00; not scored: 1 bought, 5 are needed"),
        ("2025-08-01", "; dormant: over 180 days; purchase: under 2 orders"),
        ("2024-08-01", "; lost: over 365 days; purchase: under 2 orders"),
        ("2026-02-28", "; first_purchase: 1 order ever; purchase: under 2 orders"),
    ],
)
def test_the_stage_is_told_by_the_rule_that_held(tmp_path: Path, day: str, words: str) -> None:
    assert words in told(tmp_path, ORDER.format(day))


def test_whoever_gave_all_back_has_no_purchase(tmp_path: Path) -> None:
    back = "2,refund,1,,2026-02-10,100"
    assert told(tmp_path, ORDER.format("2026-02-01"), back) == (
        "no purchase that stands, first order 28 days ago, net 0.00; new: within 30 days; interest"
    )
    assert told(tmp_path, ORDER.format("2026-01-01"), back).endswith(
        "; prospect: not within 30 days; aware"
    )


def test_the_window_is_named(tmp_path: Path) -> None:
    scheme = Scheme("short", window_days=30, min_population=1)
    rows = [ORDER.format("2025-12-01"), "2,order,,bob,2026-02-28,100"]
    assert told(tmp_path, *rows, scheme=scheme) == (
        "bought 90 days ago, 0 orders in 30 days, net 0.00; not scored: no order in 30 days;"
        " first_purchase: 1 order ever; purchase: under 2 orders in 30 days"
    )


def test_loyal_and_lost_do_not_go_together(tmp_path: Path) -> None:
    rows = [ORDER.format("2024-01-01"), "2,order,,ann,2024-01-02,100"]
    assert told(tmp_path, *rows).endswith("; purchase: lost, over 365 days")
