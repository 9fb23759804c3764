"""A shop in which one event of every function succeeds, again and again, from any process."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from siyu import aws
from siyu.errors import UnprocessableEventError
from siyu.services.quarantine_message import quarantine_message
from siyu.services.request_audience import ask_for
from siyu.services.segment_members import segment_members
from siyu.storage import keys
from tests import support
from tests.functions import audience_events
from tests.functions.calls import ANN, Event, load, message
from tests.functions.import_events import BUCKET, SAMPLE
from tests.functions.night_crowd import restore
from tests.functions.reviewing import doubted
from tests.services.purse import earn
from tests.services.shop import paid, receipt, settle
from tests.support import NOW

# What a function does most, or what costs it most; the others wake the same modules.
CASES = {
    "audience_export": "asked",
    "code_landing": "phone",
    "console_audience": "preview",
    "console_programme": "list",
    "console_quarantine": "list",
    "console_referrer": "show",
    "console_review": "show",
    "console_scheme": "list",
    "console_segment": "explain",
    "contact_callback": "friend",
    "contact_worker": "friend",
    "coupon_redeem": "redeem",
    "credit_spend": "hold",
    "member_changes": "receipt_claimed",
    "member_consents": "agree",
    "member_phone": "link",
    "member_privacy": "export",
    "member_profile": "me",
    "member_session": "sign_in",
    "member_wallet": "credit",
    "order_import": "day_file",
    "order_reconcile": "daily",
    "order_webhook": "paid",
    "order_worker": "two_orders",
    "referral_credit": "order_of_member",
    "referral_poster": "svg",
    "referral_release": "nightly",
    "scan_signup": "receipt",
    "segment_nightly": "nightly",
    "segment_part": "tally",
}
# Two of the events tell of it: one that it was paid, the other of what became of it. What the shop
# was told before has other deliveries of these names.
ORDER_TO_COME = "shop#1"
DELIVERIES = tuple(keys.delivery("shop", name).pk for name in ("d1", "d2"))
ASIDE = message("order.paid", "d9", order_id="9", paid_minor=100)


def open_shop() -> None:
    """An empty table, and then all that the events name."""
    support.empty_table()
    with patch("siyu.services.join_member.new_coupon_code", return_value="0123456789AB"):
        doubted("1", "2")
    earn(ANN, "a1", 1_000)
    paid("3", 5_000, receipt_token=receipt(3))
    settle()
    for night in (NOW.date() - timedelta(days=1), NOW.date()):
        segment_members(night)
    query = {"scheme": "default", **audience_events.QUERY}
    ask_for(query, "cat", NOW, audience_events.KEY)
    quarantine_message("m1", ASIDE, UnprocessableEventError("unknown_source", "kiosk"), NOW)
    files = aws.client("s3")
    files.create_bucket(Bucket=BUCKET)
    files.put_object(Bucket=BUCKET, Key="incoming/till/day_file.csv", Body=SAMPLE.read_bytes())


def as_it_was(items: Iterable[dict[str, Any]]) -> None:
    """Put the shop back to what a dump of its table says. Login codes that were used are good
    again."""
    restore(items)
    support.receive()
    support.standin.forget()


def event_of(function: str) -> Event:
    """Its event, as it is on disk; the shop is what it was before the event happened."""
    if function == "order_worker":
        for pk, sk in support.dump():
            if ORDER_TO_COME in pk or pk in DELIVERIES:
                key = {"PK": {"S": pk}, "SK": {"S": sk}}
                support.client().call("DeleteItem", TableName=support.table_name(), Key=key)
    return load(f"{function}/{CASES[function]}")
