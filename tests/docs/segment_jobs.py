"""Jobs of docs/data-model.md about what operators ask of the segmentation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from siyu.domain.schemes import DEFAULT, Scheme
from siyu.services.explain_segment import explain_segment
from siyu.services.merge_members import merge_members
from siyu.services.publish_scheme import publish, published
from siyu.services.segment_flows import segment_flows
from siyu.services.segment_members import segment_members
from siyu.services.show_segments import show_segments
from tests.services.rules import buy, member
from tests.services.shop import TODAY
from tests.support import NOW

Job = Callable[[], Callable[[], object]]
NIGHTS = 30
FIRST = TODAY - timedelta(days=NIGHTS - 1)


def _nights() -> str:
    """Thirty of them; Bob buys between some, so his label changes a few times."""
    bob = member("bob", 1).member_id
    member("ann", 2)
    for at in range(NIGHTS):
        if at % 5 == 1:
            buy(f"{at}", 10_000, NIGHTS - at)
        segment_members(FIRST + timedelta(days=at))
    return bob


def explained() -> Callable[[], object]:
    bob = _nights()
    return lambda: explain_segment(bob, DEFAULT.name)


def merged_explained() -> Callable[[], object]:
    bob, ann = member("bob", 1).member_id, member("ann", 2).member_id
    merge_members(ann, bob, "unionid", "proof", NOW)
    segment_members(TODAY)
    # Both joined at once: the later name was merged into the other.
    return lambda: explain_segment(max(ann, bob), DEFAULT.name)


def nights_shown() -> Callable[[], object]:
    _nights()
    return lambda: show_segments(DEFAULT.name, None, TODAY)


def one_night_of_flows() -> Callable[[], object]:
    _nights()
    last = TODAY - timedelta(days=1)
    return lambda: segment_flows(DEFAULT.name, last, TODAY, "stage")


def a_month_of_flows() -> Callable[[], object]:
    _nights()
    return lambda: segment_flows(DEFAULT.name, FIRST, TODAY, "stage")


def schemes_listed() -> Callable[[], object]:
    publish(Scheme("north"), "ann", NOW)
    return published


def scheme_published() -> Callable[[], object]:
    publish(Scheme("north"), "ann", NOW)
    return lambda: publish(replace(DEFAULT, new_days=7), "ann", NOW)


JOBS: dict[str, Job] = {
    "Explain where a member stands, thirty nights": explained,
    "Explain it of a member with two accounts, one night": merged_explained,
    "Sizes and lines of thirty nights": nights_shown,
    "Flows from one night to the next": one_night_of_flows,
    "Flows over thirty nights, one part": a_month_of_flows,
    "Read the segmentation schemes": schemes_listed,
    "Publish a version of a scheme": scheme_published,
}
