"""Members, their identities, coupons and referral binding."""

from dataclasses import dataclass
from datetime import datetime

from siyu.domain.calendar import to_utc
from siyu.domain.ledger import Balance
from siyu.domain.members import Coupon, FirstTouch, Member
from siyu.domain.referrals import Binding
from siyu.storage import keys
from siyu.storage.figures import Aggregate, to_aggregate
from siyu.storage.items import (
    AggregateItem,
    BalanceItem,
    CouponItem,
    IdentityItem,
    ProfileItem,
    ReceiptItem,
    ReferrerItem,
)
from siyu.storage.ledger import to_balance
from siyu.storage.reading import partition, read
from siyu.storage.receipts import Receipt, to_receipt
from siyu.storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is known of a scan before it is decided."""

    member_id: str | None
    receipt: Receipt | None
    buyer_member: str | None


@dataclass(frozen=True, slots=True)
class Wallet:
    """A member with what is theirs."""

    member: Member
    coupons: list[Coupon]
    referred: bool


def look_up(openid_index: str, receipt_key: str | None, buyer_key: str | None) -> Arrival:
    """The scanner, the receipt and, when asked for, who the receipt's buyer is: one round trip."""
    who = keys.identity("openid", openid_index)
    receipt_at = keys.receipt(receipt_key) if receipt_key else None
    buyer = keys.buyer(buyer_key) if buyer_key else None
    found = read([who, receipt_at, buyer])
    identity = found.get(IdentityItem, who)
    receipt = found.get(ReceiptItem, receipt_at)
    owner = found.get(IdentityItem, buyer)
    return Arrival(
        identity.member_id if identity else None,
        to_receipt(receipt) if receipt else None,
        owner.member_id if owner else None,
    )


def put_member(write: Transaction, member: Member) -> None:
    """A new profile. The id must be free."""
    write.create(
        "profile",
        ProfileItem(
            *keys.profile(member.member_id),
            member_id=member.member_id,
            joined_at=to_utc(member.joined_at),
            first_touch_kind=member.first_touch.kind,
            first_touch_store=member.first_touch.store,
            first_touch_number=member.first_touch.number,
        ),
    )


def link_identity(write: Transaction, member_id: str, kind: str, index: str, now: datetime) -> None:
    """Tie an identity to a member; it must not be tied to anybody."""
    item = IdentityItem(
        *keys.identity(kind, index),
        identity_kind=kind,
        identity_index=index,
        member_id=member_id,
        linked_at=to_utc(now),
    )
    item.GSI1PK, item.GSI1SK = keys.identity_of_member(member_id, kind, index)
    write.create(kind, item)


def bind_referrer(write: Transaction, binding: Binding) -> None:
    """Bind a referee to a referrer for life; the referrer must exist."""
    write.check(
        "referrer",
        ProfileItem,
        keys.profile(binding.referrer_id),
        ProfileItem.PK.exists(),
    )
    write.create(
        "binding",
        ReferrerItem(
            *keys.referrer(binding.referee_id),
            referee_id=binding.referee_id,
            referrer_id=binding.referrer_id,
            bound_at=to_utc(binding.bound_at),
        ),
    )


def put_coupon(write: Transaction, member_id: str, coupon: Coupon) -> None:
    """A coupon; its id must be new to the member, which is what makes a welcome come once."""
    item = CouponItem(
        *keys.coupon(member_id, coupon.coupon_id),
        coupon_id=coupon.coupon_id,
        code=coupon.code,
        benefit=coupon.benefit,
        value_minor=coupon.value_minor,
        min_spend_minor=coupon.min_spend_minor,
        expires_at=to_utc(coupon.expires_at),
    )
    item.GSI1PK, item.GSI1SK = keys.coupon_by_code(coupon.code)
    write.create("coupon", item)


def bindings(referee_ids: set[str]) -> dict[str, Binding]:
    """The bindings of those referees that have one, in one round trip per 100."""
    where = {referee_id: keys.referrer(referee_id) for referee_id in referee_ids}
    found = read(where.values())
    items = {referee_id: found.get(ReferrerItem, key) for referee_id, key in where.items()}
    return {
        referee_id: Binding(item.referee_id, item.referrer_id, item.bound_at)
        for referee_id, item in items.items()
        if item is not None
    }


def wallet(member_id: str) -> Wallet | None:
    """Profile, coupons and binding of a member, or None: one query."""
    items = list(partition(keys.member_pk(member_id)))
    profile = next((item for item in items if isinstance(item, ProfileItem)), None)
    if profile is None:
        return None
    touch = FirstTouch(
        profile.first_touch_kind, profile.first_touch_store, profile.first_touch_number
    )
    return Wallet(
        Member(profile.member_id, profile.joined_at, touch),
        [_coupon(item) for item in items if isinstance(item, CouponItem)],
        any(isinstance(item, ReferrerItem) for item in items),
    )


def account(member_id: str) -> tuple[Aggregate | None, Balance]:
    """A member's figures and credit balance: one round trip, 5 read units."""
    aggregate_at, balances_at = keys.aggregate(member_id), keys.balances(member_id)
    found = read([aggregate_at, *balances_at])
    aggregate = found.get(AggregateItem, aggregate_at)
    shards = (found.get(BalanceItem, key) for key in balances_at)
    total = sum((to_balance(item) for item in shards if item is not None), Balance())
    return (to_aggregate(aggregate) if aggregate else None), total


def _coupon(item: CouponItem) -> Coupon:
    return Coupon(
        item.coupon_id,
        item.code,
        item.benefit,
        int(item.value_minor),
        int(item.min_spend_minor),
        item.expires_at,
    )
