"""The items of the table, one class a kind. Nothing outside `storage` sees them.

Items under contention carry `version`: they are written whole, on condition that the version read
is still there. It is not PynamoDB's VersionAttribute, which a blind update resets to 1.
"""

from functools import partial
from typing import Any

from pynamodb.attributes import (
    BinaryAttribute,
    BooleanAttribute,
    DiscriminatorAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
    UTCDateTimeAttribute,
)
from pynamodb.connection import Connection
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

from siyu import aws, start
from siyu.settings import settings


class Gsi1(GlobalSecondaryIndex["Item"]):
    """The first index; what is in it, and by which key, differs from kind to kind."""

    class Meta:
        index_name = "GSI1"
        projection = AllProjection()

    GSI1PK = UnicodeAttribute(hash_key=True)
    GSI1SK = UnicodeAttribute(range_key=True)


class Gsi2(GlobalSecondaryIndex["Item"]):
    """The second index: what waits for its day, and referred friends by device."""

    class Meta:
        index_name = "GSI2"
        projection = AllProjection()

    GSI2PK = UnicodeAttribute(hash_key=True)
    GSI2SK = UnicodeAttribute(range_key=True)


class Item(Model):
    """Base of all items: primary key, kind, sparse index keys."""

    class Meta:
        table_name = settings().table_name
        connect_timeout_seconds = aws.CONNECT_SECONDS
        read_timeout_seconds = aws.READ_SECONDS
        max_retry_attempts = aws.RETRIES

    PK = UnicodeAttribute(hash_key=True)
    SK = UnicodeAttribute(range_key=True)
    kind = DiscriminatorAttribute()
    GSI1PK = UnicodeAttribute(null=True)
    GSI1SK = UnicodeAttribute(null=True)
    GSI2PK = UnicodeAttribute(null=True)
    GSI2SK = UnicodeAttribute(null=True)
    gsi1 = Gsi1()
    gsi2 = Gsi2()


class WaitingOrderItem(Item, discriminator="WAITING"):
    order_key = UnicodeAttribute()


class ReceiptItem(Item, discriminator="RECEIPT"):
    """Where an order and the member who scanned its receipt meet, whichever comes first."""

    receipt_key = UnicodeAttribute()
    order_key = UnicodeAttribute(null=True)
    buyer_key = UnicodeAttribute(null=True)
    claimed_by = UnicodeAttribute(null=True)
    claimed_at = UTCDateTimeAttribute(null=True)
    version = NumberAttribute()


class OrderItem(Item, discriminator="ORDER"):
    order_key = UnicodeAttribute()
    paid_minor = NumberAttribute(null=True)
    paid_at = UTCDateTimeAttribute(null=True)
    buyer_key = UnicodeAttribute(null=True)
    receipt_key = UnicodeAttribute(null=True)
    store_id = UnicodeAttribute(null=True)
    guide_id = UnicodeAttribute(null=True)
    till_id = UnicodeAttribute(null=True)
    people = JSONAttribute(null=True)
    payment_id = UnicodeAttribute(null=True)
    payment_only = BooleanAttribute(null=True)
    lines = JSONAttribute(null=True)
    told_at = UTCDateTimeAttribute(null=True)
    delivered_to = UnicodeSetAttribute(null=True)
    refunds = JSONAttribute(null=True)
    refunded_at = UTCDateTimeAttribute(null=True)
    refund_buyer_key = UnicodeAttribute(null=True)
    created_at = UTCDateTimeAttribute(null=True)
    cancelled_at = UTCDateTimeAttribute(null=True)
    completed_at = UTCDateTimeAttribute(null=True)
    member_id = UnicodeAttribute(null=True)
    lead = NumberAttribute(null=True)
    parts = JSONAttribute(null=True)
    version = NumberAttribute()


class DeliveredItem(Item, discriminator="DELIVERED"):
    """That goods of a referred friend's order went to a place, which is a keyed mark. Of an erased
    friend (`gone`) a name of nobody's and the beginning of the day are left."""

    friend = UnicodeAttribute()
    paid_at = UTCDateTimeAttribute()
    gone = BooleanAttribute(null=True)


class FactItem(Item, discriminator="FACT"):
    digest = UnicodeAttribute()
    delivery_id = UnicodeAttribute()
    received_at = UTCDateTimeAttribute()
    body = UnicodeAttribute()


class DeliveryItem(Item, discriminator="DELIVERY"):
    digest = UnicodeAttribute()
    received_at = UTCDateTimeAttribute()


class AggregateItem(Item, discriminator="AGGREGATE"):
    """A member's purchase figures in one small item, dense by shard: the night reads only these.

    `b` are the packed day buckets; `z` says in text what the night needs of them
    (storage/columns.py); `lb` are the labels by scheme (domain/label_book.py). An account that was
    merged into another has `up`, one that was erased `gone`, one that refused profiling `out`: they
    are kept up to date and have no label.
    """

    z = UnicodeAttribute()
    b = BinaryAttribute(legacy_encoding=False)
    lb = UnicodeAttribute()
    up = UnicodeAttribute(null=True)
    gone = BooleanAttribute(null=True)
    out = BooleanAttribute(null=True)
    version = NumberAttribute()


class SegmentItem(Item, discriminator="SEGMENT"):
    """The published cut points of a night, the report of its run, or what the last one published
    for the order path."""

    body = JSONAttribute()


def _connect() -> Connection:
    """The one connection of all items, its client built now: at the start a function has a full
    processor, in its first request only a share of one."""
    connection = Item._get_connection().connection  # noqa: SLF001 - PynamoDB offers no other way
    connection.session.set_default_client_config(aws.CONFIG)
    aws.share(connection.session)
    start.at_end(partial(_rehearse, connection.client))
    return connection


def _rehearse(client: Any) -> None:
    """The two ways in which nearly every function reads."""
    table, nobody = settings().table_name, {"PK": {"S": "-"}, "SK": {"S": "-"}}
    aws.rehearse(client, "batch_get_item", {"RequestItems": {table: {"Keys": [nobody]}}})
    condition = {
        "KeyConditionExpression": "PK = :pk",
        "ExpressionAttributeValues": {":pk": {"S": "-"}},
    }
    aws.rehearse(client, "query", {"TableName": table, **condition})


CONNECTION = _connect()
