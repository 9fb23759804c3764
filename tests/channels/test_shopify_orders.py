"""Shopify's list of orders, over HTTP: all pages, the same facts, no secret in what goes wrong."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self

import pytest

from infra.local.standins.shopify import Shopify
from siyu.channels import shopify_orders
from siyu.channels.adapters.shopify import listed, read
from siyu.channels.contract import Delivery
from siyu.errors import UnavailableError
from siyu.secrets import Source
from tests.channels.shopify import CANCELLED, FIELDS, ORDER_ID, encode, order, refund
from tests.support import NOW

DAYS = [date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 22)]
CLIENT_SECRET = "client-secret-that-no-error-shows"


@pytest.fixture
def shop() -> Iterator[Shopify]:
    with Shopify(("client-1", CLIENT_SECRET)) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def source(shop: Shopify, **changes: Any) -> Source:
    fields = {**FIELDS, "api_url": shop.origin, "access_token": shop.token, **changes}
    return Source("intl", "shopify", fields)


def ids(shop: Shopify, **changes: Any) -> list[int]:
    events = listed(source(shop, **changes), DAYS)
    return [event["data"]["order_id"] for event in events if event["type"] == "order.paid"]


def failure(source: Source) -> str:
    """What the error says; it must hold nothing secret."""
    with pytest.raises(UnavailableError) as error:
        list(listed(source, DAYS))
    assert error.value.__cause__ is None
    said = f"{error.value}"
    assert not any(secret in said for secret in ("shpat_", CLIENT_SECRET, *FIELDS["secrets"]))
    return said


def test_all_pages_are_read_and_the_filters_asked_for_once(shop: Shopify) -> None:
    shop.orders, shop.page_rows = [order(ORDER_ID + n) for n in range(7)], 3
    assert ids(shop) == [ORDER_ID + n for n in range(7)]
    first, second, third = shop.asked
    wanted = {"status": "any", "updated_at_min": "2026-11-20T00:00:00+08:00", "limit": "250"}
    assert first == wanted
    assert second.keys() == third.keys() == {"limit", "page_info"}


def test_the_list_tells_what_the_webhook_tells(shop: Shopify) -> None:
    body = order(cancelled_at=CANCELLED, financial_status="refunded", refunds=[refund()])
    shop.orders = [body]
    told = read(Delivery("intl", "d", "orders/updated", NOW, encode(body).decode()), source(shop))
    assert list(listed(source(shop), DAYS)) == told
    assert len(told) == 4


def test_days_begin_in_china(shop: Shopify) -> None:
    """What was changed after the days still happened in them, so it is listed too."""
    changes = {
        1: "2026-11-19T15:59:59Z",
        2: "2026-11-19T16:00:00Z",
        3: "2026-11-22T23:59:59+08:00",
        4: "2026-11-23T00:00:00+08:00",
    }
    shop.orders = [order(number, updated_at=at) for number, at in changes.items()]
    assert ids(shop) == [2, 3, 4]


def test_what_cannot_be_read_stops_no_other_and_is_in_the_log(
    shop: Shopify, caplog: pytest.LogCaptureFixture
) -> None:
    shop.orders = [order(1, test=True), order(2, total_price="a lot"), order(3)]
    assert ids(shop) == [3]
    (warning,) = caplog.records
    assert warning.message == "listed_order_unreadable"
    assert warning.__dict__["cause"] == "not_an_order_event: total_price: not an amount"


def test_a_busy_shop_is_asked_again_after_the_time_it_names(shop: Shopify) -> None:
    shop.orders, shop.busy = [order()], shopify_orders.ATTEMPTS - 1
    began = time.monotonic()
    assert ids(shop) == [ORDER_ID]
    assert time.monotonic() - began >= 0.1 * (shopify_orders.ATTEMPTS - 1)


def test_a_shop_that_stays_busy_is_given_up(shop: Shopify) -> None:
    shop.busy = shopify_orders.ATTEMPTS
    assert failure(source(shop)) == "Shopify answered 429"
    assert (shop.busy, shop.asked) == (0, [])


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("2.0", 2.0), ("9", 9.0), ("3600", 10.0), ("", 1.0), ("inf", 1.0), ("-1", 1.0), ("٣", 1.0)],
)
def test_a_wait_is_bounded(header: str, seconds: float) -> None:
    assert shopify_orders._pause(header) == seconds


def test_a_wrong_token_is_refused(shop: Shopify) -> None:
    assert failure(source(shop, access_token="shpat_guess")) == "Shopify answered 401"


def test_a_token_that_no_header_can_hold_is_not_in_the_error(shop: Shopify) -> None:
    assert failure(source(shop, access_token="shpat_guess\r\nx: y")) == "Shopify did not answer"


def test_an_apps_credentials_get_a_token(shop: Shopify) -> None:
    shop.orders = [order()]
    app = {"access_token": "", "client_id": "client-1", "client_secret": CLIENT_SECRET}
    assert ids(shop, **app) == [ORDER_ID]
    wrong = {**app, "client_secret": f"{CLIENT_SECRET}x"}
    assert failure(source(shop, **wrong)) == "Shopify answered 400"


@pytest.mark.parametrize("lacking", ["client_id", "client_secret", "shop"])
def test_a_source_that_lacks_access_is_told_so(lacking: str) -> None:
    fields = {**FIELDS, "client_id": "client-1", "client_secret": CLIENT_SECRET}
    with pytest.raises(LookupError, match=f"source intl has no {lacking}"):
        list(listed(Source("intl", "shopify", {**fields, lacking: ""}), DAYS))


FOREIGN = [
    "https://evil.example/admin/api/2026-01/orders.json?page_info=x",
    "{origin}0/admin/api/2026-01/orders.json",
    "{origin}@evil.example/x",
    "/admin/api/2026-01/orders.json?page_info=x",
    "",
]


@pytest.mark.parametrize("link", FOREIGN)
def test_a_next_page_that_lies_elsewhere_never_sees_the_token(link: str) -> None:
    with answering(b'{"orders": []}', link) as server:
        port = server.server_address[1]
        here = Source(
            "intl", "shopify", {"api_url": f"http://127.0.0.1:{port}", "access_token": "shpat_x"}
        )
        assert failure(here) == "Shopify's next page is not Shopify's"
        assert server.seen == 1


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"\xff", b"{}", b'{"orders": {}}', b'{"access_token": 1}']
)
def test_an_answer_that_cannot_be_read_is_no_empty_list(body: bytes) -> None:
    with answering(body) as server:
        origin = f"http://127.0.0.1:{server.server_address[1]}"
        fields = {"api_url": origin, "access_token": "shpat_x"}
        app = {"api_url": origin, "client_id": "client-1", "client_secret": CLIENT_SECRET}
        for asked, one in enumerate((fields, app), 1):
            assert failure(Source("intl", "shopify", one)) == "Shopify's answer cannot be read"
            assert server.seen == asked


def test_a_redirect_is_not_followed() -> None:
    with answering(b"", status=302, location="http://127.0.0.1:9/") as server:
        fields = {
            "api_url": f"http://127.0.0.1:{server.server_address[1]}",
            "access_token": "shpat_x",
        }
        assert failure(Source("intl", "shopify", fields)) == "Shopify answered 302"


def test_a_shop_that_is_down_is_unavailable(shop: Shopify) -> None:
    down = source(shop, api_url="http://127.0.0.1:9")
    assert failure(down) == "Shopify did not answer"


class Answering(ThreadingHTTPServer):
    """Gives everybody the same answer; `seen` counts them."""

    daemon_threads = True
    seen = 0

    def __enter__(self) -> Self:
        Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.shutdown()
        self.server_close()


def answering(
    body: bytes, link: str | None = None, status: int = 200, location: str = ""
) -> Answering:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server = self.server
            assert isinstance(server, Answering)
            server.seen += 1
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if link is not None:
                url = link.format(origin=f"http://127.0.0.1:{server.server_port}")
                self.send_header("Link", f'<{url}>; rel="next"')
            if location:
                self.send_header("Location", location)
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Silent."""

    return Answering(("127.0.0.1", 0), Handler)
