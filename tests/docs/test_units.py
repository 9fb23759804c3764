"""docs/data-model.md states what each job costs; here each job is done and its units are counted.

Units depend on the engine's arithmetic: ministack, the second choice, does not count like AWS.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from siyu.api.quarantine import READERS
from siyu.aws import client
from siyu.domain.consents import Consent, Purpose
from siyu.domain.coupons import Benefit, Redemption
from siyu.domain.figures import Figures
from siyu.domain.programmes import PROGRAMME
from siyu.errors import CodeNotValidError
from siyu.services import attach_orders, credit_referral, identities, replay_events
from siyu.services.erase_member import erase_member
from siyu.services.link_phone import link_phone
from siyu.services.merge_members import merge_members, undo_merge
from siyu.services.open_session import open_session
from siyu.services.record_consent import record_consent
from siyu.services.record_order import record_order
from siyu.services.redeem_coupon import redeem_coupon
from siyu.services.release_credits import release_due
from siyu.services.segment_members import segment_members
from siyu.services.show_member import show_member
from siyu.storage import aggregates, programmes
from siyu.storage import rows as rows_of_members
from siyu.storage.aggregates import Aggregate
from siyu.storage.items import Item
from siyu.storage.transaction import Transaction
from siyu.wechat.login import Login
from tests import support
from tests.docs import audience_jobs, credit_jobs, segment_jobs
from tests.docs.reading import DOCS, rows
from tests.faults import line
from tests.functions.calls import message
from tests.services.aside import put_aside
from tests.services.shop import STORE, door, event, issue, paid, receipt, refunded, scan
from tests.support import NOW, SOURCE

pytestmark = pytest.mark.skipif(
    support._engine.kind != "dynoxide", reason="only dynoxide counts units like AWS"
)
PAGE = DOCS / "data-model.md"
HEADING = "## Units"
WRITES = {
    "PutItem",
    "UpdateItem",
    "TransactWriteItems",
    "BatchExecuteStatement",
    "BatchWriteItem",
}
TODAY = NOW.date()
DUE = TODAY + timedelta(days=PROGRAMME.hold_days)
NIGHT_MEMBERS = 1_000
ADDRESS = "192.0.2.7"
_numbers = count()


@dataclass
class Used:
    """Units read and written, and the part of the written ones that went into indexes."""

    read: float = 0.0
    write: float = 0.0
    index: float = 0.0

    def count(self, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        consumed = parsed.get("ConsumedCapacity") or []
        for entry in consumed if isinstance(consumed, list) else [consumed]:
            if model.name not in WRITES:
                self.read += entry["CapacityUnits"]
                continue
            self.write += entry["CapacityUnits"]
            indexes = entry.get("GlobalSecondaryIndexes", {}).values()
            self.index += sum(index["CapacityUnits"] for index in indexes)

    def count_page(self, response_dict: dict[str, Any], **_: Any) -> None:
        """A page of the night, which the SDK's parser never sees (storage/rows.py)."""
        self.read += json.loads(response_dict["body"])["ConsumedCapacity"]["CapacityUnits"]


def ask(params: dict[str, Any], model: Any, **_: Any) -> None:
    if "ReturnConsumedCapacity" in model.input_shape.members:
        params["ReturnConsumedCapacity"] = "INDEXES"


@contextmanager
def counted() -> Iterator[Used]:
    """Counts the calls of the models, of the bare client and of the night's reader."""
    used = Used()
    reader = rows_of_members._client().meta.events
    reader.register("provide-client-params.dynamodb", ask)
    reader.register_first("before-parse.dynamodb.Query", used.count_page)
    emitters: list[Any] = [
        Item._get_connection().connection.client.meta.events,
        client("dynamodb").meta.events,
    ]
    handlers = (("provide-client-params.dynamodb", ask), ("after-call.dynamodb", used.count))
    for events in emitters:
        for name, handler in handlers:
            events.register(name, handler)
    try:
        yield used
    finally:
        reader.unregister("provide-client-params.dynamodb", ask)
        reader.unregister("before-parse.dynamodb.Query", used.count_page)
        for events in emitters:
            for name, handler in handlers:
                events.unregister(name, handler)


def joined(number: int, referral: str | None = None) -> tuple[str, str]:
    """A member and the buyer as whom the shop knows them; a new name each time."""
    buyer = f"buyer{next(_numbers)}"
    paid(f"first-{buyer}", 900, buyer_id=buyer, receipt_token=receipt(number))
    member = scan(receipt(number), buyer, referral, address=ADDRESS).member_id
    attach_orders.attach_waiting(identities.buyer(SOURCE, buyer), member)
    return member, buyer


