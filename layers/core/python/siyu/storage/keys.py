"""Every key of the table, and nowhere else (docs/data-model.md lists the access patterns)."""

import zlib
from datetime import date
from typing import NamedTuple

AGGREGATE_SHARDS = 64
LEDGER_SHARDS = 4
DUE_SHARDS = 8
QUARANTINE_SHARDS = 4
ACCOUNT_SHARDS = 16
OPEN_REVIEWS = "V#OPEN"


class Key(NamedTuple):
    """A primary key, or the key of an item in an index."""

    pk: str
    sk: str


def shard(text: str, count: int) -> int:
    """A stable shard number for `text`."""
    return zlib.crc32(text.encode()) % count


def member_pk(member_id: str) -> str:
    """The partition with an account's profile, binding, coupons, consents and merges."""
    return f"M#{member_id}"


def profile(member_id: str) -> Key:
    return Key(member_pk(member_id), "PROFILE")


def referrer(member_id: str) -> Key:
    return Key(member_pk(member_id), "REFERRER")


def coupon(member_id: str, coupon_id: str) -> Key:
    return Key(member_pk(member_id), f"K#{coupon_id}")


def standing(member_id: str) -> Key:
    """What the brand has noted about an account in the referral programme."""
    return Key(member_pk(member_id), "STANDING")


FRIENDS_PREFIX = "B#"


def friend_of_referrer(referrer_id: str, instant: str, referee_id: str) -> Key:
    """GSI1: those whom a referrer brought, by time."""
    return Key(member_pk(referrer_id), f"{FRIENDS_PREFIX}{instant}#{referee_id}")


def friend_on_device(device: str, instant: str, referee_id: str) -> Key:
    """GSI2: those who came by a referral from one device, whoever brought them, by time."""
    return Key(friends_on_device(device), f"{instant}#{referee_id}")


def friends_on_device(device: str) -> str:
    """GSI2: the partition of a device."""
    return f"N#{device}"


def neighbour(address: str, instant: str, referee_id: str) -> Key:
    """That somebody came by a referral from an address, whoever brought them."""
    return Key(f"N#{address}", f"{instant}#{referee_id}")


def departed(mark: str) -> Key:
    """That friends came from a device or an address, and were erased."""
    return Key(f"N#{mark}", "DEPARTED")


def place_pk(mark: str) -> str:
    """The partition with what went to one address, or to the number of one receiver."""
    return f"N#{mark}"


def delivered(mark: str, order_key: str) -> Key:
    """That goods of a referred friend's order went there."""
    return Key(place_pk(mark), f"O#{order_key}")


def delivered_by_somebody(mark: str, day: date, name: str) -> Key:
    """That goods of somebody went there who was erased."""
    return Key(place_pk(mark), f"GONE#{day.isoformat()}#{name}")


def phone(member_id: str) -> Key:
    return Key(member_pk(member_id), "PHONE")


def consent(member_id: str, instant: str, purpose: str) -> Key:
    return Key(member_pk(member_id), f"A#{instant}#{purpose}")


def merge(survivor_id: str, absorbed_id: str, number: int) -> Key:
    """The record of a merge; `number` tells a second merge of the same accounts from the first."""
    return Key(member_pk(survivor_id), f"{merges_of(absorbed_id)}{number}")


def merges_of(absorbed_id: str) -> str:
    """The beginning of the sort keys of an account's merges into one other."""
    return f"MERGE#{absorbed_id}#"


def lookup(member_id: str) -> Key:
    """That WeCom has to be asked about a new member."""
    return Key(member_pk(member_id), "LOOKUP")


def erasure(member_id: str) -> Key:
    return Key(member_pk(member_id), "ERASURE")


def review(review_id: str) -> Key:
    """A suspicion that two accounts are one person."""
    return Key(f"V#{review_id}", "REVIEW")


def review_id(pk: str) -> str:
    """The id behind the key of a review."""
    return pk.partition("#")[2]


def open_review(noticed_at: str, review_id: str) -> Key:
    """GSI1: the suspicions that nobody has decided, by time."""
    return Key(OPEN_REVIEWS, f"{noticed_at}#{review_id}")


def coupon_by_code(code: str) -> Key:
    """GSI1: a coupon shown at the till."""
    return Key(f"K#{code}", "COUPON")


def identity_pk(kind: str, index: str) -> str:
    """The partition of an identity and of what waits for its owner to join."""
    return f"I#{kind}#{index}"


def identity(kind: str, index: str) -> Key:
    return Key(identity_pk(kind, index), "IDENTITY")


RELATION_PREFIX = "R#"
LINK_PREFIX = "L#"


def friend(index: str, guide: str) -> Key:
    """That a WeCom contact and a guide are friends."""
    return Key(identity_pk("wecom", index), f"{RELATION_PREFIX}friend#{guide}")


