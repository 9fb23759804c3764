"""The items of the referral programme: rules, credits, ledger, and what tills hold of it."""

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
)

from siyu.storage.items import Item


class CreditItem(Item, discriminator="CREDIT"):
    """`decision` is `[verdict, reasons]`, `evidence` what it was made from; `ruling` is a person's,
    `former` are those about other people. In the second index while it waits: for its release, for
    somebody's decision, for its end."""

    order_key = UnicodeAttribute()
    referrer_id = UnicodeAttribute()
    referee_id = UnicodeAttribute()
    programme = UnicodeAttribute()
    opened_on = UnicodeAttribute()
    release_on = UnicodeAttribute()
    expires_on = UnicodeAttribute(null=True)
    earned_minor = NumberAttribute()
    reversed_minor = NumberAttribute()
    granted_minor = NumberAttribute()
    expired_minor = NumberAttribute(null=True)
    ended_minor = NumberAttribute(null=True)
    grants = JSONAttribute(null=True)
    limited_by = JSONAttribute(null=True)
    doubted_on = UnicodeAttribute(null=True)
    paid_on = UnicodeAttribute(null=True)
    state = UnicodeAttribute()
    decision = JSONAttribute(null=True)
    evidence = JSONAttribute(null=True)
    ruling = JSONAttribute(null=True)
    former = JSONAttribute(null=True)
    by_parts = BooleanAttribute(null=True)
    let_go_minor = NumberAttribute(null=True)
    version = NumberAttribute()


class EntryItem(Item, discriminator="ENTRY"):
    entry_id = UnicodeAttribute()
    entry_kind = UnicodeAttribute()
    debit = UnicodeAttribute()
    credit = UnicodeAttribute()
    amount_minor = NumberAttribute()
    order_key = UnicodeAttribute(null=True)
    programme = UnicodeAttribute(null=True)
    hold_key = UnicodeAttribute(null=True)
    posted_at = UTCDateTimeAttribute()


class BalanceItem(Item, discriminator="BALANCE"):
    """One shard of a member's balance."""

    pending_minor = NumberAttribute(null=True)
    released_minor = NumberAttribute(null=True)
    held_minor = NumberAttribute(null=True)
    earned_minor = NumberAttribute(null=True)
    reversed_minor = NumberAttribute(null=True)
    spent_minor = NumberAttribute(null=True)
    expired_minor = NumberAttribute(null=True)


class AccountItem(Item, discriminator="ACCOUNT"):
    """One shard of an account of the brand's; below zero is what it owes to members."""

    balance_minor = NumberAttribute()


class CapItem(Item, discriminator="CAP"):
    """What was credited in a window, or from a shard of a budget; refunds make no room again."""

    used_minor = NumberAttribute()


class HoldItem(Item, discriminator="HOLD"):
    """Credit promised to a till: `parts` are pairs of an account and what is taken from it, in
    minor units. In the second index while it is held."""

    hold_key = UnicodeAttribute()
    member_id = UnicodeAttribute()
    store = UnicodeAttribute()
    parts = JSONAttribute()
    spend_minor = NumberAttribute()
    captured_minor = NumberAttribute(null=True)
    state = UnicodeAttribute()
    held_at = UTCDateTimeAttribute()
    lapses_on = UnicodeAttribute()
    version = NumberAttribute()
