"""Coupons: in the wallet of the account they were given to, found at the till by their code."""

import hashlib
from dataclasses import replace

from siyu.domain.calendar import to_utc
from siyu.domain.coupons import Coupon, Redemption
from siyu.storage import keys
from siyu.storage.items import DeliveryItem
from siyu.storage.member_items import CouponItem
from siyu.storage.reading import indexed
from siyu.storage.transaction import Transaction

# No source of orders has a name like this.
TILL = "till:"


def put_new(write: Transaction, member_id: str, coupon: Coupon) -> None:
    """A coupon; its id must be new to the account, which is what makes a welcome come once."""
    write.create("coupon", _item(member_id, coupon))


def put_redeemed(write: Transaction, member_id: str, coupon: Coupon, done: Redemption) -> None:
    """A coupon with its redemption: the coupon's first, under an id new to the store."""
    item = _item(member_id, replace(coupon, redemption=done))
    write.put(
        "coupon", item, (CouponItem.code == coupon.code) & CouponItem.redeemed_at.does_not_exist()
    )
    content = f"{coupon.code}|{done.spend_minor}"
    write.create(
        "redemption",
        DeliveryItem(
            *keys.delivery(f"{TILL}{done.store}", done.redemption_id),
            digest=hashlib.sha256(content.encode()).hexdigest(),
            received_at=to_utc(done.redeemed_at),
        ),
    )


def owner_of(code: str) -> str | None:
    """The account behind a code shown at the till, or None; the index may lag a moment behind."""
    found = indexed(CouponItem, keys.coupon_by_code(code).pk)
    return next((item.member_id for item in found), None)


def to_coupon(item: CouponItem) -> Coupon:
    redemption = None
    if item.redeemed_at is not None:
        redemption = Redemption(
            item.redeemed_by_store, item.redemption_id, int(item.spend_minor), item.redeemed_at
        )
    return Coupon(
        item.coupon_id,
        item.code,
        item.benefit,
        int(item.value_minor),
        int(item.min_spend_minor),
        item.expires_at,
        int(item.per_person),
        redemption,
    )


def _item(member_id: str, coupon: Coupon) -> CouponItem:
    item = CouponItem(
        *keys.coupon(member_id, coupon.coupon_id),
        member_id=member_id,
        coupon_id=coupon.coupon_id,
        code=coupon.code,
        benefit=coupon.benefit,
        value_minor=coupon.value_minor,
        min_spend_minor=coupon.min_spend_minor,
        per_person=coupon.per_person,
        expires_at=to_utc(coupon.expires_at),
    )
    item.GSI1PK, item.GSI1SK = keys.coupon_by_code(coupon.code)
    if (done := coupon.redemption) is not None:
        item.redeemed_at = to_utc(done.redeemed_at)
        item.redeemed_by_store = done.store
        item.redemption_id = done.redemption_id
        item.spend_minor = done.spend_minor
    return item
