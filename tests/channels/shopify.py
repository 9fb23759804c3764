"""Orders and refunds as Shopify sends them, with many fields that we do not read."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

SHOP = "intl-shop.myshopify.com"
SECRET = "hush-of-the-tests"
OLD_SECRET = "hush-of-last-month"
FIELDS = {"kind": "shopify", "secrets": [SECRET, OLD_SECRET], "shop": SHOP}
PATH = "/v1/webhooks/intl"

ORDER_ID = 820982911946154508
REFUND_ID = 890088186047892319
CREATED = "2026-11-22T10:40:12+08:00"
PROCESSED = "2026-11-22T10:40:10+08:00"
REFUNDED = "2026-11-22T11:05:00+08:00"
FULFILLED = "2026-11-22T11:20:00+08:00"
CANCELLED = "2026-11-22T11:30:00+08:00"

Json = dict[str, Any]


def money(amount: str, currency: str = "CNY") -> Json:
    both = {"amount": amount, "currency_code": currency}
    return {"shop_money": both, "presentment_money": both}


def line(number: int, sku: str | None, price: str, quantity: int = 1, *discounts: str) -> Json:
    return {
        "id": 487817672276298554 + number,
        "admin_graphql_api_id": f"gid://shopify/LineItem/{487817672276298554 + number}",
        "current_quantity": quantity,
        "fulfillable_quantity": quantity,
        "fulfillment_service": "manual",
        "fulfillment_status": None,
        "gift_card": False,
        "grams": 100,
        "name": "茶杯 · 白",
        "price": price,
        "price_set": money(price),
        "product_exists": True,
        "product_id": 788032119674292922,
        "properties": [],
        "quantity": quantity,
        "requires_shipping": True,
        "sku": sku,
        "taxable": True,
        "title": "茶杯",
        "total_discount": "0.00",
        "total_discount_set": money("0.00"),
        "variant_id": 808950810 + number,
        "variant_title": None,
        "vendor": None,
        "tax_lines": [],
        "discount_allocations": [
            {"amount": one, "amount_set": money(one), "discount_application_index": index}
            for index, one in enumerate(discounts)
        ],
    }


LINES = [line(0, "CUP-WHITE", "59.00", 2, "8.00", "0.50"), line(1, "", "19.99")]


def transaction(amount: str = "28.01", **changes: Any) -> Json:
    return {
        "id": 245135271310201194,
        "order_id": ORDER_ID,
        "kind": "refund",
        "gateway": "shopify_payments",
        "status": "success",
        "message": "Transaction approved",
        "created_at": REFUNDED,
        "test": False,
        "authorization": "re_3OX",
        "location_id": None,
        "parent_id": 801038806,
        "processed_at": REFUNDED,
        "source_name": "1830279",
        "amount": amount,
        "currency": "CNY",
        "payment_id": "c901414060.1",
        "total_unsettled_set": money("0.0"),
        "manual_payment_gateway": False,
        "admin_graphql_api_id": "gid://shopify/OrderTransaction/245135271310201194",
        **changes,
    }


def refund(*transactions: Json, refund_id: int = REFUND_ID, **changes: Any) -> Json:
    """The body of refunds/create, which is also what an order holds in `refunds`."""
    return {
        "id": refund_id,
        "admin_graphql_api_id": f"gid://shopify/Refund/{refund_id}",
        "created_at": REFUNDED,
        "duties": [],
        "note": "Things were damaged",
        "order_adjustments": [],
        "order_id": ORDER_ID,
        "processed_at": REFUNDED,
        "refund_line_items": [
            {
                "id": 487817672276298627,
                "line_item_id": LINES[0]["id"],
                "line_item": LINES[0],
                "location_id": None,
                "quantity": 1,
                "restock_type": "no_restock",
                "subtotal": 54.75,
                "subtotal_set": money("54.75"),
                "total_tax": 0.0,
                "total_tax_set": money("0.00"),
            }
        ],
        "restock": False,
        "return": None,
        "transactions": list(transactions) or [transaction()],
        "user_id": 548380009,
        **changes,
    }


def fulfillment(at: str = FULFILLED, status: str = "success") -> Json:
    return {
        "id": 123456,
        "admin_graphql_api_id": "gid://shopify/Fulfillment/123456",
        "created_at": at,
        "order_id": ORDER_ID,
        "service": "manual",
        "shipment_status": None,
        "status": status,
        "tracking_company": "SF Express",
        "tracking_number": "SF1234567890",
        "updated_at": at,
        "line_items": LINES,
    }


def order(order_id: int = ORDER_ID, **changes: Any) -> Json:
    """The body of every orders/ topic: paid by default."""
    return {
        "id": order_id,
        "admin_graphql_api_id": f"gid://shopify/Order/{order_id}",
        "app_id": 580111,
        "browser_ip": "192.0.2.7",
        "buyer_accepts_marketing": True,
        "cancel_reason": None,
        "cancelled_at": None,
        "checkout_id": 901414060,
        "closed_at": None,
        "confirmed": True,
        "contact_email": "ann@shop.example",
        "created_at": CREATED,
        "currency": "CNY",
        "current_total_price": "139.49",
        "current_total_price_set": money("139.49"),
        "customer": {
            "id": 115310627314723954,
            "email": "ann@shop.example",
            "first_name": "ann",
            "last_name": None,
            "phone": "+8613800138000",
            "state": "enabled",
            "currency": "CNY",
            "admin_graphql_api_id": "gid://shopify/Customer/115310627314723954",
        },
        "customer_locale": "zh-CN",
        "discount_codes": [{"code": "WELCOME", "amount": "8.50", "type": "fixed_amount"}],
        "email": "ann@shop.example",
        "financial_status": "paid",
        "fulfillment_status": None,
        "fulfillments": [],
        "line_items": LINES,
        "location_id": None,
        "name": "#9999",
        "note": None,
        "number": 234,
        "order_number": 1234,
        "order_status_url": f"https://{SHOP}/548380009/orders/123456abcd/authenticate?key=abcdefg",
        "payment_gateway_names": ["shopify_payments"],
        "presentment_currency": "CNY",
        "processed_at": PROCESSED,
        "refunds": [],
        "shipping_lines": [{"id": 271878346596884015, "price": "10.00", "title": "SF"}],
        "source_name": "web",
        "subtotal_price": "129.49",
        "tags": "",
        "taxes_included": True,
        "tax_lines": [],
        "test": False,
        "token": "123456abcd",
        "total_discounts": "8.50",
        "total_line_items_price": "137.99",
        "total_outstanding": "0.00",
        "total_price": "139.49",
        "total_price_set": money("139.49"),
        "total_tax": "0.00",
        "updated_at": CREATED,
        "user_id": None,
        **changes,
    }


def headers(
    content: bytes, topic: str, delivery: str = "", secret: str = SECRET, **more: str
) -> dict[str, str]:
    """The headers of a delivery; `_` stands for `-` in the names of more of them."""
    digest = hmac.digest(secret.encode(), content, hashlib.sha256)
    sent = {
        "x-shopify-api-version": "2026-01",
        "x-shopify-event-id": "98880550-7158-44d4-b7cd-2c97c8a091b5",
        "x-shopify-hmac-sha256": base64.b64encode(digest).decode(),
        "x-shopify-shop-domain": SHOP,
        "x-shopify-topic": topic,
        "x-shopify-triggered-at": "2026-11-22T03:59:58.123456789Z",
        "x-shopify-webhook-id": delivery or hashlib.sha256(content).hexdigest()[:36],
    }
    return {**sent, **{name.replace("_", "-"): value for name, value in more.items()}}


def encode(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def events(http: Callable[..., Json]) -> dict[str, Json]:
    """Events of the gateway by `<function>/<case>`."""

    def webhook(topic: str, body: Json) -> Json:
        content = encode(body)
        return http("POST", PATH, content, **headers(content, topic))

    returned = order(financial_status="partially_refunded", refunds=[refund()])
    paid = webhook("orders/paid", order())
    encoded = base64.b64encode(encode(order())).decode()
    return {
        "order_webhook/shopify_paid": paid,
        "order_webhook/shopify_refund": webhook("refunds/create", refund()),
        "order_webhook/shopify_cancelled": webhook(
            "orders/cancelled", {**returned, "cancelled_at": CANCELLED, "cancel_reason": "customer"}
        ),
        "order_webhook/shopify_base64": {**paid, "body": encoded, "isBase64Encoded": True},
    }
