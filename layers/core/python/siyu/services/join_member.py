"""Make a shopper a member: account, figures, first touch, benefit and consents.

Who was a member before and had themselves erased may come back, but gets no second welcome: else
erasing oneself would be a way to collect it again and again.
"""

import base64
import secrets as randomness
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from siyu.domain import base32
from siyu.domain.calendar import business_date
from siyu.domain.codes import PAYLOAD_CHARS, Code, CodeKind
from siyu.domain.consents import Consent, profiling_refused
from siyu.domain.coupons import WELCOME, Coupon, issue
from siyu.domain.issued_codes import IssuedCode
from siyu.domain.members import FirstTouch, Member
from siyu.secrets import secrets
from siyu.storage import aggregates, consents, coupons, members, phones
from siyu.storage.codes import take_coupon
from siyu.storage.members import Identity
from siyu.storage.transaction import Transaction
from siyu.wechat.login import Login

COUPON_CODE_CHARS = 12
# Who came by a friend's code came by no store.
NO_STORE = "-"


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody about to join; `was_member_since` is about an identity of theirs that was erased
    once, `device` and `address` are keyed marks of where they come from."""

    member_id: str
    identities: Sequence[Identity]
    now: datetime
    consents: Sequence[Consent] = ()
    was_member_since: datetime | None = None
    login: Login | None = None
    device: str | None = None
    address: str | None = None

    @property
    def returning(self) -> bool:
        """Whether they were a member before."""
        return self.was_member_since is not None


@dataclass(frozen=True, slots=True)
class Joined:
    """What a new member was given, or why not: given, quota_reached or returning_customer; who is
    one already is given nothing."""

    coupon: Coupon | None
    benefit: str


KNOWN = Joined(None, "already_a_member")


def join(write: Transaction, newcomer: Newcomer, code: Code, issued: IssuedCode | None) -> Joined:
    """Write a new member; their identities, and who sent them, are written by the caller."""
    member_id, now = newcomer.member_id, newcomer.now
    touch = _first_touch(code, issued, newcomer.device)
    member = Member(member_id, now, touch, was_member_since=newcomer.was_member_since)
    members.put_member(write, member, newcomer.identities)
    refused = profiling_refused(newcomer.consents)
    store = member.first_touch.store
    aggregates.put_new(write, member_id, business_date(now), store, out=refused)
    for consent in dict.fromkeys(newcomer.consents):
        consents.put(write, member_id, consent)
    _leave_question(write, newcomer)
    if newcomer.returning:
        return Joined(None, "returning_customer")
    return _give(write, member_id, issued, now)


def new_member_id() -> str:
    """65 random bits: unguessable, and free of any meaning that could leak."""
    return base32.encode(randomness.randbits(5 * PAYLOAD_CHARS), PAYLOAD_CHARS)


def new_coupon_code() -> str:
    """60 random bits: nobody guesses a coupon at the till."""
    return base32.encode(randomness.randbits(5 * COUPON_CODE_CHARS), COUPON_CODE_CHARS)


def _give(write: Transaction, member_id: str, issued: IssuedCode | None, now: datetime) -> Joined:
    """The coupon that the code promises, while its quota lasts."""
    if issued is not None:
        if not issued.left:
            return Joined(None, "quota_reached")
        take_coupon(write, issued)
    benefit = issued.spec.benefit if issued and issued.spec.benefit else WELCOME
    coupon = issue(benefit, new_coupon_code(), now)
    coupons.put_new(write, member_id, coupon)
    return Joined(coupon, "given")


def _leave_question(write: Transaction, newcomer: Newcomer) -> None:
    """A provider's contacts come without unionid: WeCom has to be asked whose they are. The
    question is committed with the signup, so it cannot be lost, and sealed."""
    wecom, login = secrets().wecom, newcomer.login
    if wecom is not None and wecom.provider and login is not None and login.unionid:
        # Loading the ciphers takes a tenth of a cold start, and few brands are providers.
        from siyu.services.sealing import seal  # noqa: PLC0415

        sealed = seal(f"{login.unionid}|{login.openid}", newcomer.member_id)
        text = base64.b64encode(sealed).decode()
        phones.put_lookup(write, newcomer.member_id, text, newcomer.now)


def _first_touch(code: Code, issued: IssuedCode | None, device: str | None) -> FirstTouch:
    if code.kind is CodeKind.MEMBER:
        return FirstTouch("referral", NO_STORE, code.member_id, device=device)
    if issued is None:
        return FirstTouch("receipt", code.store, code.key, device=device)
    spec = issued.spec
    return FirstTouch(spec.kind.value, spec.store, issued.key, spec.guide, spec.channel, device)
