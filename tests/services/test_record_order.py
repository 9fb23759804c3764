"""Events end in the same state whatever their order, number and accidents on the way."""

from collections import Counter
from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest

from siyu.errors import ConflictingFactError, ContentionError, UnprocessableEventError
from siyu.services.order_lookup import read_ahead
from siyu.services.record_order import Outcome, record_order
from siyu.services.segment_members import segment_members
from siyu.services.show_member import show_member
from siyu.storage import figures
from tests.faults import KilledError, at_call, line
from tests.services.shop import event, paid, receipt, refunded, scan, send, settle
from tests.support import NOW, at_once, dump, empty_table, kinds
from tests.written import figures_row


def member() -> str:
    """A member whom the shop knows as buyer "b"."""
    paid("0", 1_000, buyer_id="b", receipt_token=receipt(1))
    member_id = scan(receipt(1), "ann").member_id
    settle()
    return member_id


def domain_state() -> dict[Any, Any]:
    """Everything but which delivery came first, versions and random ids."""
    noise = {"version", "delivery_id", "member_id", "GSI1PK", "GSI1SK"}
    return {
        key: {name: value for name, value in item.items() if name not in noise}
        for key, item in dump().items()
        if item["kind"]["S"] in ("ORDER", "AGGREGATE", "FACT")
    }


def test_the_same_delivery_a_hundred_times_at_once_counts_once() -> None:
    member_id = member()
    same = event("order.paid", "d", order_id="1", paid_minor=5_000, buyer_id="b")
    outcomes = Counter(at_once(100, lambda _: record_order(same)))
    assert outcomes == {Outcome.RECORDED: 1, Outcome.DUPLICATE: 99}
    assert show_member(member_id).figures.net_minor == 6_000


def test_the_same_fact_under_many_delivery_ids_counts_once() -> None:
    member_id = member()
    outcomes = Counter(at_once(20, lambda _: paid("1", 5_000, buyer_id="b")))
    assert outcomes == {Outcome.RECORDED: 1, Outcome.DUPLICATE: 19}
    assert show_member(member_id).figures.net_minor == 6_000


def test_many_orders_of_one_member_at_once_are_all_counted() -> None:
    member_id = member()
    outcomes = at_once(30, lambda number: paid(f"n{number}", 100 + number, buyer_id="b"))
    done = sum(isinstance(outcome, Outcome) for outcome in outcomes)
    assert all(isinstance(outcome, Outcome | ContentionError) for outcome in outcomes)
    for number in range(30):
        paid(f"n{number}", 100 + number, buyer_id="b")
    counted = show_member(member_id).figures
    assert done > 0
    assert (counted.orders, counted.net_minor) == (31, 1_000 + 30 * 100 + sum(range(30)))


def test_every_order_of_arrival_gives_the_same_items() -> None:
    facts: list[tuple[str, dict[str, Any]]] = [
        ("order.paid", {"order_id": "1", "paid_minor": 5_000, "buyer_id": "b"}),
        ("order.refunded", {"order_id": "1", "refund_id": "r", "refunded_minor": 1_000}),
        ("order.refunded", {"order_id": "1", "refund_id": "r", "refunded_minor": 1_500}),
        ("order.completed", {"order_id": "1"}),
    ]
    states = []
    for arrangement in permutations(facts):
        empty_table()
        ann = scan(receipt(1), "ann").member_id
        paid("0", 1_000, buyer_id="b", receipt_token=receipt(1))
        for kind, data in arrangement:
            send(kind, **data)
        settle()
        assert show_member(ann).figures.net_minor == 4_500
        states.append({key[0]: item for key, item in domain_state().items() if key[1] != ann})
    assert all(state == states[0] for state in states)


@pytest.mark.slow
def test_a_scan_between_any_two_events_gives_the_same_figures() -> None:
    steps: list[Callable[[], object]] = [
        lambda: paid("1", 5_000, buyer_id="b", receipt_token=receipt(1)),
        lambda: refunded("1", "r", 1_000),
        lambda: refunded(None, "x", 200, buyer_id="b"),
        lambda: paid("2", 300, buyer_id="b"),
        lambda: scan(receipt(1), "ann"),
    ]
    for arrangement in permutations(steps):
        empty_table()
        for step in arrangement:
            step()
        settle()
        counted = show_member(scan(receipt(1), "ann").member_id).figures
        assert (counted.orders, counted.net_minor) == (2, 4_100)


def test_other_content_under_a_known_key_is_refused_and_changes_nothing() -> None:
    member()
    paid("1", 5_000, buyer_id="b", delivery="d1")
    before = dump()
    with pytest.raises(ConflictingFactError):
        paid("1", 5_001, buyer_id="b")
    with pytest.raises(UnprocessableEventError, match="reused_delivery_id"):
        paid("2", 5_000, buyer_id="b", delivery="d1")
    assert dump() == before


