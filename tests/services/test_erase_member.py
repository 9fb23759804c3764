"""Who is erased is led to by nothing, whatever else happens at the same time; no sum moves."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import count
from random import Random
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest

from siyu.domain.consents import Consent, Purpose
from siyu.domain.contacts import Relation
from siyu.domain.coupons import Redemption
from siyu.errors import ContentionError, LoginRefusedError, NotFoundError
from siyu.services import identities, join_member
from siyu.services.attach_orders import attach_waiting
from siyu.services.credit_referral import credit_referral, following
from siyu.services.erase_member import erase_member, erase_self, finish_erasure
from siyu.services.known_member import known
from siyu.services.link_phone import link_phone
from siyu.services.merge_members import merge_members
from siyu.services.open_session import open_session
from siyu.services.record_consent import record_consent
from siyu.services.record_order import Outcome, record_order
from siyu.services.redeem_coupon import redeem_coupon
from siyu.services.segment_members import segment_members
from siyu.services.show_member import show_member
from siyu.storage import figures, members, orders, people, relations
from siyu.storage.members import Identity
from siyu.storage.relations import WaitingLink
from siyu.storage.transaction import Transaction
from siyu.wechat.login import Login
from tests.faults import DEATHS, KilledError, at_call, line
from tests.services import shop
from tests.services.shop import STORE, door, event, paid, receipt, refunded, scan, send, settle
from tests.support import NOW, at_once, dump, empty_table, kinds
from tests.written import unversioned

NUMBER = "+8613800138000"
CONSENT = Consent(Purpose.MARKETING, True, "1", "a" * 64, "mini_program", NOW, "mark")
FRIEND = ("wecom", identities.wecom_contact("wm-ann")[1])
LATE = NOW + timedelta(days=3)

Item = dict[str, Any]


def commit(fill: Callable[[Transaction], object]) -> None:
    write = Transaction()
    fill(write)
    write.commit()


def buyer(name: str) -> str:
    return identities.buyer("shop", name)[1]


def ann() -> str:
    """A member with one of everything that leads to her, or that she leaves behind; every time
    with the same ids."""
    bits, apart = SimpleNamespace(randbits=Random(1).getrandbits), count(1_000_000)
    with patch.object(join_member, "randomness", bits), patch.object(shop, "_deliveries", apart):
        return _ann()


def _ann() -> str:
    zoe = scan(receipt(90), "zoe", now=NOW - timedelta(days=1))
    paid("1", 10_000, buyer_id="b1", receipt_token=receipt(1))
    first = scan(receipt(1), "ann", zoe.referral_code, unionid="union-ann", consents=[CONSENT])
    second = scan(receipt(2), "ann-2", now=NOW + timedelta(minutes=1), device="phone-of-ann")
    merge_members(first.member_id, second.member_id, "unionid", "proof", NOW)
    paid("2", 20_000, buyer_id="b2", receipt_token=receipt(2))
    paid("3", 3_000, buyer_id="b1")
    refunded("3", "r3", 1_000, buyer_id="b1")
    refunded(None, "alone", 500, buyer_id="b2")
    paid("4", 4_000, receipt_token=receipt(4))
    scan(receipt(4), "ann")
    refunded("4", "r4", 1_000)
    link_phone(second.member_id, NUMBER, NOW)
    assert second.coupon is not None
    redeem_coupon(second.coupon.code, Redemption(STORE, "till-1", 5_000, NOW))
    openid = identities.mini_program_openid("ann")
    follower = Relation("follower", None, NOW, version=1)
    commit(lambda write: relations.put(write, openid, follower))
    commit(lambda write: relations.put(write, FRIEND, Relation("friend", "li", NOW, version=1)))
    settle()
    return first.member_id


def erase(member_id: str) -> None:
    erase_member(member_id, LATE)
    finish_erasure(member_id, LATE)


INDEXES = {
    index
    for _, index in (
        *map(identities.mini_program_openid, ("ann", "ann-2")),
        identities.unionid("union-ann"),
        identities.phone(NUMBER),
        *(identities.buyer("shop", name) for name in ("b1", "b2")),
    )
}


def leads() -> list[str]:
    """Items that still hold an index of hers."""
    return [
        f"{key} {item['kind']['S']}"
        for key, item in dump().items()
        if any(index in json.dumps({**item, "PK": key[0]}) for index in INDEXES)
    ]


def ledger() -> list[Item]:
    return [item for item in dump().values() if item["kind"]["S"] in ("ENTRY", "BALANCE")]


def end_state() -> dict[Any, Item]:
    """Everything but versions: a work done twice may count twice."""
    return {key: unversioned(item) for key, item in dump().items()}


def test_at_once_nothing_leads_to_the_person_and_their_figures_count_no_more() -> None:
    member_id = ann()
    own = known(member_id).member_ids
    night_before = segment_members(NOW.date())[0].members
    erase_member(member_id, LATE)
    left = [key[0] for key, item in dump().items() if item["kind"]["S"] in ("IDENTITY", "PHONE")]
    zoe = identities.mini_program_openid("zoe")[1]
    assert left == [f"I#openid#{zoe}"]
    person = people.load(member_id)
    assert person is not None
    assert set(person.member_ids) == set(own)
    assert all(account.member.erased_at == LATE for account in person.accounts)
    assert all(account.identities == () for account in person.accounts)
    assert all(lineage[0].gone for lineage in figures.get_many(set(own)).values())
    assert segment_members(NOW.date() + timedelta(days=1))[0].members == night_before - 1
    for account in own:
        with pytest.raises(NotFoundError):
            show_member(account)


def test_first_touch_stays() -> None:
    member_id = ann()
    before = known(member_id).member.first_touch
    erase(member_id)
    person = people.load(member_id)
    assert person is not None
    assert person.member.first_touch == before


def test_afterwards_no_index_of_theirs_is_anywhere_in_the_table() -> None:
    member_id = ann()
    sums = ledger()
    assert leads()
    erase(member_id)
    assert leads() == []
    assert ledger() == sums
    kept = kinds()
    # The phone, an unused coupon and what was told of her are gone; the books are not.
    assert (kept["CONSENT"], kept["ORDER"], kept["MERGE"]) == (1, 5, 1)
    ((consent,),) = [
        [item for item in dump().values() if item["kind"]["S"] == kind] for kind in ("CONSENT",)
    ]
    assert "address_mark" not in consent
    assert {"purpose", "granted", "text_hash", "decided_at"} <= consent.keys()
    coupons = [item for item in dump().values() if item["kind"]["S"] == "COUPON"]
    assert sum("redeemed_at" in item for item in coupons) == 1
    assert len(coupons) == 2  # the redeemed one, and the referrer's
    facts = [json.loads(item["body"]["S"]) for item in dump().values() if "body" in item]
    assert not any(fact.get("buyer_key") for fact in facts)


def test_erased_again_and_finished_again_is_the_same() -> None:
    member_id = ann()
    erase_member(member_id, LATE)
    before = dump()
    erase_member(member_id, LATE + timedelta(days=1))
    assert dump() == before
    finish_erasure(member_id, LATE)
    done = end_state()
    finish_erasure(member_id, LATE + timedelta(days=1))
    assert end_state() == done


def test_the_order_to_erase_is_enough_to_erase() -> None:
    """A function that dies after it has answered nobody leaves the rest to the stream."""
    erase(ann())
    expected = end_state()
    empty_table()
    finish_erasure(ann(), LATE)
    assert end_state() == expected


def test_somebody_who_never_joined_cannot_be_erased() -> None:
    for work in (erase_member, finish_erasure):
        with pytest.raises(NotFoundError):
            work("0000000000NXY", NOW)


def test_an_order_that_waits_for_the_buyer_goes_to_the_tombstone_without_them() -> None:
    member_id = ann()
    net = show_member(member_id).figures.net_minor
    # As if the stream had not come to it: the buyer is known and their order waits.
    account = known(member_id).member_ids[1]
    paid("9", 9_000, buyer_id="b9")
    commit(lambda write: members.link_identity(write, account, buyer_of("b9"), "receipt", NOW))
    commit(lambda write: members.name_identities(write, account, [buyer_of("b9")]))
    erase(member_id)
    assert figures.get_many({member_id})[member_id][0].figures.net_minor == net + 9_000
    assert not any(buyer("b9") in json.dumps({**item, "k": key}) for key, item in dump().items())
    # The stream comes to it late.
    assert attach_waiting(buyer_of("b9"), account) == 0


def buyer_of(name: str) -> Identity:
    return identities.buyer("shop", name)


def test_what_was_told_of_them_elsewhere_goes_too_but_not_what_came_later() -> None:
    member_id = ann()
    unionid, openid = identities.unionid("union-ann"), identities.mini_program_openid("ann")
    # The friend waits at the unionid: the stream has not come to it.
    waiting = WaitingLinkItemOf(unionid, FRIEND)
    waiting.put()
    erase_member(member_id, LATE)
    later = Relation("follower", None, LATE + timedelta(seconds=1), version=2)
    commit(lambda write: relations.put(write, openid, later))
    finish_erasure(member_id, LATE)
    assert list(relations.at(FRIEND)) == []
    assert list(relations.waiting_at(unionid)) == []
    assert list(relations.at(openid)) == [later]


class WaitingLinkItemOf:
    """A link as the contacts' side leaves it; here its owner is known already."""

    def __init__(self, at: Identity, link: Identity) -> None:
        self._at, self._link = at, WaitingLink(link, "wecom")

    def put(self) -> None:
        item = relations._waiting(self._at, self._link)
        commit(lambda write: write.put("link", item))


