"""The items about codes: those we issued, the keys of stores, and how often is scanned."""

from pynamodb.attributes import (
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
)

from siyu.storage.items import Item


class CodeItem(Item, discriminator="CODE"):
    """A code we issued. `used` counts coupons; it is kept only where there is a quota."""

    code_key = UnicodeAttribute()
    key_version = NumberAttribute()
    code_kind = UnicodeAttribute()
    store = UnicodeAttribute()
    guide = UnicodeAttribute(null=True)
    channel = UnicodeAttribute(null=True)
    label = UnicodeAttribute(null=True)
    benefit = JSONAttribute(null=True)
    quota = NumberAttribute(null=True)
    used = NumberAttribute(null=True)
    valid_from = UnicodeAttribute(null=True)
    valid_until = UnicodeAttribute(null=True)
    batch = UnicodeAttribute(null=True)
    friend_config = UnicodeAttribute(null=True)
    friend_link = UnicodeAttribute(null=True)
    created_at = UTCDateTimeAttribute()
    revoked_at = UTCDateTimeAttribute(null=True)


class StoreKeysItem(Item, discriminator="KEYS"):
    """The version of its key that a store signs with, and those that are revoked."""

    current = NumberAttribute()
    revoked = JSONAttribute()
    version = NumberAttribute()


class WindowItem(Item, discriminator="WINDOW"):
    """How often one limit was used in one window of time."""

    used = NumberAttribute()
    ttl = NumberAttribute()