@pytest.mark.parametrize(
    ("reason", "kind", "data"),
    [
        ("foreign_currency", "order.paid", {"paid_minor": 1, "currency": "USD"}),
        ("not_an_order_event", "order.paid", {"paid_minor": 1.5}),
        ("not_an_order_event", "order.paid", {"paid_minor": True}),
        ("not_an_order_event", "order.paid", {"paid_minor": 0}),
        ("not_an_order_event", "order.paid", {"paid_minor": 10**9 + 1}),
        ("not_an_order_event", "order.paid", {"paid_minor": float("nan")}),
        ("not_an_order_event", "order.shipped", {}),
        ("not_an_order_event", "order.paid", {"paid_minor": 1, "order_id": "~refund:1"}),
        ("not_an_order_event", "order.paid", {"paid_minor": 1, "occurred_at": "2026-01-01T00:00"}),
        ("from_the_future", "order.paid", {"paid_minor": 1, "occurred_at": "2026-11-24T00:00Z"}),
    ],
)
def test_an_event_that_makes_no_sense_says_why(
    reason: str, kind: str, data: dict[str, Any]
) -> None:
    with pytest.raises(UnprocessableEventError) as refusal:
        event(kind, **{"order_id": "1", **data})
    assert refusal.value.reason == reason


def test_two_buyers_of_one_saleless_refund_are_a_conflict_that_takes_from_one_only() -> None:
    member_id = member()
    refunded(None, "1", 300, buyer_id="b")
    with pytest.raises(ConflictingFactError):
        refunded(None, "1", 500, buyer_id="other")
    assert show_member(member_id).figures.net_minor == 700


def test_the_same_news_a_second_later_is_no_conflict() -> None:
    member_id = member()
    paid("1", 5_000, buyer_id="b")
    for at in ("2026-11-22T04:00:01Z", "2026-11-22T04:00:00Z", "2026-11-22T04:00:01Z"):
        refunded("1", "r", 1_000, occurred_at=at)
        send("order.completed", order_id="1", occurred_at=at)
    assert show_member(member_id).figures.net_minor == 5_000
    completed = {item["completed_at"]["S"] for item in dump().values() if "completed_at" in item}
    assert completed == {"2026-11-22T04:00:00.000000+0000"}


def test_a_label_written_meanwhile_is_not_undone() -> None:
    """The night writes labels without a new version; an order in flight must not undo them: it
    labels by the lines of that night, from the label the night wrote."""
    member_id = member()
    news = event("order.paid", order_id="1", paid_minor=5_000, buyer_id="b")
    (ahead,) = read_ahead([news])
    segment_members(NOW.date())
    label = show_member(member_id).label
    assert label is not None
    assert label.stage == "first_purchase"
    assert record_order(news, ahead) is Outcome.RECORDED
    assert show_member(member_id).figures.net_minor == 6_000
    after = show_member(member_id).label
    assert after is not None
    assert after.stage == "repurchase_1"
    aggregate = figures.get_many({member_id})[member_id][0]
    assert aggregate.book.entries["default"].before == label.code
    assert aggregate.book == aggregate.labels


def test_a_label_written_meanwhile_stands_when_the_order_changes_none() -> None:
    member_id = member()
    news = event("order.completed", order_id="0")
    later = event("order.refunded", order_id="0", refund_id="r", refunded_minor=1)
    ahead = read_ahead([news, later])
    segment_members(NOW.date())
    before = figures.get_many({member_id})[member_id][0].book
    for one, read in zip((news, later), ahead, strict=True):
        assert record_order(one, read) is Outcome.RECORDED
    assert show_member(member_id).figures.net_minor == 999
    assert figures.get_many({member_id})[member_id][0].book == before
    assert before.code("default") is not None


def test_an_id_beyond_53_bits_keeps_every_digit() -> None:
    assert event("order.completed", order_id=3705115058471208929).order_id == "3705115058471208929"


def test_a_death_before_or_after_any_call_and_a_second_delivery_end_the_same() -> None:
    """The worker is killed at every call it makes to the table, then the queue delivers again."""

    def start() -> None:
        empty_table()
        scan(receipt(1), "ann")

    def deliver() -> None:
        paid("1", 5_000, buyer_id="b", receipt_token=receipt(1), delivery="d1")

    start()
    with line() as quiet:
        deliver()
    assert quiet.calls == ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]
    expected = domain_shape()
    for number in range(1, len(quiet.calls) + 1):
        for accident in ("killed before", "killed after", "lost before", "lost after"):
            start()
            with line(at_call(number, accident)):
                try:
                    deliver()
                except KilledError:
                    assert accident.startswith("killed")
            deliver()
            assert domain_shape() == expected, f"{accident} call {number}"


def domain_shape() -> Any:
    """What stands in the table, without the random member id and coupon code."""
    orders = [
        (item["paid_minor"]["N"], item["version"]["N"], "member_id" in item)
        for item in dump().values()
        if item["kind"]["S"] == "ORDER"
    ]
    rows = [
        figures_row(item["z"]["S"]) for item in dump().values() if item["kind"]["S"] == "AGGREGATE"
    ]
    return kinds(), orders, rows


def test_conflicts_are_retried_and_a_failed_condition_is_not() -> None:
    member()
    with line(lambda number, name: "conflict" if name[0] == "T" and number < 6 else None) as busy:
        assert paid("1", 5_000, buyer_id="b") is Outcome.RECORDED
    assert busy.calls.count("TransactWriteItems") == 4


def test_endless_conflicts_ask_for_another_delivery() -> None:
    member()
    before = dump()
    with (
        line(lambda _, name: "conflict" if name == "TransactWriteItems" else None),
        pytest.raises(ContentionError),
    ):
        paid("1", 5_000, buyer_id="b")
    assert dump() == before