def referred_purchase() -> Callable[[], object]:
    """A purchase of 100.00 by a referred member; posts what it owes."""
    code = scan(receipt(1), "ann").referral_code
    bob, buyer = joined(2, code)
    paid("1", 10_000, buyer_id=buyer)
    shared = credit_referral.following({bob})
    return lambda: credit_referral.credit_referral(f"{SOURCE}#1", shared, NOW)


def many_members() -> None:
    """A thousand members with five days of purchases each."""
    for start in range(0, NIGHT_MEMBERS, 100):
        write = Transaction()
        for number in range(start, start + 100):
            day = TODAY.toordinal() - number % 300
            buckets = {day - 9 * gap: (1, 12_345 + number) for gap in range(5)}
            before = Aggregate(f"{number:013d}", Figures(), day, STORE)
            aggregates.put(write, before, replace(before, figures=Figures(buckets)))
        write.commit()


def arrive(token: str, openid: str, referral: str | None = None) -> object:
    """A scan as the gateway brings it: from an address, with the unionid WeChat gives."""
    return scan(token, openid, referral, unionid=f"union-{openid}", address=ADDRESS)


def signup() -> Callable[[], object]:
    return lambda: arrive(receipt(1), "ann")


def signup_with_referral() -> Callable[[], object]:
    code = scan(receipt(1), "ann").referral_code
    return lambda: arrive(receipt(2), "bob", code)


def signup_reveals_buyer() -> Callable[[], object]:
    paid("1", 5_000, buyer_id="ann", receipt_token=receipt(1))
    return lambda: arrive(receipt(1), "ann")


def signup_at_the_door() -> Callable[[], object]:
    token = door()
    return lambda: arrive(token, "ann")


def signup_within_a_quota() -> Callable[[], object]:
    token = issue(quota=100)
    return lambda: arrive(token, "ann")


def member_claims() -> Callable[[], object]:
    arrive(receipt(1), "ann")
    return lambda: arrive(receipt(2), "ann")


def member_scans_again() -> Callable[[], object]:
    arrive(receipt(1), "ann")
    return lambda: arrive(receipt(1), "ann")


def scan_of_a_forged_token() -> Callable[[], object]:
    def refused() -> None:
        with pytest.raises(CodeNotValidError):
            arrive(receipt(1)[::-1], "ann")

    return refused


def sign_in() -> Callable[[], object]:
    arrive(receipt(1), "ann")
    return lambda: open_session(Login("ann", "union-ann"), NOW)


def phone_linked() -> Callable[[], object]:
    member = scan(receipt(1), "ann").member_id
    return lambda: link_phone(member, "+8613800138000", NOW)


def two_members() -> tuple[str, str]:
    return joined(1)[0], joined(2)[0]


def merged() -> Callable[[], object]:
    one, other = two_members()
    return lambda: merge_members(one, other, "unionid", "proof", NOW)


def merge_undone() -> Callable[[], object]:
    one, other = two_members()
    merge = merge_members(one, other, "unionid", "proof", NOW)
    assert merge is not None
    return lambda: undo_merge(merge.absorbed_id, "operator", "a mistake", NOW)


def consent_recorded() -> Callable[[], object]:
    member = scan(receipt(1), "ann").member_id
    consent = Consent(Purpose.MARKETING, True, "1", "0" * 64, "mini_program", NOW)
    return lambda: record_consent(member, consent)


def profiling_decided() -> Callable[[], object]:
    member = scan(receipt(1), "ann").member_id
    consent = Consent(Purpose.PROFILING, False, "1", "0" * 64, "mini_program", NOW)
    return lambda: record_consent(member, consent)


def coupon_redeemed() -> Callable[[], object]:
    coupon = scan(receipt(1), "ann").coupon
    assert coupon is not None
    return lambda: redeem_coupon(coupon.code, Redemption("A1B", "till-1", 12_800, NOW))


def referral_coupon_redeemed() -> Callable[[], object]:
    programme = replace(PROGRAMME, version="gift", coupon=Benefit("friend", 2_000, 0, 14))
    programmes.append(programmes.load(), programme)
    code = scan(receipt(1), "ann").referral_code
    friend = scan(receipt(2), "bob", code, address=ADDRESS, device="bobs")
    gift = friend.referral_coupon
    assert gift is not None
    return lambda: redeem_coupon(gift.code, Redemption("A1B", "till-1", 12_800, NOW))


def erased() -> Callable[[], object]:
    arrive(receipt(1), "ann")
    member = open_session(Login("ann", None), NOW)
    return lambda: erase_member(member, NOW)


def paid_by_merged_member() -> Callable[[], object]:
    buyers = dict([joined(1), joined(2)])
    one, other = buyers
    merge = merge_members(one, other, "unionid", "proof", NOW)
    assert merge is not None
    younger = buyers[merge.absorbed_id]
    return lambda: paid("1", 5_000, buyer_id=younger, store_id="A1B")


