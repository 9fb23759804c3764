"""What is a person's first purchase may change; whatever it was, the stream tells enough."""

from __future__ import annotations

from itertools import permutations

import pytest

from siyu.api.order_event import read_event
from siyu.services.merge_members import merge_members
from siyu.services.record_order import record_order
from tests.functions.calls import Event, call
from tests.functions.make_events import changed
from tests.services.rules import ago, bind, buy, kept, member, pair, rule
from tests.support import NOW, dump, empty_table

PAYMENT = "4200001234567890"


def tell(source: str, who: str, *, payment_only: bool) -> None:
    """A source tells of one sale, 25 days ago, in its own way."""
    data = {
        "order_id": source,
        "paid_minor": 10_000,
        "currency": "CNY",
        "payment_id": PAYMENT,
        "occurred_at": ago(25).isoformat(),
        "payment_only": payment_only,
        "buyer": {"openid": who},
    }
    content = {"type": "order.paid", "data": data}
    record_order(read_event(source, f"{source}-1", NOW, content))


def follow(before: dict[tuple[str, str], Event]) -> None:
    """What the stream tells the ledger of since then."""
    for key, item in dump().items():
        if item["kind"]["S"] == "ORDER" and item != before.get(key):
            event = changed(("MODIFY", item))
            event["Records"][0]["dynamodb"]["OldImage"] = before.get(key, {})
            assert call("referral_credit", event) == {"batchItemFailures": []}


@pytest.mark.parametrize(("who", "earns"), [("dan", {"1": 500}), ("nobody", {})])
def test_who_is_not_the_buyer_after_all_is_a_new_customer(who: str, earns: dict[str, int]) -> None:
    """The payment names Bob, the shop may know better; the sale itself never earned anything, and
    an order whose buyer is unknown stays with whom the payment named."""
    rule(new_customers_only=True)
    pair()
    bind(member("cat", 3), member("dan", 4))
    empty = dump()
    tell("pay2", "bob", payment_only=True)
    buy("1", 10_000, 5)
    follow(empty)
    assert kept() == {}
    before = dump()
    tell("shop", who, payment_only=False)
    follow(before)
    assert kept() == earns


@pytest.mark.parametrize("referred_too", [False, True])
def test_the_first_purchase_is_the_persons_whichever_account_it_came_to(
    *, referred_too: bool
) -> None:
    """Bob has another account, and the earlier purchase is told of there, sooner or later."""
    for arrival in permutations([("other", 9), ("bob", 5)]):
        empty_table()
        rule(first_purchase_only=True)
        _, bob = pair()
        other = member("other", 3)
        if referred_too:
            bind(member("cat", 4), other)
        merge_members(bob.member_id, other.member_id, "unionid", "proof", NOW)
        for who, days_ago in arrival:
            before = dump()
            buy(who, 10_000, days_ago, who)
            follow(before)
        assert kept() == ({"other": 500} if referred_too else {}), arrival
