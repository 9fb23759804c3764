"""The page: complete, in two languages, and nothing in it comes from a cell unescaped."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from infra.segment.charts import shade
from infra.segment.markup import both, element, share, width
from infra.segment.report import page
from infra.segment.result import Result
from infra.segment.words import AIPL, GROUPS, HIGH, RULES, STAGES
from siyu.domain import schemes, segments
from siyu.domain.night_report import UNSCORED
from siyu.domain.schemes import Lines, Rule, Scheme
from tests.segment.shop import REAL_ORDERS, result_of, write

AS_OF = date(2011, 12, 10)
VOID = {"meta"}
EVIL = '<script>alert("x")</script>'


class Reader(HTMLParser):
    """Texts and elements; raises on what is not closed in its order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: list[str] = []
        self.words: list[str] = []
        self.feed(html)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - inherited
        self.names.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(self.words)


@pytest.fixture(scope="module")
def year() -> Result:
    return result_of(REAL_ORDERS, AS_OF)


@pytest.fixture(scope="module")
def html(year: Result) -> str:
    return page(year)


def test_it_needs_no_network_and_runs_nothing(html: str) -> None:
    names = set(Reader(html).names)
    assert not names & {"script", "link", "img", "iframe", "object", "form", "a", "base"}
    assert not re.search(r"https?:|url\(|@import|\bon\w+=", html)
    assert "default-src &#x27;none&#x27;" in html


def test_every_part_is_there_with_its_figures(year: Result, html: str) -> None:
    text, report = Reader(html).text, year.scored.report
    for words, parts in ((GROUPS, report.groups), (STAGES, report.stages), (AIPL, report.aipl)):
        for name, part in parts.items():
            assert words[name].en in text
            assert words[name].zh in text
            assert f"{part.members:,}" in text
    for part in (*report.groups.values(), *report.stages.values()):
        assert year.money.whole(part.net_minor) in text
    for cell in report.scores.values():
        assert f"<b>{cell.members:,}</b>" in html
    assert text.count(" of sales") == len(report.scores) == 25
    for told in ("as of 2011-12-10", "2011 年 12 月 10 日", "≥ 3,540.10", "72 – 179", "4 – 5"):
        assert told in text


def test_every_name_of_the_domain_has_words() -> None:
    assert set(GROUPS) == {*segments.GROUPS.values(), UNSCORED}
    assert tuple(STAGES) == segments.STAGES
    assert tuple(AIPL) == segments.AIPL
    assert set(RULES) == set(schemes.Rule)
    assert set(HIGH) == set(schemes.High)


def test_what_the_file_says_stays_text(tmp_path: Path) -> None:
    path = write(tmp_path, "1,order,,ann,2026-03-01,5", f"2,order,,bob,{EVIL.replace(',', '')},5")
    path = path.rename(tmp_path / "<b>&.csv")
    shown = page(result_of(path, date(2026, 3, 1)))
    assert "<script" not in shown
    assert "<b>&.csv" not in shown
    text = Reader(shown).text
    assert EVIL[:20] in text
    assert "<b>&.csv" in text


def test_elements_escape_what_is_said_of_them() -> None:
    assert element("p", class_='a"b') == '<p class="a&quot;b"></p>'
    assert "<i>" not in both("<i>", "<i>")


def test_with_too_few_buyers_it_says_so(tmp_path: Path) -> None:
    path = write(tmp_path, "1,order,,ann,2026-03-01,500")
    text = Reader(page(result_of(path, date(2026, 3, 1)))).text
    assert "Nobody is scored: 1 bought, 5 are needed." in text
    assert "What each score takes" not in text


def test_scores_that_nobody_can_have_are_a_dash(tmp_path: Path) -> None:
    lines = Lines((90, 30, 30, 7), (1, 1, 3, 3), (100, 100, 200, 300))
    scheme = Scheme("own_lines", rule=Rule.OWN, own_lines=lines, min_population=1, window_days=90)
    path = write(tmp_path, "1,order,,ann,2026-03-01,500")
    text = Reader(page(result_of(path, date(2026, 3, 1), scheme))).text
    for row in (
        ("≥ 90", "30 – 89", "–", "7 – 29", "0 – 6"),
        ("1", "–", "2 – 3", "–", "≥ 4"),
        ("≤ 1.00", "–", "≤ 2.00", "≤ 3.00", "> 3.00"),
        ("90 days", "90 天"),
    ):
        assert " ".join(row) in text


def test_all_bad_rows_are_counted_and_some_shown(tmp_path: Path) -> None:
    good = "1,order,,ann,2026-03-01,500"
    result = result_of(write(tmp_path, good, *["bad"] * 30), date(2026, 3, 1))
    text = Reader(page(result)).text
    assert text.count("1 fields where") == 20
    assert "10 more; all are in bad_rows.csv" in text
    assert "30 rows of the file were left out; the last part says why." in text


@pytest.mark.parametrize(
    ("part", "whole", "told"),
    [(1, 3, "33.3 %"), (2, 3, "66.7 %"), (-1, 3, "−33.3 %"), (1, 0, "–"), (-1, 10**6, "0.0 %")],
)
def test_shares_are_rounded_half_up(part: int, whole: int, told: str) -> None:
    assert share(part, whole) == told


@pytest.mark.parametrize(
    ("part", "whole", "level"), [(-5, 100, 1), (0, 0, 1), (1, 100, 2), (99, 10**4, 1), (10, 100, 5)]
)
def test_the_shade_of_a_cell_goes_by_its_share(part: int, whole: int, level: int) -> None:
    assert shade(part, whole) == level


def test_the_best_tenth_is_rounded_up(tmp_path: Path) -> None:
    rows = [f"{n},order,,c{n},2026-03-01,{n * 100}" for n in range(1, 12)]
    assert result_of(write(tmp_path, *rows), date(2026, 3, 1)).top_tenth_minor == 2_100


def test_bars_are_never_shorter_than_nothing() -> None:
    assert [width(1, 3), width(-5, 3), width(0, 0)] == [
        "width:33.33%",
        "width:0.00%",
        "width:0.00%",
    ]


def test_it_is_a_page_of_html(html: str) -> None:
    assert html.startswith('<!doctype html>\n<html lang="en">')
