"""Persons: an account with those merged into it, and all that is theirs."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from siyu.domain.consents import Consent, Purpose
from siyu.domain.coupons import Coupon
from siyu.domain.members import Member, Standing, together
from siyu.domain.referrals import Binding
from siyu.storage import keys
from siyu.storage.bindings import to_binding, to_standing
from siyu.storage.coupons import to_coupon
from siyu.storage.member_items import (
    ConsentItem,
    CouponItem,
    PhoneItem,
    ProfileItem,
    ReferrerItem,
    StandingItem,
)
from siyu.storage.members import Identity, to_identities, to_member
from siyu.storage.reading import partition


@dataclass(frozen=True, slots=True)
class Account:
    """One account with what lies in its partition; `phone` is sealed."""

    member: Member
    identities: tuple[Identity, ...] = ()
    coupons: tuple[Coupon, ...] = ()
    consents: tuple[Consent, ...] = ()
    binding: Binding | None = None
    standing: Standing = field(default_factory=Standing)
    phone: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Person:
    """All accounts of a person; the first is the oldest, which stays."""

    accounts: tuple[Account, ...]

    @property
    def member(self) -> Member:
        """The account that speaks for the person."""
        return self.accounts[0].member

    @property
    def member_ids(self) -> tuple[str, ...]:
        return tuple(account.member.member_id for account in self.accounts)

    @property
    def coupons(self) -> tuple[tuple[str, Coupon], ...]:
        """All coupons, each with the account it lies in."""
        return tuple(
            (account.member.member_id, coupon)
            for account in self.accounts
            for coupon in account.coupons
        )

    @property
    def standing(self) -> Standing:
        """What is noted about them, over all their accounts."""
        return together(account.standing for account in self.accounts)

    @property
    def consents(self) -> tuple[Consent, ...]:
        return tuple(consent for account in self.accounts for consent in account.consents)


def load(member_id: str) -> Person | None:
    """The person behind an account, or None: one query for each of their accounts.

    An erased person is one too: see `member.erased_at`.
    """
    while True:
        person = _load(member_id)
        if person is None or member_id in person.member_ids:
            return person
        # Its merge was undone between two reads: what was read is somebody else.


def _load(member_id: str) -> Person | None:
    read_so_far: dict[str, Account] = {}
    at = member_id
    while True:
        account = _account(at)
        if account is None:
            return None
        read_so_far[at] = account
        if account.member.up is None:
            break
        at = account.member.up
    return Person(tuple(_tree(account, read_so_far)))


def _tree(account: Account, read_so_far: dict[str, Account]) -> Iterator[Account]:
    yield account
    for part in account.member.parts:
        below = read_so_far.get(part) or _account(part)
        if below is not None:
            yield from _tree(below, read_so_far)


def _account(member_id: str) -> Account | None:
    items = list(partition(keys.member_pk(member_id)))
    profile = next((item for item in items if isinstance(item, ProfileItem)), None)
    if profile is None:
        return None
    return Account(
        to_member(profile),
        to_identities(profile),
        tuple(to_coupon(item) for item in items if isinstance(item, CouponItem)),
        tuple(to_consent(item) for item in items if isinstance(item, ConsentItem)),
        next((to_binding(item) for item in items if isinstance(item, ReferrerItem)), None),
        to_standing(next((item for item in items if isinstance(item, StandingItem)), None)),
        next((item.sealed for item in items if isinstance(item, PhoneItem)), None),
    )


def to_consent(item: ConsentItem) -> Consent:
    return Consent(
        Purpose(item.purpose),
        bool(item.granted),
        item.policy_version,
        item.text_hash,
        item.channel,
        item.decided_at,
        item.address_mark,
    )
