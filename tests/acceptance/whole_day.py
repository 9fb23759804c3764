"""A day in which a person does all there is to do and every function is called."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

from siyu.services.verify_till import till_secret
from siyu.storage.items import Item
from tests.acceptance import private
from tests.channels import shopify, wechat_pay, youzan
from tests.faults import Canned
from tests.functions import callbacks
from tests.functions.calls import (
    EVENTS,
    Event,
    batch,
    body,
    call,
    load,
    signed,
    with_body,
    with_fields,
    with_headers,
)
from tests.services.shop import STORE
from tests.support import receive

# They read or write files in a bucket, and are called on the day without trouble alone.
WITH_BUCKET = {"audience_export", "order_import"}


def attempt(function: str, event: Event) -> Any:
    """Calls a function; what escapes from it is printed whole, where Lambda prints a part of it."""
    try:
        return call(function, event)
    except Exception:  # noqa: BLE001 - whatever it is, Lambda logs it
        print(traceback.format_exc())
        return {"statusCode": 500, "body": "{}"}


def called_from(event: Event) -> Event:
    """The event as it comes from the person's address."""
    context = event["requestContext"]
    http = {**context["http"], "sourceIp": private.ADDRESS, "userAgent": f"me/{private.NAME}"}
    moved = {**event, "requestContext": {**context, "http": http}}
    return with_headers(moved, x_forwarded_for=private.ADDRESS)


def as_person(content: str) -> str:
    """An order of the tests with the person in the buyer's place."""
    told = {"13800138000": private.PHONE, "openid-ann": private.OPENID, "buyer-1": private.BUYER}
    told |= {"学院路 1 + 2 号": private.STREET, "请尽快发货": private.STREET}
    for before, after in told.items():
        content = content.replace(before, after)
    return content


def orders() -> Iterator[Event]:
    """What the senders tell of the person's orders: paid, unreadable, badly signed."""
    plain = load("order_webhook/paid")
    data = {"order_id": "persons-1", "paid_minor": 12_800, "currency": "CNY", "occurred_at": "x"}
    for more in ({}, {"occurred_at": "2026-11-22T04:00:00Z", "receipt_token": private.RECEIPT}):
        place = {"address": private.STREET, "phone": private.PHONE}
        who = {"buyer_id": private.BUYER, "buyer_phone": private.PHONE, "delivery": place}
        told = {**data, **who, **more}
        yield signed(plain, json.dumps({"type": "order.paid", "data": told}), f"d{len(more)}")
        yield signed(plain, json.dumps({"type": private.PHONE, "data": told}), f"e{len(more)}")
    sale = load("order_webhook/wechat_pay_paid")
    yield wechat_pay.signed(sale, wechat_pay.paid(payer={"openid": private.PAYER}))
    order = json.loads(as_person(youzan.dumps(youzan.order())))
    content = youzan.dumps(youzan.envelope("trade_TradePaid", order))
    named = {name.replace("-", "_"): text for name, text in youzan.headers(content).items()}
    yield with_headers(with_body(load("order_webhook/youzan_paid"), content), **named)
    raw = as_person(shopify.encode(shopify.order()).decode()).encode()
    named = {
        name.replace("-", "_"): text for name, text in shopify.headers(raw, "orders/paid").items()
    }
    yield with_headers(with_body(load("order_webhook/shopify_paid"), raw), **named)
    yield with_headers(plain, webhook_signature=f"v1,{private.PHONE}")


def the_person() -> dict[str, str]:
    """Everything a member can do, in order; returns the secrets made for them meanwhile."""
    codes = iter(private.LOGIN_CODES)
    wanted = {"token": private.RECEIPT, "login_code": next(codes)}
    answer = attempt("scan_signup", called_from(with_fields(load("scan_signup/receipt"), **wanted)))
    joined = body(answer)
    made: dict[str, str] = {}
    if "session" in joined:
        made = {"session": joined["session"]["token"], "coupon": joined["coupon"]["code"]}
    bearer = {"authorization": f"Bearer {made.get('session', 'x')}"}

    def ask(name: str, **fields: Any) -> Any:
        event = called_from(with_headers(load(name), **bearer))
        return attempt(name.partition("/")[0], with_fields(event, **fields) if fields else event)

    ask("member_session/sign_in", login_code=next(codes))
    ask("member_phone/link", code=f"phone.{private.PHONE}.c1", login_code=next(codes))
    ask("member_phone/link", code=private.PHONE, login_code=[private.PHONE])
    ask("member_consents/agree", purpose=private.PHONE)
    for name in ("member_consents/agree", "member_profile/me", "member_wallet/code"):
        ask(name)
    exported = body(ask("member_privacy/export"))
    made |= {"export": exported["url"].rpartition("/")[2]} if "url" in exported else {}
    asked = json.dumps({"coupon_code": made.get("coupon", "x"), "spend_minor": 12_800})
    till = signed(load("coupon_redeem/redeem"), asked, "r1", secret=till_secret(STORE, 1))
    attempt("coupon_redeem", till)
    for sent in orders():
        attempt("order_webhook", sent)
    attempt("order_worker", batch(*receive(), f'{{"phone": "{private.PHONE}"}}', private.PHONE))
    friend = callbacks.friend(
        private.EXTERNAL_USERID, WelcomeCode=private.WELCOME_CODE, State=private.RECEIPT
    )
    attempt("contact_callback", callbacks.post(friend))
    attempt("contact_worker", batch(*callbacks.received(), callbacks.queued(friend)))
    ask("member_privacy/erase", login_code=next(codes))
    return made


def the_others(without: Collection[str] = ()) -> set[str]:
    """Every event on disk; which functions were called."""
    called = {path.parent.name for path in EVENTS.glob("*/*.json")} - {*without}
    for path in sorted(EVENTS.glob("*/*.json")):
        if path.parent.name in called:
            attempt(path.parent.name, load(f"{path.parent.name}/{path.stem}"))
    return called


@contextmanager
def engine_that_repeats(every: int = 1) -> Iterator[None]:
    """An engine that refuses calls, with what it was sent in its answer."""
    events: Any = Item._get_connection().connection.client.meta.events
    calls = iter(range(1_000_000))

    def answer(request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        if next(calls) % every:
            return None
        said = request.body.decode() if isinstance(request.body, bytes) else str(request.body)
        kind = "com.amazon.coral.validate#ValidationException"
        content = json.dumps({"__type": kind, "message": said}).encode()
        named = HTTPHeaders.from_dict({"content-type": "application/x-amz-json-1.0"})
        return AWSResponse(request.url, 400, named, Canned(content))

    events.register("before-send.dynamodb", answer)
    try:
        yield
    finally:
        events.unregister("before-send.dynamodb", answer)


@contextmanager
def wechat_that_repeats(reply: Callable[[str], tuple[int, bytes]]) -> Iterator[str]:
    """A WeChat that answers with what it was asked; its origin."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            status, content = reply(f"{self.path} {sent}")
            self.send_response(status)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST  # noqa: N815 - the name that http.server looks for

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Silent."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
