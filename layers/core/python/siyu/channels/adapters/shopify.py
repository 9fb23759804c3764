"""Shopify: webhooks of orders and refunds, and the list of orders to ask for.

https://shopify.dev/docs/apps/build/webhooks/verify-deliveries
Only the body is signed, not what the headers say. The topic has to fit what the body says it is;
X-Shopify-Triggered-At decides nothing: a retry has the time and the content of its first attempt,
a delivery may be a day late, and an old body again is a repeat of known facts.

Every order topic sends the whole order, and a refund is in it as refunds/create tells it. So each
delivery gives all the facts that the order proves, and all of them give the same.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time

from siyu.channels.contract import Accepted, Answer, Delivery, Event, Request
from siyu.channels.reading import parse, require_json
from siyu.channels.shopify_facts import TEST_ORDER, order_events, refund_events
from siyu.channels.shopify_orders import orders
from siyu.domain.calendar import BUSINESS_ZONE
from siyu.errors import MalformedError, SignatureError, UnprocessableEventError
from siyu.runtime import logger
from siyu.secrets import Source

ACCEPTED = Answer(200, "text/plain")

ORDER_TOPICS = frozenset(
    {"orders/create", "orders/paid", "orders/updated", "orders/fulfilled", "orders/cancelled"}
)
REFUND_TOPIC = "refunds/create"
_TOPIC = re.compile(r"[a-z_]{1,60}/[a-z_]{1,60}", re.ASCII)
_WEBHOOK_ID = re.compile(r"[A-Za-z0-9-]{8,64}", re.ASCII)


def receive(request: Request, source: Source) -> Accepted:
    _verify(request, source)
    headers = request.headers
    if source.fields.get("shop"):
        shop = headers.get("x-shopify-shop-domain", "")
        if shop.lower() != source.text("shop").lower():
            raise SignatureError("another shop's")
    topic = headers.get("x-shopify-topic", "")
    if not _TOPIC.fullmatch(topic):
        raise MalformedError("no topic")
    require_json(request.body)
    delivery_id = headers.get("x-shopify-webhook-id", "")
    if not _WEBHOOK_ID.fullmatch(delivery_id):
        delivery_id = hashlib.sha256(request.body).hexdigest()
    return Accepted(delivery_id, topic)


def read(delivery: Delivery, source: Source) -> Sequence[Event]:  # noqa: ARG001 - every adapter's
    body = parse(delivery.body)
    if delivery.topic in ORDER_TOPICS:
        return order_events(body)
    if delivery.topic == REFUND_TOPIC:
        return refund_events(body)
    raise UnprocessableEventError("unknown_topic", "no topic of orders or refunds that we read")


def listed(source: Source, days: Sequence[date]) -> Iterator[Event]:
    """All that the orders prove to which anything happened since the first of these days.

    Not only until the last one: what was changed again later would have left the list. Orders that
    webhooks could not tell of either are left out.
    """
    for order in orders(source, datetime.combine(min(days), time.min, BUSINESS_ZONE)):
        try:
            events = order_events(order)
        except UnprocessableEventError as error:
            if error.reason != TEST_ORDER:
                logger.warning("listed_order_unreadable", source=source.name, cause=str(error))
            continue
        yield from events


def _verify(request: Request, source: Source) -> None:
    """Raises SignatureError. After a rotation Shopify signs with the old secret for an hour."""
    try:
        given = base64.b64decode(request.headers.get("x-shopify-hmac-sha256", ""), validate=True)
    except ValueError:
        raise SignatureError("no signature") from None
    expected = [hmac.digest(one.encode(), request.body, "sha256") for one in source.secrets]
    matches = [hmac.compare_digest(one, given) for one in expected]
    if not any(matches):
        raise SignatureError("no signature matches")
