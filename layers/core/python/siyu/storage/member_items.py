"""The items about members: accounts, what is theirs, and what leads to them."""

from pynamodb.attributes import (
    BinaryAttribute,
    BooleanAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
    UTCDateTimeAttribute,
)

from siyu.storage.items import Item


class ProfileItem(Item, discriminator="PROFILE"):
    """`identities` holds `<kind>#<index>` of every identity that leads here."""

    member_id = UnicodeAttribute()
    joined_at = UTCDateTimeAttribute()
    first_touch_kind = UnicodeAttribute()
    first_touch_store = UnicodeAttribute()
    first_touch_code = UnicodeAttribute()
    first_touch_guide = UnicodeAttribute(null=True)
    first_touch_channel = UnicodeAttribute(null=True)
    first_touch_device = UnicodeAttribute(null=True)
    identities = UnicodeSetAttribute(null=True)
    up = UnicodeAttribute(null=True)
    parts = UnicodeSetAttribute(null=True)
    erased_at = UTCDateTimeAttribute(null=True)
    was_member_since = UTCDateTimeAttribute(null=True)
    noticed_at = UTCDateTimeAttribute(null=True)
    devices = UnicodeSetAttribute(null=True)
    version = NumberAttribute()


class ReferrerItem(Item, discriminator="REFERRER"):
    """Who brought an account; `refused` is why that is worth nothing. In GSI1 by the referrer, in
    GSI2 by the device.

    `device` and `address` are keyed marks. No count looks at those of a friend who came more than
    30 days before another; an erasure removes them. `kept` is what it leaves of what they told, and
    of who paid: `<what>#<account of the referrer's>#<order or number>`.
    """

    referee_id = UnicodeAttribute()
    referrer_id = UnicodeAttribute()
    bound_at = UTCDateTimeAttribute()
    refused = UnicodeAttribute(null=True)
    device = UnicodeAttribute(null=True)
    address = UnicodeAttribute(null=True)
    kept = UnicodeSetAttribute(null=True)


class NeighbourItem(Item, discriminator="NEIGHBOUR"):
    """That somebody came by a referral from an address: who and when is in its key. It is there as
    long as the binding names the address."""


class DepartedItem(Item, discriminator="DEPARTED"):
    """That friends who came from a device or an address were erased: when each had joined, and by
    which account (`<instant>#<account>`). Counts with who comes from there within a week."""

    friends = UnicodeSetAttribute()
    ttl = NumberAttribute()


class StandingItem(Item, discriminator="STANDING"):
    """What the brand has noted about an account in the referral programme."""

    staff_since = UTCDateTimeAttribute(null=True)
    suspended_at = UTCDateTimeAttribute(null=True)
    frauds = UnicodeSetAttribute(null=True)
    by_merge = UnicodeSetAttribute(null=True)
    version = NumberAttribute()


class PhoneItem(Item, discriminator="PHONE"):
    """A phone number, sealed (AES-256-GCM); its index is an identity like any other."""

    sealed = BinaryAttribute(legacy_encoding=False)
    identity_index = UnicodeAttribute()
    linked_at = UTCDateTimeAttribute()


class ConsentItem(Item, discriminator="CONSENT"):
    purpose = UnicodeAttribute()
    granted = BooleanAttribute()
    policy_version = UnicodeAttribute()
    text_hash = UnicodeAttribute()
    channel = UnicodeAttribute()
    decided_at = UTCDateTimeAttribute()
    address_mark = UnicodeAttribute(null=True)


class CouponItem(Item, discriminator="COUPON"):
    member_id = UnicodeAttribute()
    coupon_id = UnicodeAttribute()
    code = UnicodeAttribute()
    benefit = UnicodeAttribute()
    value_minor = NumberAttribute()
    min_spend_minor = NumberAttribute()
    per_person = NumberAttribute()
    expires_at = UTCDateTimeAttribute()
    redeemed_at = UTCDateTimeAttribute(null=True)
    redeemed_by_store = UnicodeAttribute(null=True)
    redemption_id = UnicodeAttribute(null=True)
    spend_minor = NumberAttribute(null=True)


class MergeItem(Item, discriminator="MERGE"):
    """Why two accounts became one person, and perhaps why not any more."""

    survivor_id = UnicodeAttribute()
    absorbed_id = UnicodeAttribute()
    proof = UnicodeAttribute()
    merged_at = UTCDateTimeAttribute()
    merged_by = UnicodeAttribute()
    undone_at = UTCDateTimeAttribute(null=True)
    undone_by = UnicodeAttribute(null=True)
    undone_because = UnicodeAttribute(null=True)


class ReviewItem(Item, discriminator="REVIEW"):
    """A match without proof. In GSI1 while nobody has decided."""

    member_id = UnicodeAttribute()
    other_id = UnicodeAttribute()
    evidence = UnicodeAttribute()
    noticed_at = UTCDateTimeAttribute()
    state = UnicodeAttribute()
    about = UnicodeAttribute(null=True)
    decided_at = UTCDateTimeAttribute(null=True)
    decided_by = UnicodeAttribute(null=True)


class ErasureItem(Item, discriminator="ERASURE"):
    """The order to erase a person, at the account that spoke for them. `identities` maps
    `<kind>#<index>` to its account; it is gone when the traces are, which `done_at` says."""

    member_id = UnicodeAttribute()
    accounts = UnicodeSetAttribute()
    identities = JSONAttribute(null=True)
    requested_at = UTCDateTimeAttribute()
    done_at = UTCDateTimeAttribute(null=True)


class LookupItem(Item, discriminator="LOOKUP"):
    """A question to WeCom that follows a signup: who is this shopper there? Gone in a day."""

    member_id = UnicodeAttribute()
    sealed = UnicodeAttribute()
    ttl = NumberAttribute()


class ReentryItem(Item, discriminator="REENTRY"):
    """That an identity was here once, and since when it was a member's."""

    erased_at = UTCDateTimeAttribute()
    since = UTCDateTimeAttribute(null=True)


class IdentityItem(Item, discriminator="IDENTITY"):
    """Whom an identity leads to; `devices` are those that its profile need not be told of again."""

    identity_kind = UnicodeAttribute()
    identity_index = UnicodeAttribute()
    member_id = UnicodeAttribute()
    proof = UnicodeAttribute()
    linked_at = UTCDateTimeAttribute()
    devices = UnicodeSetAttribute(null=True)


class RelationItem(Item, discriminator="RELATION"):
    """A friend of a guide, or a follower of the official account; it stays at its identity."""

    relation = UnicodeAttribute()
    guide = UnicodeAttribute(null=True)
    store = UnicodeAttribute(null=True)
    code_key = UnicodeAttribute(null=True)
    since = UTCDateTimeAttribute()
    ended_at = UTCDateTimeAttribute(null=True)
    ended_by = UnicodeAttribute(null=True)
    version = NumberAttribute()


class WaitingLinkItem(Item, discriminator="LINK"):
    """An identity that follows another one to its member, once that has one."""

    identity_kind = UnicodeAttribute()
    identity_index = UnicodeAttribute()
    proof = UnicodeAttribute()
