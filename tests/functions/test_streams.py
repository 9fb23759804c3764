"""The table's stream: orders find their member, credits their order, and nothing is skipped."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from siyu.domain.ledger import Balance
from siyu.services import identities
from siyu.services.show_member import show_member
from siyu.storage import members
from siyu.storage.transaction import ATTEMPTS, Transaction
from tests.faults import line
from tests.functions.calls import ANN, BOB, Event, call, join, load
from tests.functions.make_events import changed
from tests.services.shop import door, paid, receipt, refunded, settle
from tests.support import NOW, dump, kinds

DONE: Event = {"batchItemFailures": []}
NOBODY = "0000000000NXY"


def resume_at(number: int) -> Event:
    return {"batchItemFailures": [{"itemIdentifier": str(number)}]}


def net(member_id: str) -> int:
    return show_member(member_id).figures.net_minor


def image(kind: str, **fields: str) -> tuple[str, Event]:
    """A change of an item that holds these texts."""
    texts = {"PK": "x", "SK": "x", "kind": kind, **fields}
    return "MODIFY", {name: {"S": text} for name, text in texts.items()}


def claim(order: str, member_id: str) -> tuple[str, Event]:
    return image("RECEIPT", order_key=f"shop#{order}", claimed_by=member_id)


def order(number: str, member_id: str) -> tuple[str, Event]:
    return image("ORDER", order_key=f"shop#{number}", member_id=member_id)


def test_a_buyer_who_is_revealed_receives_all_their_orders() -> None:
    join(BOB, door(), "openid-bob")
    paid("1", 5_000, buyer_id="buyer-1")
    paid("2", 3_000, buyer_id="buyer-1")
    paid("3", 9_000, buyer_id="somebody else")
    assert call("member_changes", load("member_changes/buyer_revealed")) == DONE
    assert net(BOB) == 0, "the record is of an identity that leads to nobody any more"
    write = Transaction()
    members.link_identity(write, BOB, identities.buyer("shop", "buyer-1"), "receipt", NOW)
    write.commit()
    assert call("member_changes", load("member_changes/buyer_revealed")) == DONE
    assert net(BOB) == 8_000
    assert kinds()["WAITING"] == 1
    assert call("member_changes", load("member_changes/buyer_revealed")) == DONE
    assert net(BOB) == 8_000


def test_an_anonymous_order_goes_to_who_claims_its_receipt() -> None:
    join(ANN, door(), "openid-ann")
    paid("2", 7_000, receipt_token=receipt(2))
    for _ in range(2):
        assert call("member_changes", load("member_changes/receipt_claimed")) == DONE
        assert net(ANN) == 7_000


def test_changes_that_attach_nothing_cost_nothing() -> None:
    """A claim before its order, a receipt with a buyer on it, another kind of item; an openid is
    looked at, since orders may wait there."""
    join(ANN, door(), "openid-ann")
    paid("1", 5_000, buyer_id="b")
    before = dump()
    with_buyer = claim("1", ANN)
    with_buyer[1]["buyer_key"] = {"S": "b"}
    waiting = image("RECEIPT", claimed_by=ANN)
    openid = image("IDENTITY", identity_kind="openid", identity_index="x", member_id=ANN)
    profile = image("PROFILE", member_id=ANN)
    removed = ("REMOVE", {"PK": {"S": "x"}, "SK": {"S": "x"}})
    event = changed(openid, waiting, with_buyer, profile, removed)
    del event["Records"][-1]["dynamodb"]["NewImage"]
    with line() as quiet:
        assert call("member_changes", event) == DONE
    assert quiet.calls == ["Query"]
    assert call("referral_credit", event) == DONE
    assert dump() == before


def test_claims_resume_at_the_change_that_failed(output: Callable[[], str]) -> None:
    """Its neighbours are followed all the same; a second delivery finds them done."""
    join(ANN, door(), "openid-ann")
    for number in ("1", "2", "3"):
        paid(number, 1_000, receipt_token=receipt(int(number)))
    event = changed(claim("1", ANN), claim("2", NOBODY), claim("3", ANN))
    assert call("member_changes", event) == resume_at(1002)
    assert net(ANN) == 2_000
    assert '"sequence_number":"1002"' in output()
    event["Records"][1] = changed(claim("2", ANN))["Records"][0]
    assert call("member_changes", {"Records": event["Records"][1:]}) == DONE
    assert net(ANN) == 3_000


def follow_claims() -> None:
    """What the stream says when it is read from its beginning."""
    everything = changed(*(("INSERT", item) for item in dump().values()))
    assert call("member_changes", everything) == DONE


@pytest.fixture
def referred() -> None:
    """Ann referred Bob, whose three orders are known to be his."""
    ann = join(ANN, door(), "openid-ann")
    paid("1", 10_000, buyer_id="b", receipt_token=receipt(1))
    join(BOB, receipt(1), "openid-bob", ann.referral_code)
    for number in ("2", "3"):
        paid(number, 10_000, buyer_id="b")
    follow_claims()


def credit() -> Balance:
    return show_member(ANN).balance


@pytest.mark.usefixtures("referred")
def test_a_members_order_credits_the_referrer_once() -> None:
    for _ in range(2):
        assert call("referral_credit", load("referral_credit/order_of_member")) == DONE
        assert credit() == Balance(pending_minor=500, earned_minor=500)
    refunded("1", "r", 4_000)
    assert call("referral_credit", load("referral_credit/order_of_member")) == DONE
    assert credit() == Balance(pending_minor=300, earned_minor=500, reversed_minor=200)


@pytest.mark.usefixtures("referred")
def test_orders_of_members_without_a_referrer_post_nothing() -> None:
    paid("9", 10_000, receipt_token=receipt(9))
    event = changed(order("9", ANN), order("1", NOBODY), order("unknown", BOB))
    assert call("referral_credit", event) == DONE
    assert credit() == Balance()


@pytest.mark.usefixtures("referred")
def test_credits_resume_at_the_change_that_failed() -> None:
    event = changed(order("1", BOB), order("2", BOB), order("3", BOB))
    posted = 0

    def fault(_: int, operation: str) -> str | None:
        nonlocal posted
        posted += operation == "TransactWriteItems"
        second = operation == "TransactWriteItems" and 2 <= posted < 2 + ATTEMPTS
        return "conflict" if second else None

    with line(fault):
        assert call("referral_credit", event) == resume_at(1002)
    assert credit() == Balance(pending_minor=1_000, earned_minor=1_000)
    assert call("referral_credit", {"Records": event["Records"][1:]}) == DONE
    assert credit() == Balance(pending_minor=1_500, earned_minor=1_500)


@pytest.mark.usefixtures("referred")
def test_a_batch_that_repeats_itself_posts_each_credit_once() -> None:
    event = changed(*(order(number, BOB) for number in ("1", "2", "3", "1", "2", "3")))
    with line() as quiet:
        assert call("referral_credit", event) == DONE
    assert quiet.calls.count("TransactWriteItems") == 3
    assert credit() == Balance(pending_minor=1_500, earned_minor=1_500)


def test_a_record_that_is_none_of_ours_fails_the_batch_and_is_not_passed_over() -> None:
    event = changed(order("1", BOB))
    del event["Records"][0]["dynamodb"]["ApproximateCreationDateTime"]
    for function in ("member_changes", "referral_credit"):
        with pytest.raises(KeyError):
            call(function, event)


def test_what_the_stream_says_is_enough_to_settle_a_shop() -> None:
    """The same state as when every item of the table is looked at."""
    ann = join(ANN, door(), "openid-ann")
    paid("1", 10_000, buyer_id="b", receipt_token=receipt(1))
    join(BOB, receipt(1), "openid-bob", ann.referral_code)
    follow_claims()
    call("referral_credit", changed(*(("INSERT", item) for item in dump().values())))
    streamed = {key: item for key, item in dump().items() if item["kind"]["S"] != "ENTRY"}
    settle()
    assert {key: item for key, item in dump().items() if key in streamed} == streamed
    assert credit() == Balance(pending_minor=500, earned_minor=500)
