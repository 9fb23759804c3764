"""Whether somebody is profiled follows from all decisions of all their accounts, also from those of
the same moment."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from siyu.domain.consents import profiling_refused
from siyu.services.known_member import known
from siyu.services.merge_members import merge_members, undo_merge
from siyu.services.record_consent import record_consent
from siyu.services.segment_members import segment_members
from siyu.storage import figures
from tests.faults import line, once_before
from tests.services.crowd import codes
from tests.services.decisions import DAY, LATER, deciding, named
from tests.services.shop import TODAY
from tests.support import NOW, at_once, empty_table


def test_decisions_by_both_accounts_at_once_end_as_all_of_them_say() -> None:
    for turn in range(4):
        empty_table()
        ann, bob = named("ann", 1, 50_000), named("bob", 2, 70_000)
        segment_members(TODAY)
        merge_members(ann, bob, "unionid", "proof", NOW)
        decisions = [
            (one, deciding(granted=(number + turn) % 2 == 0, at=LATER + number * DAY))
            for number, one in enumerate((ann, bob, ann, bob))
        ]
        outcomes = at_once(4, lambda number, all_=decisions: record_consent(*all_[number]))  # type: ignore[misc]
        assert not [one for one in outcomes if isinstance(one, Exception)]
        consents = known(ann).consents
        assert len(consents) == 4
        one = figures.get_many({ann})[ann][0]
        assert one.out is profiling_refused(consents)
        assert (codes()[ann] is None) is one.out


@pytest.mark.parametrize("deed", ["decide", "merge", "undo"])
def test_a_decision_between_any_two_reads_of_a_deed_counts(deed: str) -> None:
    """The deed is Ann's. Meanwhile Cat, who is a part of her, decides otherwise."""
    number, calls = 0, 1
    while number < calls:
        number += 1
        empty_table()
        ann, bob, cat = (named(name, at, 5_000) for at, name in enumerate(("ann", "bob", "cat"), 1))
        merge_members(ann, cat, "unionid", "proof", NOW)
        if deed != "merge":
            merge_members(ann, bob, "unionid", "proof", NOW)
        record_consent(bob, deciding(granted=False))
        deeds: dict[str, Callable[[], object]] = {
            "decide": partial(record_consent, ann, deciding(granted=False, at=LATER + DAY)),
            "merge": partial(merge_members, ann, bob, "unionid", "proof", NOW),
            "undo": partial(undo_merge, bob, "operator", "two people", NOW),
        }
        grant = partial(record_consent, cat, deciding(granted=deed != "undo", at=LATER + 2 * DAY))
        with line(once_before(number, grant)) as seen:
            deeds[deed]()
        calls = min(len(seen.calls), 6)
        for one in (ann, bob):
            person = known(one)
            lineage = figures.get_many({one})[one]
            assert lineage[-1].out is profiling_refused(person.consents), (number, one)
