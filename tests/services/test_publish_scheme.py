"""A scheme changes by one more version, which counts from the next night on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from siyu.domain.schemes import DEFAULT, Cutting, High, Lines, Rule, Scheme
from siyu.errors import NotFoundError, SchemeRefusedError
from siyu.services import publish_scheme as service
from siyu.services.publish_scheme import check_scheme, publish, published
from siyu.services.segment_members import segment_members
from siyu.storage import keys, schemes
from siyu.storage.schemes import SchemesItem
from tests.support import NOW, at_once, dump

TONIGHT, NEXT = date(2026, 11, 22), date(2026, 11, 23)
VIP = Scheme("vip", super_user_percent=1)
FULL = Scheme(
    "full",
    window_days=90,
    rule=Rule.OWN,
    own_lines=Lines((180, 90, 30, 7), (1, 2, 4, 8), (1_000, 5_000, 20_000, 80_000)),
    high=High.OWN,
    own_high=(30, 2, 20_000),
    cutting=Cutting.FROZEN,
    stores=("A1B", "B2C"),
    enabled=True,
)


def dated(scheme: Scheme, version: int, night: date = NEXT) -> Scheme:
    return replace(scheme, version=version, effective_from=night)


def refused(scheme: Scheme) -> str:
    with pytest.raises(SchemeRefusedError) as error:
        publish(scheme, "ann", NOW)
    return error.value.reason


def test_a_version_has_the_next_number_and_counts_from_the_next_night_on() -> None:
    assert publish(VIP, "ann", NOW) == dated(VIP, 1)
    assert publish(FULL, "bob", NOW) == dated(FULL, 1)
    assert publish(replace(VIP, new_days=7), "bob", NOW) == dated(replace(VIP, new_days=7), 2)
    listed = published()
    assert [(one.name, one.version) for one in listed.all] == [
        ("default", 1),
        ("vip", 1),
        ("full", 1),
        ("vip", 2),
    ]
    assert listed.all[2] == dated(FULL, 1)
    assert listed.by == {"vip@1": "ann", "full@1": "bob", "vip@2": "bob"}
    assert schemes.load().on(TONIGHT) == (DEFAULT,)
    assert [one.name for one in schemes.load().on(NEXT)] == ["default", "full", "vip"]
    assert [report.scheme for report in segment_members(TONIGHT)] == ["default"]
    assert len(segment_members(NEXT)) == 3


@pytest.mark.parametrize(
    ("utc", "night"),
    [
        # Before and after midnight in Shanghai; the night of the 22nd may run at that very moment.
        ("2026-11-21T15:59:59", "2026-11-22"),
        ("2026-11-21T16:00:00", "2026-11-23"),
        ("2026-11-21T18:30:00", "2026-11-23"),
    ],
)
def test_the_next_night_is_that_of_the_next_day_in_shanghai(utc: str, night: str) -> None:
    made = publish(VIP, "ann", datetime.fromisoformat(utc).replace(tzinfo=UTC))
    assert made.effective_from == date.fromisoformat(night)


def test_our_own_scheme_is_the_first_version_of_its_name() -> None:
    assert publish(replace(DEFAULT, effective_from=NEXT), "ann", NOW) == DEFAULT
    assert dump() == {}
    other = replace(DEFAULT, new_days=7)
    assert publish(other, "ann", NOW) == dated(other, 2)
    assert publish(DEFAULT, "ann", NOW) == dated(DEFAULT, 3)
    assert schemes.load().on(NEXT) == (dated(DEFAULT, 3),)


def test_the_same_rules_again_are_the_same_version_in_the_first_ones_name() -> None:
    made = publish(VIP, "ann", NOW)
    before = dump()
    assert publish(VIP, "bob", NOW + timedelta(days=30)) == made
    assert dump() == before
    publish(replace(VIP, new_days=7), "bob", NOW)
    assert publish(VIP, "cat", NOW).version == 3
    assert published().by == {"vip@1": "ann", "vip@2": "bob", "vip@3": "cat"}


def test_who_publishes_at_once_makes_one_version_after_another() -> None:
    made = at_once(6, lambda one: publish(replace(VIP, new_days=one), f"op{one}", NOW))
    assert sorted(one.version for one in made if isinstance(one, Scheme)) == [1, 2, 3, 4, 5, 6]
    by_version = {one.version: one.new_days for one in published().schemes.published}
    assert published().by == {f"vip@{at}": f"op{days}" for at, days in by_version.items()}
    again = at_once(4, lambda _: publish(FULL, "ann", NOW))
    assert again == [dated(FULL, 1)] * 4


def test_there_are_so_many_schemes_at_most_until_one_is_disabled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service, "MAX_SCHEMES", 3)
    for name in ("one", "two"):
        publish(Scheme(name), "ann", NOW)
    before = dump()
    assert refused(Scheme("three")) == "too_many_schemes"
    assert dump() == before
    publish(Scheme("three", enabled=False), "ann", NOW)
    publish(Scheme("two", enabled=False), "ann", NOW)
    publish(Scheme("three"), "ann", NOW)
    assert refused(Scheme("two")) == "too_many_schemes"


def test_enabled_schemes_name_so_many_stores_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MAX_STORES", 3)
    publish(Scheme("one", stores=("N1", "N2")), "ann", NOW)
    before = dump()
    assert refused(Scheme("two", stores=("N1", "N3"))) == "too_many_stores"
    assert dump() == before
    publish(Scheme("two", stores=("N3",)), "ann", NOW)
    publish(Scheme("three", stores=("N4", "N5"), enabled=False), "ann", NOW)
    publish(Scheme("one", enabled=False), "ann", NOW)
    publish(Scheme("three", stores=("N4", "N5")), "ann", NOW)


def test_there_are_so_many_versions_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MAX_VERSIONS", 2)
    for days in (1, 2):
        publish(replace(VIP, new_days=days), "ann", NOW)
    before = dump()
    assert refused(VIP) == "too_many_versions"
    assert publish(replace(VIP, new_days=2), "bob", NOW).version == 2
    assert dump() == before


def test_a_scheme_can_be_disabled_when_there_is_no_room_for_a_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service, "MAX_VERSIONS", 2)
    monkeypatch.setattr(service, "ROOM_TO_STOP", 2)
    for days in (1, 2):
        publish(replace(VIP, new_days=days), "ann", NOW)
    for name in ("vip", "default"):
        assert refused(Scheme(name, new_days=3)) == "too_many_versions"
        publish(Scheme(name, enabled=False), "ann", NOW)
    assert schemes.load().on(NEXT) == ()
    assert refused(Scheme("other", enabled=False)) == "too_many_versions"


def test_more_than_an_item_takes_is_refused() -> None:
    large = replace(VIP, stores=tuple(f"{number:03d}" for number in range(500)))
    fields = [
        schemes.to_fields(dated(replace(large, new_days=days), days + 1)) for days in range(100)
    ]
    SchemesItem(*keys.SCHEMES, versions=fields, version=100).save()

    def publish_more() -> None:
        for days in range(100, 200):
            publish(replace(large, new_days=days), "ann", NOW)

    with pytest.raises(SchemeRefusedError, match="more than one item takes") as error:
        publish_more()
    assert error.value.reason == "too_many_versions"
    assert 100 < len(published().schemes.published) < 200


def test_only_what_was_published_is_a_scheme() -> None:
    check_scheme("default")
    with pytest.raises(NotFoundError):
        check_scheme("vip")
    publish(VIP, "ann", NOW)
    check_scheme("vip")