def follower(index: str) -> Key:
    """That somebody follows the official account."""
    return Key(identity_pk("openid", index), f"{RELATION_PREFIX}follower")


def waiting_link(kind: str, index: str, other_kind: str, other_index: str) -> Key:
    """An identity (`other`) that belongs to whoever turns out to own this one."""
    return Key(identity_pk(kind, index), f"{LINK_PREFIX}{other_kind}#{other_index}")


def reentry(mark: str) -> Key:
    """That an identity with this mark was erased once."""
    return Key(f"X#{mark}", "REENTRY")


WAITING_PREFIX = "P#"


def waiting_order(kind: str, index: str, order_key: str) -> Key:
    """An order that waits for the owner of an identity to join."""
    return Key(identity_pk(kind, index), f"{WAITING_PREFIX}{order_key}")


def buyer(buyer_key: str) -> Key:
    return identity("buyer", buyer_key)


def receipt(receipt_key: str) -> Key:
    return Key(f"C#{receipt_key}", "RECEIPT")


def code(code_key: str) -> Key:
    """A code we issued."""
    return Key(f"C#{code_key}", "CODE")


def store_pk(store: str) -> str:
    """GSI1: the partition with the codes issued for a store."""
    return f"S#{store}"


def code_of_store(store: str, instant: str, code_key: str) -> Key:
    """GSI1: the codes of a store by time."""
    return Key(store_pk(store), f"C#{instant}#{code_key}")


def store_keys(store: str) -> Key:
    """Which versions of a store's key are in use and revoked."""
    return Key(store_pk(store), "KEYS")


def window(limit: str, value: str, begin: int) -> Key:
    """The count of one limit for one value in one window of time."""
    return Key(f"W#{limit}#{value}#{begin}", "WINDOW")


def order_key(source: str, order_id: str) -> str:
    """The name of an order across all sources. A source holds no `#`."""
    return f"{source}#{order_id}"


def order_parts(order_key: str) -> tuple[str, str]:
    """The source and id behind `order_key`."""
    source, _, order_id = order_key.partition("#")
    return source, order_id


def order_pk(order_key: str) -> str:
    return f"O#{order_key}"


def order(order_key: str) -> Key:
    return Key(order_pk(order_key), "ORDER")


ORDERS_PREFIX = "O#"


def order_of_member(member_id: str, instant: str, order_key: str) -> Key:
    """GSI1: a member's orders by time."""
    return Key(member_pk(member_id), f"{ORDERS_PREFIX}{instant}#{order_key}")


TELLINGS_PREFIX = "T#"


def telling_of_member(member_id: str, instant: str, order_key: str) -> Key:
    """GSI1: the orders of a member that are counted in the sale of their payment, by time."""
    return Key(member_pk(member_id), f"{TELLINGS_PREFIX}{instant}#{order_key}")


def fact(order_key: str, business_key: str) -> Key:
    return Key(order_pk(order_key), f"F#{business_key}")


def credit(order_key: str) -> Key:
    return Key(order_pk(order_key), "CREDIT")


CREDITS_PREFIX = "R#"


def credit_of_referrer(member_id: str, order_key: str) -> Key:
    """GSI1: the credits of a referrer."""
    return Key(member_pk(member_id), f"{CREDITS_PREFIX}{order_key}")


# What waits for its day, in GSI2: credits for their release, for somebody's decision and for their
# end, holds of tills for being forgotten.
DUE, REVIEW, EXPIRY, LAPSE = "DUE", "REVIEW", "EXPIRY", "LAPSE"


def waiting_pk(what: str, number: int) -> str:
    """GSI2: a shard of what waits."""
    return f"{what}#{number}"


def waiting(what: str, day: date, name: str) -> Key:
    """GSI2: something that waits for a day, by the name of its order or hold."""
    return Key(waiting_pk(what, shard(name, DUE_SHARDS)), f"{day.isoformat()}#{name}")


def waiting_until(day: date) -> str:
    """The upper bound of the sort key of everything that waits for `day` or a day before."""
    return f"{day.isoformat()}#\U0010ffff"


PROGRAMMES = Key("G#REFERRAL", "PROGRAMMES")


def cap(account: str, span: str) -> Key:
    """What was credited in one window of a referrer's, or from one shard of a budget."""
    return Key(f"CAP#{account}#{span}", "CAP")


def hold(hold_key: str) -> Key:
    """Credit that is promised to a till."""
    return Key(f"H#{hold_key}", "HOLD")


def hold_key(store: str, hold_id: str) -> str:
    """The name of a hold across all stores."""
    return f"{store}#{hold_id}"


def hold_parts(hold_key: str) -> tuple[str, str]:
    """The store and the till's own id behind `hold_key`. A store holds no `#`."""
    store, _, hold_id = hold_key.partition("#")
    return store, hold_id