def test_a_friend_that_turned_out_to_be_somebody_elses_stays() -> None:
    member_id = ann()
    bob = scan(receipt(50), "bob").member_id
    WaitingLinkItemOf(identities.unionid("union-ann"), FRIEND).put()
    commit(lambda write: members.link_identity(write, bob, FRIEND, "wecom", NOW))
    commit(lambda write: members.name_identities(write, bob, [FRIEND]))
    erase(member_id)
    assert len(list(relations.at(FRIEND))) == 1


def test_while_the_index_of_orders_is_behind_nothing_is_called_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An order that the index does not show yet would keep its buyer for ever."""
    member_id = ann()
    erase_member(member_id, LATE)
    shown = orders.of_member
    monkeypatch.setattr(orders, "of_member", lambda account: list(shown(account))[1:])
    with pytest.raises(ContentionError):
        finish_erasure(member_id, LATE)
    assert leads() != []
    monkeypatch.undo()
    finish_erasure(member_id, LATE)
    assert leads() == []


# Late events


def test_a_late_refund_finds_the_tombstone_and_its_referrer_and_brings_nobody_back() -> None:
    member_id = ann()
    erase(member_id)
    before = figures.get_many({member_id})[member_id][0].figures.net_minor
    shared = following({member_id})
    pending = show_member(shared.bindings[member_id].referrer_id).balance.pending_minor
    assert refunded("1", "late", 4_000, buyer_id="b1") is Outcome.RECORDED
    assert send("order.completed", order_id="2") is Outcome.RECORDED
    assert figures.get_many({member_id})[member_id][0].figures.net_minor == before - 4_000
    assert credit_referral("shop#1", shared, LATE) == 1
    assert (
        show_member(shared.bindings[member_id].referrer_id).balance.pending_minor == pending - 200
    )
    assert leads() == []


def test_an_event_that_comes_again_is_a_duplicate() -> None:
    member_id = ann()
    erase(member_id)
    before = dump()
    again = [
        paid("1", 10_000, buyer_id="b1", receipt_token=receipt(1)),
        refunded("3", "r3", 1_000, buyer_id="b1"),
        refunded(None, "alone", 500, buyer_id="b2"),
    ]
    assert again == [Outcome.DUPLICATE] * 3
    assert dump() == before


def test_a_claim_whose_order_comes_late_is_the_tombstones_and_names_no_buyer() -> None:
    member_id = scan(receipt(1), "ann").member_id
    erase(member_id)
    paid("1", 5_000, buyer_id="b1", receipt_token=receipt(1))
    refunded(None, "alone", 500, buyer_id="b3")
    assert figures.get_many({member_id})[member_id][0].figures.net_minor == 5_000
    assert leads() == []


@pytest.mark.parametrize("moment", range(1, 4))
@pytest.mark.parametrize("amount", [1_000, 1_500])
@pytest.mark.parametrize("order", ["3", "4"])
def test_an_event_that_is_being_recorded_meanwhile_brings_nobody_back(
    order: str, amount: int, moment: int
) -> None:
    """With the amount reported before, the refund changes no figures, so they do not stop it; and
    order 4 named no buyer so far, so there is nothing to take out of it."""
    member_id = ann()
    late = event(
        "order.refunded",
        order_id=order,
        refund_id=f"r{order}",
        refunded_minor=amount,
        buyer_id="b1",
        occurred_at=(NOW + timedelta(seconds=1)).isoformat(),
    )
    done = []

    def meanwhile(number: int, _: str) -> None:
        if number == moment:
            done.append(moment)
            erase(member_id)

    with line(meanwhile):
        record_order(late)
    assert done == [moment]
    assert leads() == []


# Coming back


@pytest.mark.parametrize("unionid", ["union-ann", None])
@pytest.mark.parametrize("openid", ["ann", "ann-elsewhere"])
def test_who_comes_back_is_a_new_member_without_welcome_and_referrer(
    openid: str, unionid: str | None
) -> None:
    member_id = ann()
    erase(member_id)
    referrer = scan(receipt(70), "bob").referral_code
    back = scan(door(), openid, referrer, unionid=unionid, now=LATE)
    stranger = (openid, unionid) == ("ann-elsewhere", None)
    assert back.joined
    assert back.member_id != member_id
    assert (back.benefit, back.coupon is None) == (
        ("given", False) if stranger else ("returning_customer", True)
    )
    assert back.referral == ("bound" if stranger else "returning_customer")
    assert show_member(back.member_id).figures.orders == 0
    # Another scan, and being erased again, change nothing about that.
    assert not scan(door(), openid, unionid=unionid, now=LATE).joined
    erase(back.member_id)
    again = scan(door(), openid, unionid=unionid, now=LATE)
    assert again.benefit == "returning_customer"


def test_who_comes_back_keeps_what_is_new_when_the_old_is_cleaned_up_late() -> None:
    member_id = ann()
    erase_member(member_id, LATE)
    back = scan(receipt(80), "ann", unionid="union-ann", now=LATE)
    paid("80", 8_000, buyer_id="b1", receipt_token=receipt(80))
    link_phone(back.member_id, NUMBER, LATE)
    settle()
    finish_erasure(member_id, LATE)
    assert show_member(back.member_id).figures.net_minor == 8_000
    assert open_session(Login("ann", "union-ann"), LATE) == back.member_id
    assert paid("81", 1_000, buyer_id="b1") is Outcome.RECORDED
    assert show_member(back.member_id).figures.net_minor == 9_000


# Only oneself


@pytest.mark.parametrize("openid", ["ann", "ann-2"])
def test_any_login_of_the_person_erases_all_their_accounts(openid: str) -> None:
    member_id = ann()
    accounts = known(member_id).member_ids
    erase_self(accounts[1], Login(openid), LATE)
    assert all(people.load(account).member.erased_at == LATE for account in accounts)  # type: ignore[union-attr]


@pytest.mark.parametrize("openid", ["zoe", "nobody"])
def test_a_stolen_session_erases_nobody(openid: str) -> None:
    member_id = ann()
    before = dump()
    with pytest.raises(LoginRefusedError):
        erase_self(member_id, Login(openid, "union-ann"), LATE)
    assert dump() == before


def test_there_is_nobody_to_erase_twice() -> None:
    member_id = ann()
    erase_self(member_id, Login("ann"), LATE)
    with pytest.raises(NotFoundError):
        erase_self(member_id, Login("ann"), LATE)


# Accidents


def erasing(member_id: str) -> list[Callable[[], None]]:
    return [partial(erase_member, member_id, LATE), partial(finish_erasure, member_id, LATE)]


@pytest.mark.slow
@pytest.mark.parametrize("accident", DEATHS)
@pytest.mark.parametrize("part", [0, 1])
def test_killed_at_any_call_and_done_again_ends_the_same(part: int, accident: str) -> None:
    member_id = ann()
    steps = erasing(member_id)
    for step in steps[:part]:
        step()
    with line() as calls:
        steps[part]()
    for step in steps[part + 1 :]:
        step()
    expected = end_state()
    for number in range(1, len(calls.calls) + 1):
        empty_table()
        steps = erasing(ann())
        for step in steps[:part]:
            step()
        with line(at_call(number, accident)), pytest.raises(KilledError):
            steps[part]()
        for step in steps:
            step()
        assert end_state() == expected, number


def many(count: int) -> str:
    """A member with so many identities that one transaction cannot hold them."""
    member_id = ann()
    for start in range(0, count, 20):
        names = [identities.buyer("shop", f"x{number}") for number in range(start, start + 20)]
        write = Transaction()
        for name in names:
            members.link_identity(write, member_id, name, "receipt", NOW)
        members.name_identities(write, member_id, names)
        write.commit()
    return member_id


def test_more_identities_than_one_transaction_holds_are_all_forgotten() -> None:
    member_id = many(120)
    with line() as calls:
        erase_member(member_id, LATE)
    assert calls.calls.count("TransactWriteItems") == 3
    finish_erasure(member_id, LATE)
    assert leads() == []
    assert not [key for key in dump() if key[0].startswith("I#buyer#")]


@pytest.mark.slow
@pytest.mark.parametrize("accident", DEATHS)
def test_a_long_erasure_that_is_cut_short_is_taken_up_by_the_stream(accident: str) -> None:
    member_id = many(60)
    with line() as calls:
        erase_member(member_id, LATE)
    finish_erasure(member_id, LATE)
    expected = end_state()
    writes = [at for at, name in enumerate(calls.calls, 1) if name == "TransactWriteItems"]
    assert len(writes) == 2
    for number in writes:
        empty_table()
        member_id = many(60)
        with line(at_call(number, accident)), pytest.raises(KilledError):
            erase_member(member_id, LATE)
        if any(key[1] == "ERASURE" for key in dump()):
            finish_erasure(member_id, LATE)
            assert end_state() == expected
        else:
            assert known(member_id).member.erased_at is None


# At once


def test_nothing_that_happens_at_the_same_time_leaves_a_trace() -> None:
    for turn in range(4):
        empty_table()
        member_id = ann()
        second = known(member_id).member_ids[1]
        bob = scan(receipt(60), "bob", now=NOW + timedelta(hours=1)).member_id
        works: list[Callable[[], object]] = [
            partial(erase_member, member_id, LATE),
            partial(paid, "20", 2_000, buyer_id="b1"),
            partial(refunded, "1", "r1", 1_000, buyer_id="b1"),
            partial(scan, receipt(20), "ann", unionid="union-ann", now=LATE),
            partial(link_phone, second, "+8613800138001", LATE),
            partial(record_consent, second, replace(CONSENT, at=LATE)),
            partial(merge_members, bob, second, "phone", "proof", LATE),
            partial(segment_members, NOW.date()),
            partial(finish_erasure_when_begun, member_id),
        ]
        outcomes = at_once(len(works), lambda number, works=works: works[number]())  # type: ignore[misc]
        unexpected = [
            outcome
            for outcome in outcomes
            if isinstance(outcome, Exception)
            and not isinstance(outcome, NotFoundError | ContentionError)
        ]
        assert unexpected == [], turn
        erase(member_id)
        erased = people.load(member_id)
        assert erased is not None
        for account in erased.accounts:
            assert account.member.erased_at is not None
            assert (account.identities, account.phone) == ((), None)
            assert all(consent.address_mark is None for consent in account.consents)
        # What is left of the hashes belongs to a new life, or to an order of nobody's.
        gone = set(erased.member_ids)
        for key, item in dump().items():
            named = json.dumps(item)
            if any(index in json.dumps({**item, "PK": key[0]}) for index in INDEXES):
                assert not any(account in named for account in gone), key


def finish_erasure_when_begun(member_id: str) -> None:
    """As the stream does: not before the order is there."""
    for _ in range(50):
        if any(key[1] == "ERASURE" for key in dump()):
            finish_erasure(member_id, LATE)
            return


def test_erased_by_many_at_once_is_erased_once() -> None:
    member_id = ann()
    outcomes = at_once(8, lambda _: erase_member(member_id, LATE))
    assert all(outcome is None for outcome in outcomes)
    done = at_once(4, lambda _: finish_erasure(member_id, LATE))
    assert all(outcome is None or isinstance(outcome, ContentionError) for outcome in done)
    finish_erasure(member_id, LATE)
    assert leads() == []
    assert kinds()["ERASURE"] == 1
