"""One scan: sign the shopper up if they are new, and claim the receipt they hold.

One read and one transaction, two of each when the receipt's buyer is a member already. Orders
themselves follow from the table's stream (`attach_orders`): the claim is the fact, the attached
orders are its effect.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from siyu.domain.calendar import business_date
from siyu.domain.codes import Code, CodeKind
from siyu.domain.consents import Consent
from siyu.domain.coupons import Coupon
from siyu.domain.limits import Window
from siyu.domain.receipts import Receipt
from siyu.errors import AlreadyClaimedError, CodeNotValidError, TooManyRequestsError
from siyu.services import codes, identities, join_member, match_people, scan_limits
from siyu.storage import arrivals, members, receipts, windows
from siyu.storage.arrivals import Arrival, Question
from siyu.storage.members import Identity
from siyu.storage.transaction import StaleReadError, Transaction, retrying
from siyu.wechat.login import Login

SCANNABLE = {CodeKind.RECEIPT, CodeKind.ISSUED}


@dataclass(frozen=True, slots=True)
class Scan:
    """A scanned token, and who scans it; `login` exchanges the login code when it is needed.

    `address` and `device` are what limits are counted by; neither is stored as it is.
    """

    token: str
    referral_code: str | None
    login: Callable[[], Login]
    now: datetime
    address: str = ""
    device: str | None = None
    consents: Sequence[Consent] = ()


@dataclass(frozen=True, slots=True)
class SignedUp:
    """What a scan came to. `claim` is claimed, pending (the order has not arrived) or none;
    `benefit` says why there is no coupon, or given; `friend_link` leads to the code's guide."""

    member_id: str
    joined: bool
    referral_code: str
    coupon: Coupon | None
    benefit: str
    claim: str
    referral: str
    friend_link: str | None = None


def sign_up(scan: Scan) -> SignedUp:
    """Raises CodeNotValidError, LoginRefusedError, AlreadyClaimedError, TooManyRequestsError,
    UnavailableError."""
    code = codes.trusted(scan.token, SCANNABLE, business_date(scan.now))
    if code is None:
        raise CodeNotValidError("no such code")
    visit = _Visit(code, scan)
    outcome = retrying(visit.attempt)
    match_people.after_login(visit.arrival.by_openid, visit.arrival.by_unionid, scan.now)
    return outcome


class _Visit:
    """One scan on its way to being decided. What a failed attempt taught is kept for the next."""

    arrival: Arrival

    def __init__(self, code: Code, scan: Scan) -> None:
        self._scan = scan
        self._code = code
        self._login = login = scan.login()
        self._openid = identities.mini_program_openid(login.openid)
        self._unionid = identities.unionid(login.unionid) if login.unionid else None
        self._referral = join_member.Referral(scan.referral_code)
        self._windows = scan_limits.windows(
            scan.now, self._openid[1], code.store, scan.address, scan.device
        )
        self._known_buyer: str | None = None

    def attempt(self) -> SignedUp:
        self.arrival = arrival = self._look_up()
        self._refuse_what_is_over()
        member_id = arrival.member_id or join_member.new_member_id()
        write = Transaction()
        claim, buyer = self._claim(write, member_id)
        fresh = [*self._unknown(), *([buyer] if buyer else [])]
        for identity in fresh:
            proof = "receipt" if identity == buyer else "wechat_login"
            members.link_identity(write, member_id, identity, proof, self._scan.now)
        joined = self._join(write, member_id, fresh) if arrival.member_id is None else None
        if joined is None and fresh:
            members.name_identities(write, member_id, fresh)
        if not write.empty:
            for window in filter(self._counts, self._windows):
                windows.count(write, window)
        try:
            write.commit()
        except StaleReadError as stale:
            self._learn(stale)
            raise
        return SignedUp(
            member_id,
            joined is not None,
            codes.referral_token(member_id),
            joined.coupon if joined else None,
            joined.benefit if joined else "already_a_member",
            claim,
            self._referral.outcome(joined=joined is not None),
            arrival.code.friend_link if arrival.code else None,
        )

    def _look_up(self) -> Arrival:
        known = [self._openid, self._unionid] if self._unionid else [self._openid]
        return arrivals.look_up(
            Question(
                self._code,
                self._openid[1],
                self._unionid[1] if self._unionid else None,
                [identities.reentry_mark(identity) for identity in known],
                self._windows,
                self._known_buyer,
            )
        )

    def _refuse_what_is_over(self) -> None:
        """A revoked code looks like one that never was."""
        arrival, today = self.arrival, business_date(self._scan.now)
        issued = self._code.kind is CodeKind.ISSUED
        if arrival.key_revoked or (issued and not (arrival.code and arrival.code.open_on(today))):
            raise CodeNotValidError("revoked, unknown or not begun")
        for full in arrival.full:
            if self._counts(full):
                raise TooManyRequestsError(full.limit.name, full.retry_after(self._scan.now))

    def _counts(self, window: Window) -> bool:
        return self.arrival.member_id is None or not window.limit.joins

    def _unknown(self) -> list[Identity]:
        """Of a newcomer everything; of a known shopper another app, or a unionid told now first."""
        owners = {self._openid: self.arrival.by_openid}
        if self._unionid:
            owners[self._unionid] = self.arrival.by_unionid
        return [identity for identity, owner in owners.items() if owner is None]

    def _join(
        self, write: Transaction, member_id: str, fresh: list[Identity]
    ) -> join_member.Joined:
        newcomer = join_member.Newcomer(
            member_id,
            fresh,
            self._scan.now,
            self._scan.consents,
            self.arrival.returning,
            self._login,
        )
        return join_member.join(write, newcomer, self._code, self.arrival.code, self._referral)

    def _learn(self, stale: StaleReadError) -> None:
        if "referrer" in stale.labels:
            self._referral.drop()
        if "buyer" in stale.labels and self.arrival.receipt is not None:
            self._known_buyer = self.arrival.receipt.buyer_key

    def _claim(self, write: Transaction, member_id: str) -> tuple[str, Identity | None]:
        """Claim the receipt, and with it the buyer it was printed for, if nobody knew them."""
        if self._code.kind is not CodeKind.RECEIPT:
            return "none", None
        now = self._scan.now
        receipt = self.arrival.receipt or Receipt(self._code.key)
        claimant, owner = receipt.claimant(now), self.arrival.buyer_member
        strangers = {one for one in (claimant, owner) if one not in (None, member_id)}
        arrival = self.arrival
        # One login may lead to two accounts: then it is they who are one.
        strangers -= {arrival.by_openid, arrival.by_unionid}
        if strangers and not match_people.are_one(arrival.member_id, strangers):
            match_people.after_login(arrival.by_openid, arrival.by_unionid, now)
            # The shop has named who bought: whoever holds the paper may be the same person.
            known = owner or (claimant if receipt.order_key and receipt.buyer_key else None)
            receipt_key = receipt.receipt_key
            match_people.suspect(
                arrival.member_id, known, match_people.RECEIPT, now, about=receipt_key
            )
            raise AlreadyClaimedError("claimed by somebody else")
        revealed: Identity | None = None
        if claimant is None:
            version = receipt.version + 1
            mine = replace(receipt, claimed_by=member_id, claimed_at=now, version=version)
            receipts.put(write, mine)
            if receipt.buyer_key is not None and owner is None:
                revealed = ("buyer", receipt.buyer_key)
        return ("claimed" if receipt.order_key else "pending"), revealed
