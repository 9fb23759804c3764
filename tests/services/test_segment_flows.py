"""Who moved between two nights is who is found by looking at everybody on both."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import combinations

import pytest

from siyu.domain.label_book import NOWHERE
from siyu.domain.night_report import UNSCORED
from siyu.domain.segments import Label
from siyu.errors import NotFoundError, SpanRefusedError
from siyu.services import segment_flows as service
from siyu.services.segment_flows import JOINED, segment_flows
from siyu.storage import keys, nights
from siyu.storage.items import Item
from tests.services.seasons import Season, moves
from tests.support import dump

SCHEME = "default"


def part(code: str, by: str) -> str:
    if code == NOWHERE:
        return JOINED
    label = Label.of_code(code)
    return str(getattr(label, by) or UNSCORED)


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(one, marks=pytest.mark.slow) for one in (1, 2, 3))]
)
def test_flows_over_any_span_are_those_of_everybody_followed_night_by_night(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nights, "MEMBERS_PER_PAGE", 4)  # so pages are cut into more and more parts
    season = Season(seed).play(5)
    folded = 0
    for first, last in combinations(range(5), 2):
        known = moves(season, first, last)
        opening, closing = season.nights[first], season.nights[last]
        for by in ("stage", "group", "aipl"):
            flows = segment_flows(SCHEME, opening.as_of, closing.as_of, by)
            expected: Counter[tuple[str, str]] = Counter()
            for (before, after), count in known.items():
                if part(before, by) != part(after, by):
                    expected[part(before, by), part(after, by)] += count
            assert flows.moved == expected
            sizes = Counter(part(code, by) for code in opening.after.values())
            grown = Counter(part(code, by) for code in closing.after.values())
            joined = sum(count for (before, _), count in flows.moved.items() if before == JOINED)
            gone = 0
            for name, one in flows.parts.items():
                assert (one.before, one.after) == (sizes[name], grown[name])
                assert one.out == sum(n for (a, _), n in expected.items() if a == name)
                assert one.into == sum(n for (_, b), n in expected.items() if b == name)
                assert one.before - one.out + one.into - one.gone == one.after
                assert one.gone >= 0
                gone += one.gone
            assert gone == len(opening.after) + joined - len(closing.after)
            folded += gone
    assert folded, "nobody left in this season: it says nothing about those who do"


def test_the_command_has_no_bound_and_the_request_has(monkeypatch: pytest.MonkeyPatch) -> None:
    season = Season(1).play(3)
    first, middle, last = (night.as_of for night in season.nights)
    exact = segment_flows(SCHEME, first, last, "stage")
    changes = sum(sum(night.report.flows.values()) for night in season.nights[1:])
    monkeypatch.setattr(service, "MAX_CHANGES", changes)
    assert segment_flows(SCHEME, first, last, "stage") == exact
    monkeypatch.setattr(service, "MAX_CHANGES", changes - 1)
    with pytest.raises(SpanRefusedError) as refused:
        segment_flows(SCHEME, first, last, "stage")
    assert refused.value.reason == "span_too_long"
    assert segment_flows(SCHEME, first, last, "stage", bounded=False) == exact
    # The report of one night says it, however many they are.
    monkeypatch.setattr(service, "MAX_CHANGES", 0)
    assert segment_flows(SCHEME, middle, last, "stage").moved


def test_too_many_pages_are_too_much_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    season = Season(1).play(3)
    monkeypatch.setattr(service, "MAX_PAGES", 1)
    with pytest.raises(SpanRefusedError):
        segment_flows(SCHEME, season.nights[0].as_of, season.nights[2].as_of, "stage")


def test_pages_that_are_kept_no_more_are_said_to_be() -> None:
    season = Season(1).play(3)
    first, middle, last = (night.as_of for night in season.nights)
    Item(*keys.label_page(SCHEME, 1, 0, middle)).delete()
    assert keys.label_page(SCHEME, 1, 0, middle) not in dump()
    with pytest.raises(SpanRefusedError) as refused:
        segment_flows(SCHEME, first, last, "stage")
    assert refused.value.reason == "no_longer_kept"
    assert segment_flows(SCHEME, middle, last, "stage").moved


def test_a_span_has_two_nights_that_were() -> None:
    season = Season(1).play(2)
    first, last = (night.as_of for night in season.nights)
    day = timedelta(days=1)
    for wrong in ((first - day, last), (first, last + day), (date(2020, 1, 1), date(2020, 1, 2))):
        with pytest.raises(NotFoundError):
            segment_flows(SCHEME, *wrong, "stage")
    with pytest.raises(NotFoundError, match="no such scheme"):
        segment_flows("other", first, last, "stage")
    for wrong in ((last, first), (first, first)):
        with pytest.raises(SpanRefusedError) as refused:
            segment_flows(SCHEME, *wrong, "stage")
        assert refused.value.reason == "span_is_empty"
