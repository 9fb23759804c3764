"""docs/data-model.md states what each job costs; here each job is done and its units are counted.

Units depend on the engine's arithmetic: ministack, the second choice, does not count like AWS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from siyu.aws import client
from siyu.domain.figures import Figures
from siyu.domain.referrals import PROGRAMME
from siyu.services import attach_orders, credit_referral
from siyu.services.codes import identity_index
from siyu.services.release_credits import release_due
from siyu.services.segment_members import segment_members
from siyu.services.show_member import show_member
from siyu.storage import figures
from siyu.storage.figures import Aggregate
from siyu.storage.items import Item
from siyu.storage.transaction import Transaction
from tests import support
from tests.docs.reading import DOCS, rows
from tests.services.shop import door, paid, receipt, refunded, scan
from tests.support import NOW, SOURCE

pytestmark = pytest.mark.skipif(
    support._engine.kind != "dynoxide", reason="only dynoxide counts units like AWS"
)
PAGE = DOCS / "data-model.md"
HEADING = "## Units"
WRITES = {"PutItem", "TransactWriteItems", "BatchExecuteStatement"}
TODAY = NOW.date()
DUE = TODAY + timedelta(days=PROGRAMME.hold_days)
NIGHT_MEMBERS = 1_000
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


def ask(params: dict[str, Any], model: Any, **_: Any) -> None:
    if "ReturnConsumedCapacity" in model.input_shape.members:
        params["ReturnConsumedCapacity"] = "INDEXES"


@contextmanager
def counted() -> Iterator[Used]:
    """Counts the calls of the models and of the bare client."""
    used = Used()
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
        for events in emitters:
            for name, handler in handlers:
                events.unregister(name, handler)


def joined(number: int, referral: str | None = None) -> tuple[str, str]:
    """A member and the buyer as whom the shop knows them; a new name each time, because the worker
    remembers for a while who its buyers are."""
    buyer = f"buyer{next(_numbers)}"
    paid(f"first-{buyer}", 900, buyer_id=buyer, receipt_token=receipt(number))
    member = scan(receipt(number), buyer, referral).member_id
    attach_orders.attach_waiting(identity_index(f"buyer:{SOURCE}", buyer), member)
    return member, buyer


def referred_purchase() -> Callable[[], object]:
    """A purchase of 100.00 by a referred member; posts what it owes."""
    code = scan(receipt(1), "ann").referral_code
    bob, buyer = joined(2, code)
    paid("1", 10_000, buyer_id=buyer)
    binding = credit_referral.bindings_of({bob})[bob]
    return lambda: credit_referral.credit_referral(f"{SOURCE}#1", binding, NOW)


def many_members() -> None:
    """A thousand members with five days of purchases each."""
    for start in range(0, NIGHT_MEMBERS, 100):
        write = Transaction()
        for number in range(start, start + 100):
            day = TODAY.toordinal() - number % 300
            buckets = {day - 9 * gap: (1, 12_345 + number) for gap in range(5)}
            before = Aggregate(f"{number:013d}", Figures(), day)
            figures.put(write, before, Figures(buckets))
        write.commit()


def signup() -> Callable[[], object]:
    return lambda: scan(receipt(1), "ann")


def signup_with_referral() -> Callable[[], object]:
    code = scan(receipt(1), "ann").referral_code
    return lambda: scan(receipt(2), "bob", code)


def signup_reveals_buyer() -> Callable[[], object]:
    paid("1", 5_000, buyer_id="ann", receipt_token=receipt(1))
    return lambda: scan(receipt(1), "ann")


def signup_at_the_door() -> Callable[[], object]:
    return lambda: scan(door(), "ann")


def member_claims() -> Callable[[], object]:
    scan(receipt(1), "ann")
    return lambda: scan(receipt(2), "ann")


def member_scans_again() -> Callable[[], object]:
    scan(receipt(1), "ann")
    return lambda: scan(receipt(1), "ann")


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
    buyer = identity_index(f"buyer:{SOURCE}", "ann")
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


def same_night() -> Callable[[], object]:
    many_members()
    segment_members(TODAY)
    return lambda: segment_members(TODAY)


JOBS: dict[str, Callable[[], Callable[[], object]]] = {
    "Signup by receipt, new member": signup,
    "Signup by receipt with a referral, new member": signup_with_referral,
    "Signup by a receipt whose order names its buyer, new member": signup_reveals_buyer,
    "Signup by a store's code, new member": signup_at_the_door,
    "A member claims another receipt": member_claims,
    "A member scans the same receipt again": member_scans_again,
    "Paid order, unknown buyer": paid_by_stranger,
    "Paid order, unknown buyer, with a receipt": paid_by_stranger_with_receipt,
    "Paid order of a known member": paid_by_member,
    "Paid order of a known member, with a receipt": paid_by_member_with_receipt,
    "Refund of a known member's order": refund_to_member,
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
    "GET /v1/me": profile,
    "Segmentation, 1,000 members, all labels new": first_night,
    "Segmentation, 1,000 members, nothing changed": same_night,
}


def stated() -> dict[str, Used]:
    return {
        job: Used(*(float(cell.replace(",", "")) for cell in cells[:3]))
        for job, *cells in rows(PAGE, HEADING)
    }


def test_every_stated_job_is_measured_and_every_measured_job_is_stated() -> None:
    assert list(stated()) == list(JOBS)


@pytest.mark.parametrize("job", JOBS)
def test_a_job_costs_what_the_page_says(job: str) -> None:
    support.empty_table()
    work = JOBS[job]()
    with counted() as used:
        work()
    assert used == stated()[job]
