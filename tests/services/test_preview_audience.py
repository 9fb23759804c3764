"""A preview counts whom the definition names, or says how sure it is of its estimate."""

from __future__ import annotations

import pytest

from siyu.domain.audience import Conditions, Query
from siyu.domain.schemes import Scheme, Schemes
from siyu.errors import AudienceRefusedError
from siyu.services import preview_audience
from siyu.services.preview_audience import preview
from siyu.services.read_audience import SHARDS, basis_of
from siyu.services.segment_members import begin, publish, segment_members
from siyu.storage import nights, schemes
from tests.services.audience_crowd import Row, crowd, told
from tests.services.shop import TODAY

EVERYBODY = Query.of_body({"scheme": "default"})
LOST = Query.of_body({"scheme": "default", "stages": ["lost"], "stores": ["A1B", "C3D"]})


def never() -> bool:
    return False


def is_lost(row: Row) -> bool:
    return row["stage"] == "lost" and row["store"] in ("A1B", "C3D")


def test_a_preview_of_all_shards_is_exact() -> None:
    crowd(300)
    segment_members(TODAY)
    found, rows = preview(LOST, never), told(is_lost)
    assert found.exact
    assert len(rows) > 10
    assert (found.members, found.shards_read) == (len(rows), 64)
    assert found.net_minor == sum(row["monetary_minor"] for row in rows)
    assert found.sample == [row["member_id"] for row in rows[:10]]
    assert found.all_members.low == found.all_members.high == len(rows)
    assert found.basis.as_of == TODAY


def test_whom_no_night_may_label_nobody_counts() -> None:
    crowd(60)
    segment_members(TODAY)
    assert preview(EVERYBODY, never).members == len(told()) < 60


def test_a_scheme_of_some_stores_finds_theirs_alone_in_its_own_window() -> None:
    crowd(300)
    schemes.append(Schemes(), Scheme("north", stores=("A1B", "C3D"), window_days=90), {})
    segment_members(TODAY)
    body = {"scheme": "north", "frequency": {"at_least": 1}, "stages": ["key_care", "super_user"]}
    found = preview(Query.of_body(body), never)
    rows = told(
        lambda row: row["frequency"] >= 1 and row["stage"] in ("key_care", "super_user"),
        basis_of("north"),
    )
    assert len(rows) > 10
    assert {row["store"] for row in rows} == {"A1B", "C3D"}
    assert (found.members, found.sample[0]) == (len(rows), rows[0]["member_id"])
    assert found.net_minor == sum(row["monetary_minor"] for row in rows)
    assert preview(Query("north", Conditions()), never).members == len(
        told(basis=basis_of("north"))
    )


@pytest.mark.parametrize("query", [EVERYBODY, LOST])
def test_with_too_many_members_some_shards_speak_for_all(
    query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four times another quarter of the shards is read."""
    crowd(900)
    (report,) = segment_members(TODAY)
    rows = told(is_lost if query is LOST else lambda _: True)
    net = sum(row["monetary_minor"] for row in rows)
    monkeypatch.setattr(preview_audience, "MOST_MEMBERS", report.members // 4 + 1)
    shards, quarters = list(SHARDS), []
    for turn in range(0, 64, 16):
        monkeypatch.setattr(preview_audience, "SHARDS", shards[turn:] + shards[:turn])
        quarters.append(preview(query, never))
    assert {(one.exact, one.shards_read) for one in quarters} == {(False, 16)}
    assert sum(one.members for one in quarters) == len(rows)
    assert sum(one.net_minor for one in quarters) == net
    members = [one.all_members.low <= len(rows) <= one.all_members.high for one in quarters]
    sales = [one.all_net_minor.low <= net <= one.all_net_minor.high for one in quarters]
    assert min(members.count(True), sales.count(True)) >= 3
    assert [one.all_members.value for one in quarters] == [4 * one.members for one in quarters]


def test_when_time_is_up_what_was_read_speaks_for_all() -> None:
    crowd(40)
    segment_members(TODAY)
    found = preview(EVERYBODY, lambda: True)
    assert (found.exact, found.shards_read) == (False, 4)


def test_while_a_night_runs_the_report_before_says_how_many_members_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    crowd(40)
    segment_members(TODAY.replace(day=21))
    monkeypatch.setattr(preview_audience, "MOST_MEMBERS", 8)
    night = begin(TODAY)
    publish(night, {"default": nights.last_published().schemes[0][1]})  # type: ignore[union-attr]
    found = preview(EVERYBODY, never)
    assert (found.exact, found.basis.as_of) == (False, TODAY)


def test_a_scheme_that_no_night_has_published_has_no_audience() -> None:
    crowd(3)
    with pytest.raises(AudienceRefusedError, match="no night has published default") as refused:
        preview(EVERYBODY, never)
    assert refused.value.reason == "scheme_not_published"
    segment_members(TODAY)
    with pytest.raises(AudienceRefusedError, match="north"):
        preview(Query.of_body({"scheme": "north"}), never)
