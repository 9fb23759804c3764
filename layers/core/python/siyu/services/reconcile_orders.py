"""Ask the senders what happened, and fetch what they never delivered.

No sender promises that every webhook arrives. What its own list has and no order of ours knows is
put on the queue like any other event; if the webhook comes after all, it is a repeat.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from siyu.channels import registry
from siyu.channels.contract import Event
from siyu.domain.calendar import business_date, to_utc
from siyu.errors import NotConfiguredError, UnavailableError, UnprocessableEventError
from siyu.runtime import logger
from siyu.secrets import Source, secrets
from siyu.services.order_events import OrderEvent
from siyu.storage import orders, queue

WINDOW_DAYS = 3
DELIVERY_ID = "reconcile"
AT_ONCE = 100

Reader = Callable[[str, str, datetime, Event], OrderEvent]


@dataclass(slots=True)
class Report:
    """What came of asking one source: events it lists, those it never delivered, and those that no
    order can be made of. `failed` says that it did not answer to the end."""

    source: str
    compared: int = 0
    missed: int = 0
    unreadable: int = 0
    failed: bool = False


def reconcile_orders(now: datetime, read: Reader) -> list[Report]:
    """Compare the last three complete business days of every source that keeps a list.

    `read` makes an order event of canonical content. Safe to repeat. A source that fails keeps no
    other from being asked.
    """
    today = business_date(now)
    days = [today - timedelta(days=back) for back in range(WINDOW_DAYS, 0, -1)]
    reports = (_reconcile(one, days, now, read) for one in secrets().webhooks.values())
    return [report for report in reports if report is not None]


def _reconcile(source: Source, days: list[date], now: datetime, read: Reader) -> Report | None:
    """None for a source that keeps no list, or lacks what asking for it needs."""
    report = Report(source.name)
    try:
        listing = registry.listing(source.kind)
        if listing is None:
            return None
        listed = iter(listing.listed(source, days))
        while some := list(islice(listed, AT_ONCE)):
            report.compared += len(some)
            readable = list(_readable(some, source.name, now, read, report))
            for content in _unknown(readable):
                queue.send(_message(source.name, now, content))
                report.missed += 1
    except NotConfiguredError as error:
        logger.info("source_keeps_no_list", source=source.name, cause=str(error))
        return None
    except UnavailableError as error:
        report.failed = True
        logger.error("source_not_reconciled", source=source.name, cause=str(error))
    else:
        logger.info("source_reconciled", source=source.name, missed=report.missed)
    return report


def _readable(
    contents: Iterable[Event], source: str, now: datetime, read: Reader, report: Report
) -> Iterator[tuple[Event, OrderEvent]]:
    for content in contents:
        try:
            yield content, read(source, DELIVERY_ID, now, content)
        except UnprocessableEventError as error:
            # Its webhook, had it come, is in quarantine; the list will have it tomorrow again.
            report.unreadable += 1
            logger.warning("listed_event_unreadable", source=source, reason=error.reason)


def _unknown(events: list[tuple[Event, OrderEvent]]) -> Iterator[Event]:
    """What would change an order; contradictions too, so that somebody looks at them."""
    standing = orders.find({event.order_key for _, event in events})
    for content, event in events:
        if not standing[event.order_key].order.knows(event.fact):
            yield content


def _message(source: str, now: datetime, content: Event) -> str:
    fields = {"source": source, "delivery_id": DELIVERY_ID, "received_at": to_utc(now).isoformat()}
    return json.dumps({**fields, "canonical": True, "body": json.dumps(content, default=str)})
