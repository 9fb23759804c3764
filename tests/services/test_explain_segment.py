"""Why somebody stands where they stand, and every change that brought them there, once."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise

import pytest

from siyu.domain.label_book import BY_NIGHT, BY_ORDER
from siyu.domain.schemes import DEFAULT, Scheme, Schemes
from siyu.domain.segments import Label, place
from siyu.errors import NotFoundError
from siyu.services.decide_review import merge_by_hand
from siyu.services.draw_lines import draw
from siyu.services.explain_segment import Explained, explain_segment
from siyu.services.label_members import label_members
from siyu.services.segment_members import ALL_SHARDS, begin, finish, publish, segment_members
from siyu.storage import figures, nights, rows, schemes
from tests.faults import line
from tests.services.seasons import Season, labels
from tests.services.shop import door, receipt, scan
from tests.support import NOW

ME = 0
TONIGHT = NOW.date()


def explained(member_id: str) -> Explained:
    return explain_segment(member_id, DEFAULT.name)


def chain(told: Explained) -> list[tuple[date, str, str, str]]:
    """The history, oldest first: night, before, after, cause."""
    return [
        (one.night, one.entry.before, one.entry.code, one.entry.cause)
        for one in reversed(told.history)
    ]


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(one, marks=pytest.mark.slow) for one in (1, 2))]
)
def test_everybody_is_explained_as_they_were_labelled_with_every_change_once(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nights, "MEMBERS_PER_PAGE", 4)  # so pages are cut into more and more parts
    season = Season(seed).play(5)
    season.now += timedelta(days=1)  # what is bought from here on, no night has seen
    for _ in range(9):
        season.deed()
    expected = defaultdict(list)
    for night, member_id, before, after in season.changes():
        cause = BY_NIGHT if night.before.get(member_id) != after else BY_ORDER
        expected[member_id].append((night.as_of, before, after, cause))
    counted = labels()
    assert len(counted) > 8
    for member_id, code in counted.items():
        told = explained(member_id)
        placed = told.placed
        assert placed is not None
        assert told.stored is not None
        assert told.member_id == member_id
        assert placed.label == place(placed.measure, placed.scheme, placed.cuts, placed.as_of)
        assert (placed.label.code, told.stored.code, told.pending) == (code, code, False)
        last = {one.what: one.outcome for one in placed.reasons}
        assert (last["stage"], last["aipl"]) == (placed.label.stage, placed.label.aipl)
        assert chain(told) == expected[member_id]
        for one in told.history:
            measure = next(n.measures[member_id] for n in season.nights if n.as_of == one.night)
            idle_days = measure.last_day and one.night.toordinal() - measure.last_day
            numbers = (one.idle_days, one.orders, one.net_minor)
            assert numbers == (idle_days, measure.orders, measure.net_minor)


def running(season: Season, orders: int = 0, again: bool = False) -> None:
    """A night beside which Me buys; `again`: it was cut short after its labels, and ran again."""
    as_of = season.now.date()
    night = begin(as_of)
    columns = rows.read_shards(ALL_SHARDS, as_of, night.windows)
    for _ in range(orders):
        season.buy(ME, 500_000)
    lines = publish(night, {one.name: draw(columns, one, as_of) for one in night.undrawn})
    reports = label_members(columns, night, lines, 1)
    if again:
        segment_members(as_of)
    else:
        finish(as_of, reports)


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("orders", [1, 2])
@pytest.mark.parametrize("more_from", [1, 2, 9])
def test_what_is_bought_while_a_night_runs_is_told_once(
    more_from: int, orders: int, again: bool
) -> None:
    season = Season(5)
    season.join()
    for at in range(4):
        # On the night that they buy beside, they would be new no more.
        season.now += timedelta(days=40 if at == 1 else 1)
        running(season, orders if at == 1 else 0, again=again and at == 1)
        if more_from <= at < 3:
            season.buy(ME, 900_000)
    told = explained(season.members[ME])
    known = chain(told)
    assert known
    for earlier, later in pairwise(known):
        assert earlier[2] == later[1]
    assert told.stored is not None
    assert known[-1][2] == told.stored.code
    assert len({one[1:3] for one in known}) == len(known)


def test_lines_that_are_published_and_not_applied_yet_are_pending() -> None:
    season = Season(3).play(1, joining=14, deeds=14)
    before = labels()
    season.now += timedelta(days=200)
    as_of = season.now.date()
    night = begin(as_of)
    columns = rows.read_shards(ALL_SHARDS, as_of, night.windows)
    lines = publish(night, {one.name: draw(columns, one, as_of) for one in night.undrawn})
    ahead = {}
    for member_id in before:
        told = explained(member_id)
        assert told.placed is not None
        assert told.placed.as_of == as_of
        assert told.stored is not None
        assert told.stored.code == before[member_id]
        ahead[member_id] = told.placed.label.code
        assert told.pending == (ahead[member_id] != before[member_id])
    finish(as_of, label_members(columns, night, lines, 1))
    assert labels() == ahead != before
    assert not any(explained(member_id).pending for member_id in ahead)


def test_of_a_merged_account_the_person_is_explained() -> None:
    ann, bob = (scan(receipt(n), f"shopper{n}", now=NOW).member_id for n in (1, 2))
    segment_members(TONIGHT)
    merge_by_hand(ann, bob, "cat", "the same hand", NOW)
    assert explained(bob) == explained(ann)
    assert explained(bob).member_id in (ann, bob)


def test_lines_are_explained_before_the_first_night_is_over() -> None:
    ann = scan(receipt(1), "ann", now=NOW).member_id
    night = begin(TONIGHT)
    columns = rows.read_shards(ALL_SHARDS, TONIGHT, night.windows)
    publish(night, {one.name: draw(columns, one, TONIGHT) for one in night.undrawn})
    told = explained(ann)
    assert (told.pending, told.stored, list(told.history)) == (True, None, [])


def test_who_never_joined_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        explained("0000000000000")


def test_to_explain_takes_nine_round_trips() -> None:
    ann = scan(receipt(1), "ann", now=NOW).member_id
    segment_members(TONIGHT)
    with line() as calls:
        explained(ann)
    assert calls.calls == ["BatchGetItem", *["Query"] * 8]


def test_before_the_first_night_there_is_nothing_to_tell() -> None:
    ann = scan(receipt(1), "ann").member_id
    told = explained(ann)
    assert (told.placed, told.none_because, told.stored) == (None, "no_night_yet", None)
    assert (list(told.history), told.pending) == ([], False)


def test_of_a_scheme_of_other_stores_nothing_is_told() -> None:
    made = Scheme("north", stores=("B2C",), effective_from=TONIGHT)
    schemes.append(Schemes(), made, {"north@1": "ann"})
    ann = scan(receipt(1), "ann").member_id
    assert explain_segment(ann, "north").none_because == "no_night_yet"
    segment_members(TONIGHT)
    assert explain_segment(ann, "north").none_because == "not_in_scheme"
    assert explained(ann).placed is not None
    schemes.append(schemes.load(), Scheme("new", effective_from=TONIGHT + timedelta(days=1)), {})
    assert explain_segment(ann, "new").none_because == "not_in_force"
    with pytest.raises(NotFoundError, match="no such scheme"):
        explain_segment(ann, "south")


def test_the_scheme_that_is_asked_for_explains_by_its_own_lines_and_history() -> None:
    made = Scheme("new", new_days=0, effective_from=TONIGHT)
    schemes.append(Schemes(), made, {"new@1": "ann"})
    ann = scan(door(), "ann", now=NOW - timedelta(days=3)).member_id
    segment_members(TONIGHT)
    by_ours, by_theirs = explained(ann), explain_segment(ann, "new")
    assert by_ours.placed is not None
    assert by_theirs.placed is not None
    assert by_ours.placed.label == Label("new", "interest")
    assert by_theirs.placed.label == Label("prospect", "aware")
    assert [one[2] for one in chain(by_theirs)] == [by_theirs.placed.label.code]
    assert figures.get_many({ann})[ann][0].book.entries.keys() == {"default", "new"}
