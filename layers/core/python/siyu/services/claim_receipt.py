"""A receipt is claimed by whoever scans it first, unless the shop has named who bought."""

from dataclasses import replace
from datetime import datetime

from siyu.domain.codes import Code, CodeKind
from siyu.domain.receipts import Receipt
from siyu.errors import AlreadyClaimedError
from siyu.services import match_people
from siyu.storage import merges, receipts
from siyu.storage.arrivals import Arrival
from siyu.storage.members import Identity
from siyu.storage.transaction import Transaction


def claim_receipt(
    write: Transaction, code: Code, arrival: Arrival, member_id: str, now: datetime
) -> tuple[str, Identity | None]:
    """Claim the receipt, and with it the buyer it was printed for, if nobody knew them.

    Returns claimed, pending (the order has not arrived) or none (not a receipt), and that buyer.
    Raises AlreadyClaimedError.
    """
    if code.kind is not CodeKind.RECEIPT:
        return "none", None
    receipt = arrival.receipt or Receipt(code.key)
    claimant, owner = receipt.claimant(now), arrival.buyer_member
    strangers = {one for one in (claimant, owner) if one not in (None, member_id)}
    # One login may lead to two accounts: then it is they who are one.
    strangers -= {arrival.by_openid, arrival.by_unionid}
    if strangers and not match_people.are_one(arrival.member_id, strangers):
        match_people.after_login(arrival.by_openid, arrival.by_unionid, now)
        # The shop has named who bought: whoever holds the paper may be the same person.
        known = owner or (claimant if receipt.order_key and receipt.buyer_key else None)
        about = receipt.receipt_key
        match_people.suspect(arrival.member_id, known, merges.RECEIPT, now, about=about)
        raise AlreadyClaimedError("claimed by somebody else")
    revealed: Identity | None = None
    if claimant is None:
        version = receipt.version + 1
        mine = replace(receipt, claimed_by=member_id, claimed_at=now, version=version)
        receipts.put(write, mine)
        if receipt.buyer_key is not None and owner is None:
            revealed = ("buyer", receipt.buyer_key)
    return ("claimed" if receipt.order_key else "pending"), revealed
