"""How the OpenAPI document describes webhooks.

In plain words: the models that describe a problem elsewhere would double this cold start.
"""

from typing import Any

SUCCESSES = {
    200: "Accepted: it will not be lost",
    202: "Accepted: it will not be lost",
    204: "Accepted: it will not be lost",
}
REFUSALS = {
    400: "The body is not UTF-8, or lacks what every event of this sender has",
    401: "Signature, timestamp or headers do not hold",
    404: "No such source",
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
        {status: {"description": text} for status, text in SUCCESSES.items()}, *REFUSALS
    ),
}
CHECK: Any = {
    "summary": "Prove that this address is ours",
    "tags": ["orders"],
    "responses": _answers(
        {200: {"description": "The proof, bare", "content": {"text/plain": {}}}}, 401, 404
    ),
}
