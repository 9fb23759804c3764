"""One scan: sign the shopper up if they are new, and claim the receipt they hold.

One read and one transaction, two of each when the receipt's buyer is a member already. Orders
themselves follow from the table's stream (`attach_orders`): the claim is the fact, the attached
orders are its effect.
"""

import secrets as randomness
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from siyu.domain import base32
from siyu.domain.calendar import business_date
from siyu.domain.codes import PAYLOAD_CHARS, Code, CodeKind
from siyu.domain.members import WELCOME, Coupon, FirstTouch, Member
from siyu.domain.referrals import Binding
from siyu.errors import AlreadyClaimedError, CodeNotValidError
from siyu.services import codes
from siyu.storage import figures, members, receipts
from siyu.storage.members import Arrival
from siyu.storage.receipts import Receipt
from siyu.storage.transaction import StaleReadError, Transaction, retrying

SCANNABLE = {CodeKind.RECEIPT, CodeKind.STORE}
COUPON_CODE_CHARS = 12


@dataclass(frozen=True, slots=True)
class Login:
    """A shopper as WeChat vouches for them."""

    openid: str


@dataclass(frozen=True, slots=True)
class Scan:
    """A scanned token with an optional referral code; `login` exchanges the login code."""

    token: str
    referral_code: str | None
    login: Callable[[], Login]
    now: datetime


@dataclass(frozen=True, slots=True)
class SignedUp:
    """What a scan came to. `claim` is claimed, pending (the order has not arrived) or none."""

    member_id: str
    joined: bool
    referral_code: str
    coupon: Coupon | None
    claim: str
    referral: str


def sign_up(scan: Scan) -> SignedUp:
    """Raises CodeNotValidError, LoginRefusedError, AlreadyClaimedError, UnavailableError."""
    code = codes.trusted(scan.token, SCANNABLE)
    if code is None:
        raise CodeNotValidError("no such code")
    return retrying(_Visit(code, scan).attempt)


class _Visit:
    """One scan on its way to being decided. What a failed attempt taught is kept for the next."""

    def __init__(self, code: Code, scan: Scan) -> None:
        self._code = code
        self._now = scan.now
        self._receipt_key = code.receipt_key if code.kind is CodeKind.RECEIPT else None
        self._referral = "none"
        self._referrer_id = self._referrer(scan.referral_code)
        self._openid_index = codes.identity_index("openid", scan.login().openid)
        self._known_buyer: str | None = None

    def attempt(self) -> SignedUp:
        arrival = members.look_up(self._openid_index, self._receipt_key, self._known_buyer)
        joined = arrival.member_id is None
        member_id = arrival.member_id or _new_member_id()
        write = Transaction()
        claim = self._claim(write, arrival, member_id)
        coupon = self._join(write, member_id) if joined else None
        try:
            write.commit()
        except StaleReadError as stale:
            self._learn(stale, arrival)
            raise
        return SignedUp(
            member_id,
            joined,
            codes.referral_token(member_id),
            coupon,
            claim,
            self._referral if joined or self._referral == "none" else "already_a_member",
        )

    def _referrer(self, token: str | None) -> str | None:
        if not token:
            return None
        code = codes.trusted(token, {CodeKind.MEMBER})
        self._referral = "bound" if code else "code_not_valid"
        return code.member_id if code else None

    def _learn(self, stale: StaleReadError, arrival: Arrival) -> None:
        if "referrer" in stale.labels:
            self._referrer_id, self._referral = None, "code_not_valid"
        if "buyer" in stale.labels and arrival.receipt is not None:
            self._known_buyer = arrival.receipt.buyer_key

    def _join(self, write: Transaction, member_id: str) -> Coupon:
        touch = FirstTouch(self._code.kind.name.lower(), self._code.store, self._code.number)
        coupon = _welcome_coupon(self._now)
        members.put_member(write, Member(member_id, self._now, touch))
        members.link_identity(write, member_id, "openid", self._openid_index, self._now)
        members.put_coupon(write, member_id, coupon)
        figures.put_new(write, member_id, business_date(self._now))
        if self._referrer_id is not None:
            members.bind_referrer(write, Binding(member_id, self._referrer_id, self._now))
        return coupon

    def _claim(self, write: Transaction, arrival: Arrival, member_id: str) -> str:
        """Claim the receipt, and with it the buyer it was printed for."""
        if self._receipt_key is None:
            return "none"
        receipt = arrival.receipt or Receipt(self._receipt_key)
        if {receipt.claimed_by, arrival.buyer_member} - {None, member_id}:
            raise AlreadyClaimedError("claimed by somebody else")
        if receipt.claimed_by is None:
            receipts.put(
                write,
                replace(
                    receipt,
                    claimed_by=member_id,
                    claimed_at=self._now,
                    version=receipt.version + 1,
                ),
            )
            if receipt.buyer_key is not None and arrival.buyer_member is None:
                members.link_identity(write, member_id, "buyer", receipt.buyer_key, self._now)
        return "claimed" if receipt.order_key else "pending"


def _welcome_coupon(now: datetime) -> Coupon:
    code = base32.encode(randomness.randbits(5 * COUPON_CODE_CHARS), COUPON_CODE_CHARS)
    return Coupon(
        WELCOME.benefit,
        code,
        WELCOME.benefit,
        WELCOME.value_minor,
        WELCOME.min_spend_minor,
        now + timedelta(days=WELCOME.valid_days),
    )


def _new_member_id() -> str:
    """65 random bits: unguessable, and free of any meaning that could leak."""
    return base32.encode(randomness.randbits(5 * PAYLOAD_CHARS), PAYLOAD_CHARS)
