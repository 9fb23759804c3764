"""Reports of parts add up to the report of the whole."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.night_report import UNSCORED, Report
from siyu.domain.schemes import Scheme
from siyu.domain.segments import Label, Measure, place
from tests.domain.populations import NIGHT, cuts_of, measures, patient, schemes

crowds = st.lists(measures(), max_size=25)
moves = st.lists(st.sampled_from([("---", "a0A"), ("a0A", "c0P"), ("c0P", "j1L")]), max_size=9)


def report_of(placed: list[tuple[Label, int]], moved: list[tuple[str, str]]) -> Report:
    report = Report("default", 1, NIGHT)
    for label, net in placed:
        report.count(label, 1, net)
    for before, after in moved:
        report.moved(before, after)
    report.changed, report.population = len(moved), len(placed)
    return report


@patient
@given(crowds, moves, schemes(), st.data())
def test_parts_add_up(
    crowd: list[Measure], moved: list[tuple[str, str]], scheme: Scheme, data: st.DataObject
) -> None:
    cuts = cuts_of(crowd, scheme)
    placed = [(place(one, scheme, cuts, NIGHT), one.net_minor) for one in crowd]
    cut = data.draw(st.integers(0, len(placed)))
    moved_cut = data.draw(st.integers(0, len(moved)))
    whole = report_of(placed, moved)
    first = report_of(placed[:cut], moved[:moved_cut])
    first.merge(report_of(placed[cut:], moved[moved_cut:]))
    assert first == whole
    assert whole.members == len(crowd)
    for parts in map(whole.parts, ("group", "stage", "aipl")):
        assert sum(part.members for part in parts.values()) == len(crowd)
        assert sum(part.net_minor for part in parts.values()) == sum(net for _, net in placed)
    assert sum(one.members for one in whole.scores.values()) == sum(
        label.scores is not None for label, _ in placed
    )
    assert whole.groups[UNSCORED].members == sum(label.group is None for label, _ in placed)
    assert whole.flows == Counter(f"{before}>{after}" for before, after in moved)
