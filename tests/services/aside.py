"""What tests say of messages that were set aside: put one there, look at them as operators do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest

from siyu.domain.quarantine import Aside, Name
from siyu.errors import UnprocessableEventError
from siyu.secrets import Source, secrets
from siyu.services.quarantine_message import quarantine_message
from siyu.services.replay_events import list_open, show
from siyu.settings import settings
from tests.services.contacts import change_secrets
from tests.support import NOW, dump

KIOSK = "kiosk"


def told_by_kiosk(kind: str = "order.paid", delivery: str = "k1", **data: Any) -> str:
    """The receiver's message about an event of a source that is not configured."""
    fields = {"occurred_at": NOW.isoformat(), "order_id": "1", **data}
    if kind == "order.paid":
        fields = {"paid_minor": 5_000, "currency": "CNY", "buyer_id": "ann", **fields}
    body = json.dumps({"type": kind, "data": fields})
    envelope = {"source": KIOSK, "delivery_id": delivery, "received_at": NOW.isoformat()}
    return json.dumps({**envelope, "body": body})


def put_aside(text: str, message_id: str = "m1", at: datetime = NOW, reason: str = "wrong") -> str:
    """Set a message aside as a worker does; the id that people call it by."""
    quarantine_message(message_id, text, UnprocessableEventError(reason, "it was"), at)
    return str(Name.of(message_id, at))


def configure_kiosk(monkeypatch: pytest.MonkeyPatch, kind: str = "standard") -> None:
    """Mend what was wrong: the brand's secret names the source."""
    webhooks = {**secrets().webhooks, KIOSK: Source(KIOSK, kind, {})}
    change_secrets(monkeypatch, webhooks=webhooks)


@contextmanager
def no_contacts_queue() -> Iterator[None]:
    """The queue of contacts is not there for a while."""
    with pytest.MonkeyPatch.context() as gone:
        gone.setenv("CONTACTS_QUEUE_URL", settings().contacts_queue_url + "-gone")
        settings.cache_clear()
        yield
    settings.cache_clear()


def set_aside() -> list[tuple[Aside, str]]:
    """All that are open, oldest first, with their messages."""
    return [show(str(one.name)) for one in list_open()]


def stored() -> dict[str, Any]:
    """The one message that was set aside, raw."""
    (item,) = (item for item in dump().values() if item["kind"]["S"] == "QUARANTINE")
    return item