def account(name: str, about: str) -> Key:
    """One shard of the balance of an account of the brand's: a programme, a store."""
    return Key(f"L#{name}#{shard(about, ACCOUNT_SHARDS)}", "ACCOUNT")


def accounts(name: str) -> list[Key]:
    """All shards of it."""
    return [Key(f"L#{name}#{number}", "ACCOUNT") for number in range(ACCOUNT_SHARDS)]


def listed_account(key: Key) -> Key | None:
    """GSI1: a shard of what a store took in, so that all stores are found; None for others."""
    name, _, number = key.pk.removeprefix("L#").rpartition("#")
    return Key(stores_pk(int(number)), name) if name.startswith("store:") else None


def stores_pk(number: int) -> str:
    """GSI1: one shard of the accounts of all stores."""
    return f"STORES#{number}"


def delivery(source: str, delivery_id: str) -> Key:
    return Key(f"D#{source}#{delivery_id}", "DELIVERY")


def ledger_pk(member_id: str, number: int) -> str:
    return f"L#{member_id}#{number}"


def ledger_shard(member_id: str, order_key: str) -> str:
    """The ledger partition that takes the entries of one order: a celebrity has several."""
    return ledger_pk(member_id, shard(order_key, LEDGER_SHARDS))


def balances(member_id: str) -> list[Key]:
    """All shards of a member's balance."""
    return [Key(ledger_pk(member_id, number), "BALANCE") for number in range(LEDGER_SHARDS)]


def balance(ledger_pk: str) -> Key:
    return Key(ledger_pk, "BALANCE")


ENTRIES_PREFIX = "E#"


def entry(ledger_pk: str, entry_id: str) -> Key:
    return Key(ledger_pk, f"{ENTRIES_PREFIX}{entry_id}")


def aggregate_pk(number: int) -> str:
    return f"AGG#{number}"


def aggregate(member_id: str) -> Key:
    return Key(aggregate_pk(shard(member_id, AGGREGATE_SHARDS)), member_id)


def segment_pk(scheme: str) -> str:
    """The partition with what the nights of a scheme published."""
    return f"SEG#{scheme}"


CUT_POINTS_PREFIX, RUN_PREFIX = "T#", "RUN#"


def cut_points(scheme: str, night: date) -> Key:
    return Key(segment_pk(scheme), f"{CUT_POINTS_PREFIX}{night.isoformat()}")


def segment_run(scheme: str, night: date) -> Key:
    return Key(segment_pk(scheme), f"{RUN_PREFIX}{night.isoformat()}")


SCHEMES = Key("G#SEGMENTS", "SCHEMES")
# By which an order relabels its member: read with every batch of orders.
PUBLISHED = Key("G#SEGMENTS", "PUBLISHED")


def label_page_pk(scheme: str, shards: int, number: int) -> str:
    """The labels that changed in one of so many parts of the members, a page for each night."""
    return f"SEGH#{scheme}#{shards}#{number}"


def label_page(scheme: str, shards: int, number: int, night: date) -> Key:
    return Key(label_page_pk(scheme, shards, number), night.isoformat())


def audience(audience_id: str) -> Key:
    """What an operator asked for, and what became of it."""
    return Key(f"AUDIENCE#{audience_id}", "AUDIENCE")


# GSI1: all of them by time. Operators ask for a few a day, so one partition does.
AUDIENCES_PK = "AUDIENCES#"


def audience_asked(instant: str, audience_id: str) -> Key:
    """GSI1: an audience by when it was asked for."""
    return Key(AUDIENCES_PK, f"{instant}#{audience_id}")


def night_part_pk(night: date, first: int, stop: int) -> str:
    """What a night that is run in parts keeps of the members in some shards."""
    return f"SEGP#{night.isoformat()}#{first}-{stop}"


def night_part(pk: str, name: str, number: int) -> Key:
    """A piece of it: all are one text that was too long for an item."""
    return Key(pk, f"{name}#{number:04}")


def quarantine(day: date, received_at: str, message_id: str) -> Key:
    """A message that was set aside, under the day it was received."""
    number = shard(message_id, QUARANTINE_SHARDS)
    return Key(f"Q#{day.isoformat()}#{number}", f"{received_at}#{message_id}")


def quarantined_message(sk: str) -> str:
    """The message's id behind the sort key of what was set aside."""
    return sk.partition("#")[2]


def open_quarantine_pk(number: int) -> str:
    """GSI1: a shard of the messages that were set aside and wait for somebody."""
    return f"Q#OPEN#{number}"


def open_quarantine(received_at: str, message_id: str) -> Key:
    """GSI1: the messages that wait, by time; the sort key is the item's own."""
    number = shard(message_id, QUARANTINE_SHARDS)
    return Key(open_quarantine_pk(number), f"{received_at}#{message_id}")


def order_import(import_id: str) -> Key:
    return Key(f"IMPORT#{import_id}", "IMPORT")