def profile_of_merged_member() -> Callable[[], object]:
    one, other = two_members()
    merge_members(one, other, "unionid", "proof", NOW)
    return lambda: show_member(one)


def paid_by_stranger() -> Callable[[], object]:
    return lambda: paid("1", 5_000, buyer_id="stranger", store_id="A1B")


def paid_by_stranger_with_receipt() -> Callable[[], object]:
    token = receipt(9)
    return lambda: paid("1", 5_000, buyer_id="stranger", store_id="A1B", receipt_token=token)


def paid_by_member() -> Callable[[], object]:
    _, buyer = joined(1)
    return lambda: paid("1", 5_000, buyer_id=buyer, store_id="A1B")


def paid_by_member_with_receipt() -> Callable[[], object]:
    _, buyer = joined(1)
    token = receipt(9)
    return lambda: paid("1", 5_000, buyer_id=buyer, store_id="A1B", receipt_token=token)


def paid_with_payment() -> Callable[[], object]:
    _, buyer = joined(1)
    return lambda: paid("1", 5_000, buyer_id=buyer, store_id="A1B", payment_id="pay-1")


def told_by_the_payment_too() -> Callable[[], object]:
    paid_with_payment()()
    told = event("order.paid", order_id="t", paid_minor=5_000, payment_id="pay-1")
    return lambda: record_order(replace(told, source="pay"))


def refund_of_a_sale_with_payment() -> Callable[[], object]:
    paid_with_payment()()
    return lambda: refunded("1", "r", 1_000)


def refund_to_member() -> Callable[[], object]:
    _, buyer = joined(1)
    paid("1", 5_000, buyer_id=buyer)
    return lambda: refunded("1", "r", 1_000)


def refund_alone() -> Callable[[], object]:
    _, buyer = joined(1)
    return lambda: refunded(None, "r", 1_000, buyer_id=buyer)


def refund_of_unknown_sale() -> Callable[[], object]:
    return lambda: refunded("77", "r", 1_000)


def duplicate() -> Callable[[], object]:
    _, buyer = joined(1)
    paid("1", 5_000, buyer_id=buyer, delivery="again")
    paid("2", 5_000, buyer_id=buyer)
    return lambda: paid("1", 5_000, buyer_id=buyer, delivery="again")


def attach_one() -> Callable[[], object]:
    paid("1", 5_000, buyer_id="ann")
    paid("2", 900, buyer_id="ann", receipt_token=receipt(1))
    member = scan(receipt(1), "ann").member_id
    return lambda: attach_orders.attach([f"{SOURCE}#1"], member)


def attach_forty() -> Callable[[], object]:
    for number in range(39):
        paid(f"{number}", 5_000, buyer_id="ann")
    paid("39", 900, buyer_id="ann", receipt_token=receipt(1))
    member = scan(receipt(1), "ann").member_id
    buyer = identities.buyer(SOURCE, "ann")
    return lambda: attach_orders.attach_waiting(buyer, member)


def credit() -> Callable[[], object]:
    return referred_purchase()


def credit_taken_back() -> Callable[[], object]:
    post = referred_purchase()
    post()
    refunded("1", "r", 4_000)
    return post


def credit_again() -> Callable[[], object]:
    post = referred_purchase()
    post()
    return post


def nothing_due() -> Callable[[], object]:
    return lambda: release_due(DUE, NOW)


def release_one() -> Callable[[], object]:
    referred_purchase()()
    return lambda: release_due(DUE, NOW)


def profile() -> Callable[[], object]:
    member, _ = joined(1)
    return lambda: show_member(member)


def first_night() -> Callable[[], object]:
    many_members()
    return lambda: segment_members(TODAY)


def night_after() -> Callable[[], object]:
    first_night()()
    return lambda: segment_members(TODAY + timedelta(days=1))


def same_night() -> Callable[[], object]:
    first_night()()
    return lambda: segment_members(TODAY)


def purchase_aside(number: int = 1) -> str:
    """A member's purchase that was set aside; its id."""
    _, buyer = joined(number)
    order = {"order_id": buyer, "paid_minor": 5_000, "buyer_id": buyer, "store_id": "A1B"}
    return put_aside(message("order.paid", f"aside-{buyer}", **order), f"m{number}")


def set_aside() -> Callable[[], object]:
    text = message("order.paid", "d1", order_id="1", paid_minor=5_000, buyer_id="buyer")
    return lambda: put_aside(text)


def twenty_listed() -> Callable[[], object]:
    for number in range(20):
        at = NOW + timedelta(seconds=number)
        put_aside(message("order.completed", f"d{number}", order_id="1"), f"m{number}", at)
    return lambda: replay_events.list_open(limit=20)


def purchase_tried() -> Callable[[], object]:
    name = purchase_aside()
    return lambda: replay_events.try_event(name, READERS)


