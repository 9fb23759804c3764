"""A mistake in the secret lets nobody in, and no number, name or file upsets what reads it."""

from __future__ import annotations

import io
import json
import time
from dataclasses import replace
from typing import Any

import pytest

from siyu import secrets as brand
from siyu.channels.csv_rows import UnusableFileError, open_text
from siyu.channels.day_file import records
from siyu.domain.standard_webhooks import verify
from siyu.secrets import Source, secrets
from tests.functions.calls import batch, body, call, envelope, load, with_body
from tests.services.aside import set_aside
from tests.support import NOW, kinds, receive

HUGE = '{"a": 1E+99999999999999999999}'
SECRETS: dict[str, Any] = {
    "empty": [""],
    "prefix only": ["whsec_"],
    "one of them empty": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", ""],
    "short": ["whsec_QUJD"],
    "a text": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "nothing": None,
    "none": [],
}


@pytest.mark.parametrize("given", SECRETS.values(), ids=SECRETS)
@pytest.mark.parametrize("kind", ["standard", "shopify"])
def test_a_secret_that_is_none_accepts_nobody(
    given: Any, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is an error of ours until it is mended; its sender is told to come again."""
    source = Source("shop", kind, {"kind": kind, "secrets": given})
    changed = replace(secrets(), webhooks={"shop": source})
    monkeypatch.setattr(brand, "_cached", (time.monotonic(), changed))
    event = load("order_webhook/paid")
    answer = call("order_webhook", event)
    good = kind == "shopify" and given and all(isinstance(one, str) and one for one in given)
    refused = isinstance(given, list) and (not given or good)
    assert answer["statusCode"] == (401 if refused else 503)
    assert receive() == []


def test_a_key_that_is_too_short_is_none() -> None:
    with pytest.raises(ValueError, match="24 bytes"):
        verify(
            {"webhook-id": "a", "webhook-timestamp": str(int(NOW.timestamp()))},
            b"",
            ["whsec_"],
            NOW,
        )


@pytest.mark.parametrize("source", ["yz", "weishop_safe"])
def test_a_number_beyond_all_numbers_is_refused_where_it_is_read_first(source: str) -> None:
    event = load(
        "order_webhook/youzan_paid" if source == "yz" else "order_webhook/wechat_shop_safe"
    )
    event["headers"].pop("event-sign", None)
    assert call("order_webhook", with_body(event, HUGE))["statusCode"] in (400, 401, 422)


def test_a_number_beyond_all_numbers_is_set_aside_by_the_worker() -> None:
    assert call("order_worker", batch(envelope(HUGE))) == {"batchItemFailures": []}
    ((aside, _),) = set_aside()
    assert aside.reason == "not_an_order_event"


@pytest.mark.parametrize("kind", ["\ud800", "13800138000 oXYZ", "=HYPERLINK(1)"])
def test_what_is_no_name_is_not_told(kind: str) -> None:
    odd = {"type": kind, "msg": "{}", "client_id": "x"}
    fields = {"source": "yz", "delivery_id": "d", "received_at": NOW.isoformat()}
    message = json.dumps({**fields, "body": json.dumps(odd)})
    assert call("order_worker", batch(message)) == {"batchItemFailures": []}
    ((aside, _),) = set_aside()
    assert (aside.detail, kinds()) == ("a name we do not know", {"QUARANTINE": 1})


def test_a_file_of_blank_lines_ends() -> None:
    text = "kind,order_id,occurred_at,amount\n" + "\n" * 20_000
    with pytest.raises(UnusableFileError, match="blank lines"):
        list(records(open_text(io.BufferedReader(io.BytesIO(text.encode()))), "CNY"))


def test_the_answer_to_a_source_that_is_not_configured_has_the_usual_shape(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    changed = replace(secrets(), webhooks={"shop": Source("shop", "shopfy", {"kind": "shopfy"})})
    monkeypatch.setattr(brand, "_cached", (time.monotonic(), changed))
    answer = call("order_webhook", load("order_webhook/paid"))
    assert (answer["statusCode"], body(answer)["status"]) == (503, 503)
