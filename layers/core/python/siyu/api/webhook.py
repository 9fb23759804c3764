"""How the OpenAPI document describes webhooks and callbacks.

In plain words: the models that describe a problem elsewhere would double this cold start.
"""

from typing import Any

ACCEPTED = "Accepted: it will not be lost"
TEXT: Any = {"text/plain": {}}
REFUSALS = {
    400: "The body cannot be read, or lacks what every event of this sender has",
    401: "Signature, timestamp, headers or receiver do not hold",
    404: "The brand has no such source or account",
    413: "The body is too large",
    422: "The body is not JSON",
    503: "Not accepted, send it again",
}


def _answers(successes: dict[int, Any], *refusals: int) -> Any:
    return successes | {
        status: {"description": REFUSALS[status], "content": {"application/problem+json": {}}}
        for status in refusals
    }


EVENT: Any = {
    "summary": "Take in an order event",
    "tags": ["orders"],
    "responses": _answers(
        {
            status: {"description": ACCEPTED, "content": {"application/json": {}, **TEXT}}
            for status in (200, 202, 204)
        },
        *REFUSALS,
    ),
}
CHECK: Any = {
    "summary": "Prove that this address is ours",
    "tags": ["orders"],
    "responses": _answers({200: {"description": "The proof, bare", "content": TEXT}}, 401, 404),
}
CALLBACK: Any = {
    "summary": "Take in an event of WeCom or of the official account",
    "tags": ["contacts"],
    "responses": _answers(
        {200: {"description": ACCEPTED, "content": TEXT}}, 400, 401, 404, 413, 503
    ),
}
CALLBACK_CHECK: Any = {**CHECK, "tags": ["contacts"]}
