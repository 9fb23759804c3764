"""A rebuild adds everybody's figures up anew, finds what differs, and puts it right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from siyu.domain.consents import Consent, Purpose
from siyu.domain.figures import Figures
from siyu.domain.label_book import LabelBook
from siyu.services.compare_figures import Difference
from siyu.services.erase_member import erase_member
from siyu.services.merge_members import merge_members, undo_merge
from siyu.services.rebuild_figures import ROUNDS, Rebuild, rebuild
from siyu.services.record_consent import record_consent
from siyu.services.segment_members import segment_members
from siyu.storage import aggregates, figures, keys, nights
from siyu.storage.behind_figures import Fact
from siyu.storage.items import AggregateItem
from siyu.storage.transaction import Transaction
from tests.services.shop import TODAY, door, paid, receipt, refunded, scan, settle
from tests.support import NOW, dump

TONIGHT = TODAY + timedelta(days=1)
REFUSAL = Consent(
    Purpose.PROFILING, granted=False, policy_version="1", text_hash="0" * 64, channel="test", at=NOW
)


def shop() -> list[str]:
    """Twelve members with orders, one of whom was erased, one refused profiling, one was merged
    into another and one merged and taken out again; then a night."""
    members = [scan(receipt(number), f"shopper{number}").member_id for number in range(12)]
    for number in range(12):
        for order in range(number % 4 + 1):
            at = (NOW - timedelta(days=40 * number + order)).isoformat()
            buyer = {"buyer_id": f"b{number}", "receipt_token": receipt(number)}
            paid(f"{number}-{order}", 1_000 * (number + 1), occurred_at=at, **buyer)
    linked = {"payment_id": "p", "buyer_id": "b3"}
    paid("linked", 700, **linked)
    refunded("2-0", "r", 500)
    settle()
    merge_members(members[0], members[1], "phone", "ann", NOW)
    merge_members(members[2], members[3], "phone", "ann", NOW)
    undo_merge(max(members[2], members[3], key=_up), "ann", "wrong", NOW)
    erase_member(members[4], NOW)
    record_consent(members[5], REFUSAL)
    segment_members(TONIGHT)
    return members


def _up(member_id: str) -> bool:
    return figures.get_many({member_id})[member_id][0].up is not None


def aggregate(member_id: str) -> AggregateItem:
    return AggregateItem.get(*keys.aggregate(member_id), consistent_read=True)


def found(result: Rebuild) -> set[tuple[str, str]]:
    return {(one.member_id, one.name) for one in result.differences}


def test_what_the_services_write_is_what_a_rebuild_computes() -> None:
    shop()
    before = dump()
    assert rebuild() == Rebuild(members=12, orders=32)
    assert rebuild(write=True).repaired == 0
    assert dump() == before


Damage = Callable[[AggregateItem], None]


def _set(name: str, value: Any) -> Damage:
    return lambda item: item.update([getattr(AggregateItem, name).set(value)])


def _wrong_z(item: AggregateItem) -> None:
    _set("z", item.z.rpartition("|")[0] + "|1")(item)


def _wrong_store(item: AggregateItem) -> None:
    fields = item.z.split("|")
    _set("z", "|".join([*fields[:4], "Z9Z", *fields[5:]]))(item)


def _wrong_label(item: AggregateItem) -> None:
    known = LabelBook.unpack(item.lb).entries["default"]
    code = "a0A" if known.code != "a0A" else "b0I"
    _set("lb", LabelBook({"default": replace(known, code=code)}).pack())(item)


DAMAGES: dict[str, tuple[Damage, set[str]]] = {
    "buckets": (_set("b", Figures({TODAY.toordinal(): (9, 9)}).pack()), {"b"}),
    "unreadable buckets": (_set("b", b"\xff"), {"b"}),
    "net sales": (_wrong_z, {"z"}),
    "store": (_wrong_store, {"z"}),
    "version": (_set("version", 77), {"z"}),
    "label": (_wrong_label, {"label default"}),
    "no label": (_set("lb", "-"), {"label default"}),
    "erased": (_set("gone", value=True), {"gone"}),
    "refused": (_set("out", value=True), {"out"}),
    "merged": (_set("up", "nobody"), {"up"}),
    "missing": (AggregateItem.delete, {"aggregate"}),
}


@pytest.mark.slow
def test_damage_is_found_and_repaired() -> None:
    members = shop()
    for damage, (break_it, names) in DAMAGES.items():
        for member_id in members[6:8]:
            break_it(aggregate(member_id))
        wanted = {(member_id, name) for member_id in members[6:8] for name in names}
        assert found(rebuild()) == wanted, damage
        repaired = rebuild(write=True)
        assert (found(repaired), repaired.repaired) == (wanted, 2), damage
        assert rebuild() == Rebuild(members=12, orders=32), damage


@pytest.mark.slow
def test_who_is_not_counted_is_compared_as_well() -> None:
    members = shop()
    merged = max(members[:2], key=_up)
    for member_id, name, value, differs in (
        (merged, "up", None, {"up"}),
        (merged, "b", Figures().pack(), {"b"}),
        (members[4], "gone", None, {"gone"}),
        (members[5], "out", None, {"out"}),
        (members[5], "lb", "default=a0A,1,---,n", {"label"}),
    ):
        attribute = getattr(AggregateItem, name)
        aggregate(member_id).update([attribute.remove() if value is None else attribute.set(value)])
        assert found(rebuild()) == {(member_id, one) for one in differs}
        assert rebuild(write=True).repaired == 1
        assert rebuild().differences == []


def test_what_is_no_label_is_told_as_it_is_stored_and_repaired() -> None:
    members = shop()
    for member_id in members[5:7]:
        _set("lb", "nonsense")(aggregate(member_id))
    expected = [
        Difference(one, "unreadable label", "nonsense", "-") for one in sorted(members[5:7])
    ]
    assert rebuild().differences == expected
    assert rebuild(write=True).repaired == 2
    assert rebuild().differences == []


def test_figures_with_nobody_behind_them_are_told_and_left() -> None:
    write = Transaction()
    aggregates.put_new(write, "nobody", TODAY, "A1B")
    write.commit()
    result = rebuild(write=True)
    assert (found(result), result.repaired) == ({("nobody", "aggregate")}, 0)


def buying(after: int, times: int = 1) -> Callable[[Iterable[Fact]], Iterator[Fact]]:
    """Reads the table, while member 6 buys once after so many facts of a round."""
    rounds = 0

    def watch(facts: Iterable[Fact]) -> Iterator[Fact]:
        nonlocal rounds
        rounds += 1
        for number, fact in enumerate(facts):
            if number == after and rounds <= times:
                paid(f"meanwhile{rounds}", 55, buyer_id="b6")
            yield fact

    return watch


def test_who_buys_while_the_table_is_read_is_compared_again() -> None:
    members = shop()
    aggregate(members[6]).update([AggregateItem.gone.set(True)])
    result = rebuild(write=True, watch=buying(after=0))
    assert result.repaired == 1
    total = figures.get_many({members[6]})[members[6]][0].figures
    assert (total.orders, total.net_minor) == (4, 3 * 7_000 + 55)
    assert rebuild().differences == []


def test_whose_figures_keep_changing_is_named_and_not_written() -> None:
    members = shop()
    aggregate(members[6]).update([AggregateItem.gone.set(True)])
    result = rebuild(write=True, watch=buying(after=0, times=ROUNDS))
    assert (result.unsettled, result.repaired) == (frozenset({members[6]}), 0)
    assert result.differences == []


def test_an_order_between_reading_and_repairing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    members = shop()
    aggregate(members[6]).update([AggregateItem.b.set(Figures().pack())])
    put, bought = aggregates.put, False

    def late(write: Transaction, *written: Any) -> None:
        nonlocal bought
        put(write, *written)
        if not bought:
            bought = True
            paid("between", 55, buyer_id="b6")

    monkeypatch.setattr("siyu.services.rebuild_figures.aggregates.put", late)
    result = rebuild(write=True)
    assert (result.repaired, result.unsettled) == (1, frozenset())
    assert figures.get_many({members[6]})[members[6]][0].figures.net_minor == 3 * 7_000 + 55
    assert rebuild().differences == []


def test_labels_are_not_compared_while_a_night_is_under_way() -> None:
    members = shop()
    _wrong_label(aggregate(members[6]))
    published = nights.last_published()
    assert published is not None
    later = TONIGHT + timedelta(days=1)
    nights.publish(replace(published, night=later, before=TONIGHT, begun=later))
    result = rebuild()
    assert (result.differences, result.labels) == ([], False)


def test_who_joined_after_the_night_needs_no_label() -> None:
    shop()
    scan(door(), "late", now=NOW + timedelta(days=1))
    assert rebuild().differences == []


def test_a_brand_without_any_night_is_compared_by_its_figures() -> None:
    member_id = scan(receipt(1), "ann").member_id
    paid("1", 100, buyer_id="b", receipt_token=receipt(1))
    settle()
    assert rebuild() == Rebuild(members=1, orders=1)
    aggregate(member_id).update([AggregateItem.b.set(Figures().pack())])
    assert rebuild(write=True).repaired == 1
    assert rebuild().differences == []
