"""One scan of a receipt, an issued code or a friend's poster: sign the shopper up if they are new,
and claim the receipt they hold.

One read and one transaction, two of each when the receipt's buyer is a member already. Orders
themselves follow from the table's stream (`attach_orders`): the claim is the fact, the attached
orders are its effect.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from siyu.domain.calendar import business_date
from siyu.domain.codes import Code, CodeKind
from siyu.domain.consents import Consent
from siyu.domain.coupons import Coupon
from siyu.domain.limits import ADDRESS, DEVICE, Window
from siyu.errors import CodeNotValidError, TooManyRequestsError
from siyu.services import codes, identities, join_member, match_people, refer_member, scan_limits
from siyu.services.claim_receipt import claim_receipt
from siyu.services.join_member import KNOWN, Joined, Newcomer
from siyu.services.refer_member import MISSED, NO_REFERRAL, Referral
from siyu.services.seen_devices import note_devices
from siyu.storage import arrivals, members, windows
from siyu.storage.arrivals import Arrival, Question
from siyu.storage.members import Identity
from siyu.storage.transaction import StaleReadError, Transaction, retrying
from siyu.wechat.login import Login

SCANNABLE = {CodeKind.RECEIPT, CodeKind.ISSUED, CodeKind.MEMBER}


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
    `benefit` says why there is no coupon, or given; `referral_coupon` is for having been sent;
    `friend_link` leads to the code's guide."""

    member_id: str
    joined: bool
    referral_code: str
    coupon: Coupon | None
    benefit: str
    claim: str
    referral: str
    friend_link: str | None = None
    referral_coupon: Coupon | None = None


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
        self._by_friend = code.kind is CodeKind.MEMBER
        # Who scans the code of one friend has come by it, whatever else they were sent.
        self._referral_code = scan.token if self._by_friend else scan.referral_code
        self._referrer_id = refer_member.referrer_of(self._referral_code)
        store = None if self._by_friend else code.store
        self._windows = scan_limits.windows(
            scan.now, self._openid[1], store, scan.address, scan.device, by=self._referrer_id
        )
        self._device = identities.mark(DEVICE.name, scan.device)
        self._known_buyer: str | None = None
        known = [self._openid, self._unionid] if self._unionid else [self._openid]
        self._marks = [identities.reentry_mark(identity) for identity in known]

    def attempt(self) -> SignedUp:
        self.arrival = arrival = self._look_up()
        self._refuse_what_is_over()
        member_id = arrival.member_id or join_member.new_member_id()
        write = Transaction()
        claim, buyer = claim_receipt(write, self._code, arrival, member_id, self._scan.now)
        fresh = [*self._unknown(), *([buyer] if buyer else [])]
        for identity in fresh:
            proof = "receipt" if identity == buyer else "wechat_login"
            device = self._device if identity == self._openid else None
            members.link_identity(write, member_id, identity, proof, self._scan.now, device=device)
        joined, referral = KNOWN, MISSED if self._referral_code else NO_REFERRAL
        if arrival.member_id is None:
            joined, referral = self._join(write, member_id, fresh)
        else:
            place = (self._openid, self._device, self._scan.now)
            note_devices(write, member_id, fresh, arrival.seen_on, place)
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
            arrival.member_id is None,
            codes.referral_token(member_id),
            joined.coupon,
            joined.benefit,
            claim,
            referral.status,
            arrival.code.friend_link if arrival.code else None,
            referral.coupon,
        )

    def _look_up(self) -> Arrival:
        return arrivals.look_up(
            Question(
                self._code,
                self._openid[1],
                self._unionid[1] if self._unionid else None,
                self._marks,
                self._windows,
                self._referrer_id,
                self._known_buyer,
            )
        )

    def _refuse_what_is_over(self) -> None:
        """A revoked code looks like one that never was."""
        arrival, today = self.arrival, business_date(self._scan.now)
        issued = self._code.kind is CodeKind.ISSUED
        nobodys = self._by_friend and arrival.referrer is None
        closed = issued and not (arrival.code and arrival.code.open_on(today))
        if arrival.key_revoked or closed or nobodys:
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
    ) -> tuple[Joined, Referral]:
        arrival, scan = self.arrival, self._scan
        newcomer = Newcomer(
            member_id,
            fresh,
            scan.now,
            scan.consents,
            arrival.was_member_since,
            self._login,
            self._device,
            identities.mark(ADDRESS.name, scan.address),
        )
        joined = join_member.join(write, newcomer, self._code, arrival.code)
        if not self._referral_code:
            return joined, NO_REFERRAL
        if arrival.was_member_since is None:
            arrivals.check_never_erased(write, self._marks)
        return joined, refer_member.refer(write, newcomer, arrival.referrer, joined.coupon)

    def _learn(self, stale: StaleReadError) -> None:
        if "buyer" in stale.labels and self.arrival.receipt is not None:
            self._known_buyer = self.arrival.receipt.buyer_key
