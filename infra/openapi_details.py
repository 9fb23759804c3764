"""Says in the OpenAPI document what the framework cannot know, and takes out what is not so.

Signed bodies are taken as bytes and read after their signature was checked. And the framework adds
an answer 422 of a shape of its own to every route, which no function of ours gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from siyu.api.order_models import EVENT
from siyu.api.redemption import RedemptionRequest
from siyu.api.spend import CaptureRequest, HoldRequest, VoidRequest

REFERENCE = "#/components/schemas/{model}"
BODIES: Mapping[tuple[str, str], tuple[TypeAdapter[Any], str]] = {
    ("post", "/v1/webhooks/{source}"): (
        EVENT,
        "Of a standard source; other kinds of sources send what is theirs (docs/channels.md).",
    ),
    ("post", "/v1/stores/{store}/redemptions"): (
        TypeAdapter(RedemptionRequest),
        "Signed as Standard Webhooks prescribe, with the store's own secret.",
    ),
    ("post", "/v1/stores/{store}/holds"): (
        TypeAdapter(HoldRequest),
        "Signed like a redemption; `webhook-id` names the hold from here on.",
    ),
    ("post", "/v1/stores/{store}/holds/{hold}/capture"): (
        TypeAdapter(CaptureRequest),
        "Signed like a redemption.",
    ),
    ("post", "/v1/stores/{store}/holds/{hold}/void"): (
        TypeAdapter(VoidRequest),
        "Signed like a redemption.",
    ),
}
FRAMEWORKS_OWN = ("HTTPValidationError", "ValidationError")
HEADERS = {
    "webhook-id": "Names the delivery; the same one again has no second effect",
    "webhook-timestamp": "Whole seconds since 1970, at most five minutes off",
    "webhook-signature": "v1,<base64>; several, separated by spaces, while a secret is changed",
}


def describe(document: dict[str, Any]) -> None:
    """Mend an OpenAPI document in place."""
    _describe_bodies(document)
    for operations in document["paths"].values():
        for operation in operations.values():
            _mend_answers(operation["responses"])
    for name in FRAMEWORKS_OWN:
        document["components"]["schemas"].pop(name, None)


def _mend_answers(responses: dict[str, Any]) -> None:
    if "HTTPValidationError" in str(responses.get("422")):
        del responses["422"]
    responses.get("204", {}).pop("content", None)


def _describe_bodies(document: dict[str, Any]) -> None:
    for (method, path), (adapter, about) in BODIES.items():
        operation = document["paths"][path][method]
        schema = adapter.json_schema(ref_template=REFERENCE)
        document["components"]["schemas"].update(schema.pop("$defs", {}))
        operation["requestBody"] = {
            "description": about,
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
        operation.setdefault("parameters", []).extend(_header(*named) for named in HEADERS.items())


def _header(name: str, about: str) -> dict[str, Any]:
    # Not every kind of source sends them, and without them the answer is the usual 401.
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": about,
        "schema": {"type": "string"},
    }