def purchase_replayed() -> Callable[[], object]:
    name = purchase_aside()
    return lambda: replay_events.replay(name, READERS, "ann", NOW)


def purchase_replayed_again() -> Callable[[], object]:
    work = purchase_replayed()
    work()
    return work


def discarded() -> Callable[[], object]:
    name = purchase_aside()
    return lambda: replay_events.discard(name, "ann", "a test", NOW)


JOBS: dict[str, Callable[[], Callable[[], object]]] = {
    "Signup by receipt, new member": signup,
    "Signup by receipt with a referral, new member": signup_with_referral,
    "Signup by a receipt whose order names its buyer, new member": signup_reveals_buyer,
    "Signup by an issued code, new member": signup_at_the_door,
    "Signup by an issued code with a quota, new member": signup_within_a_quota,
    "A member claims another receipt": member_claims,
    "A member scans the same receipt again": member_scans_again,
    "A forged, malformed or expired token": scan_of_a_forged_token,
    "Sign in without scanning": sign_in,
    "Link a phone number": phone_linked,
    "Merge two accounts": merged,
    "Undo a merge": merge_undone,
    "Record a consent": consent_recorded,
    "Record a decision about profiling": profiling_decided,
    "Redeem a coupon": coupon_redeemed,
    "Redeem the coupon for joining by a referral": referral_coupon_redeemed,
    "Erase a member, at once": erased,
    "Paid order, unknown buyer": paid_by_stranger,
    "Paid order, unknown buyer, with a receipt": paid_by_stranger_with_receipt,
    "Paid order of a known member": paid_by_member,
    "Paid order of a known member, with a receipt": paid_by_member_with_receipt,
    "Paid order of a member with two accounts": paid_by_merged_member,
    "Paid order of a known member that names its payment": paid_with_payment,
    "The same sale told by its payment": told_by_the_payment_too,
    "Refund of a known member's order": refund_to_member,
    "Refund of an order that names its payment": refund_of_a_sale_with_payment,
    "Refund without a sale, known member": refund_alone,
    "Refund of a sale never seen": refund_of_unknown_sale,
    "Duplicate delivery": duplicate,
    "Attach one waiting order": attach_one,
    "Find and attach forty waiting orders": attach_forty,
    "Post a credit": credit,
    "Take a credit back": credit_taken_back,
    "Follow an order whose credit stands": credit_again,
    "Release night, nothing due": nothing_due,
    "Release night, one credit due": release_one,
    **credit_jobs.JOBS,
    "GET /v1/me": profile,
    "GET /v1/me of a member with two accounts": profile_of_merged_member,
    "Segmentation, 1,000 members, all labels new": first_night,
    "Segmentation, 1,000 members, the night after": night_after,
    "Segmentation, a night that is run again": same_night,
    **audience_jobs.JOBS,
    **segment_jobs.JOBS,
    "Set a message aside": set_aside,
    "List twenty events that were set aside": twenty_listed,
    "Try a paid order of a known member": purchase_tried,
    "Replay a paid order of a known member": purchase_replayed,
    "Replay it again": purchase_replayed_again,
    "Discard an event": discarded,
}


def stated() -> dict[str, Used]:
    return {
        job: Used(*(float(cell.replace(",", "")) for cell in cells[:3]))
        for job, *cells in rows(PAGE, HEADING)
    }


def test_every_stated_job_is_measured_and_every_measured_job_is_stated() -> None:
    assert list(stated()) == list(JOBS)


def at_its_pace(job: str) -> Any:
    """Jobs that look at a month, or at a second night, need one."""
    long = any(one in job for one in ("thirty nights", "Flows", "the night after", "run again"))
    return pytest.param(job, marks=pytest.mark.slow if long else ())


@pytest.mark.parametrize("job", [at_its_pace(job) for job in JOBS])
def test_a_job_costs_what_the_page_says(job: str) -> None:
    support.empty_table()
    work = JOBS[job]()
    with counted() as used:
        work()
    assert used == stated()[job]


def test_a_paid_order_takes_two_reads_and_one_transaction_of_twelve_units_at_most() -> None:
    """The second read is of the figures, whose key the first one tells; a batch shares both."""
    paid_jobs = [job for job in JOBS if job.startswith("Paid order of a known member")]
    assert all(stated()[job].write <= 12 for job in paid_jobs)
    for job in paid_jobs:
        support.empty_table()
        work = JOBS[job]()
        with line() as calls:
            work()
        assert calls.calls == ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]


@pytest.mark.parametrize("job", [job for job in JOBS if job.startswith("Signup")])
def test_a_signup_takes_one_read_and_one_transaction(job: str) -> None:
    support.empty_table()
    work = JOBS[job]()
    with line() as calls:
        work()
    assert calls.calls == ["BatchGetItem", "TransactWriteItems"]
