"""An operator has everybody's figures added up anew."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from siyu.domain.figures import Figures
from siyu.services.rebuild_figures import Rebuild
from siyu.services.segment_members import segment_members
from siyu.storage import keys, nights
from siyu.storage.items import AggregateItem
from tests.cli.terminal import Terminal
from tests.services.shop import TODAY, door, paid, scan


def shop() -> list[str]:
    """Members who bought, after a night."""
    code = door()
    members = [scan(code, f"shopper{number}").member_id for number in range(23)]
    for number in range(23):
        paid(str(number), 1_000, buyer={"openid": f"shopper{number}"})
    segment_members(TODAY)
    return members


def damage(member_id: str) -> None:
    item = AggregateItem.get(*keys.aggregate(member_id))
    item.update([AggregateItem.b.set(Figures().pack())])


def test_figures_that_are_right(siyu: Terminal) -> None:
    shop()
    code, out, err = siyu("segments rebuild")
    assert code == 0
    assert {"members: 23", "orders: 23", "members_that_differ: 0"} <= set(out.splitlines())
    assert "writes nothing" in err


def test_figures_that_are_wrong_are_told_and_with_write_put_right(siyu: Terminal) -> None:
    members = shop()
    for member_id in members:
        damage(member_id)
    code, out, err = siyu("segments rebuild")
    assert code == 1
    assert "members_that_differ: 23" in out
    assert "3 more: --json has all" in err
    code, out, _ = siyu("segments rebuild --json")
    told = json.loads(out)
    assert code == 1
    assert {one["member_id"] for one in told["differences"]} == set(members)
    assert {one["name"] for one in told["differences"]} == {"b"}
    assert siyu.json("segments rebuild --write")["repaired"] == 23
    assert siyu.json("segments rebuild")["differences"] == []


def test_a_night_under_way_is_mentioned(siyu: Terminal) -> None:
    shop()
    published = nights.last_published()
    assert published is not None
    tomorrow = TODAY + timedelta(days=1)
    nights.publish(type(published)(tomorrow, TODAY, tomorrow, published.schemes))
    code, out, err = siyu("segments rebuild")
    assert code == 0
    assert "labels_compared: no" in out
    assert "a night is under way" in err


def test_members_whose_figures_keep_changing_are_named(
    siyu: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "infra.cli.rebuild.rebuild", lambda **_: Rebuild(unsettled=frozenset({"ann"}))
    )
    code, out, err = siyu("segments rebuild")
    assert code == 1
    assert "kept_changing: ann" in out
    assert "kept changing" in err
