"""Where a request says whom or what it is about, found in the OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from infra.openapi import document
from tests.acceptance.matrix import AUDIENCES, ROUTES, Route

SCHEMAS: dict[str, Any] = json.loads(document())["components"]["schemas"]
# Their bodies are rules for everybody, and have no word for anybody.
RULES: set[Route] = {
    ("POST", AUDIENCES),
    ("POST", f"{AUDIENCES}/preview"),
    ("POST", "/v1/console/programmes"),
    ("POST", "/v1/console/schemes"),
}
# What identifies a member, or something that is a member's, by the last part of its name.
IDENTIFYING = {
    "audience", "buyer_id", "code", "coupon_code", "credit", "cursor", "device_id", "event_id",
    "hold", "login_code", "member", "openid", "order_id", "payment_id", "receipt_token",
    "referral_code", "referrer", "refund_id", "token", "unionid", "wallet_code",
}  # fmt: skip
# What does not: places, amounts, settings, and marks of a request. Where goods go leads to nobody.
NOBODYS = {
    "address", "amount_minor", "app_id", "buyer", "by", "channel", "consents", "currency",
    "data", "delivery", "detail", "dry_run", "format", "fraud", "from", "granted", "guide_id",
    "idempotency-key", "lang", "limit", "lines", "note", "occurred_at", "paid_minor",
    "payment_only", "phone", "policy_version", "purpose", "quantity", "reason",
    "refunded_minor", "scheme", "since", "sku", "source", "spend_minor", "staff", "store",
    "store_id", "suspended", "text_hash", "till_id", "to", "type", "until", "verdict",
    "webhook-id", "webhook-signature", "webhook-timestamp",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slot:
    """A place of a request: path, query, header or body, and the name there, dotted in a body."""

    route: Route
    place: str
    name: str

    @property
    def last(self) -> str:
        return self.name.rpartition(".")[2]

    def __str__(self) -> str:
        return f"{' '.join(self.route)} {self.place} {self.name}"


def slots() -> list[Slot]:
    """Every place of every route, but for the rules' bodies."""
    found = []
    for route, operation in ROUTES.items():
        given = operation.get("parameters", [])
        found += [Slot(route, parameter["in"], parameter["name"]) for parameter in given]
        contents = operation.get("requestBody", {}).get("content", {})
        for content in contents.values() if route not in RULES else ():
            names = sorted(set(_fields(content["schema"])))
            found += [Slot(route, "body", name) for name in names]
    return found


def identifiers() -> list[Slot]:
    return [slot for slot in slots() if slot.last in IDENTIFYING]


def _fields(schema: dict[str, Any], before: str = "") -> Iterator[str]:
    """Names in a schema and in those that it refers to."""
    if "$ref" in schema:
        schema = SCHEMAS[schema["$ref"].rpartition("/")[2]]
    parts = [part for key in ("anyOf", "oneOf", "allOf") for part in schema.get(key, [])]
    for part in [*parts, *([schema["items"]] if "items" in schema else [])]:
        yield from _fields(part, before)
    for name, inner in schema.get("properties", {}).items():
        yield f"{before}{name}"
        yield from _fields(inner, f"{before}{name}.")
