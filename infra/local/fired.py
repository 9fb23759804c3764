"""What a request to fire a schedule says: as of when."""

from __future__ import annotations

import json
from datetime import datetime

from pydantic import ValidationError

from infra.local.http_events import Answer
from siyu.api.programme_parts import Instant
from siyu.api.strict import Strict


class _Fired(Strict):
    scheduled_for: Instant | None = None


def as_of(body: bytes, now: datetime) -> datetime:
    """The instant that a body names, else now. Raises ValidationError for anything else in it."""
    return _Fired.model_validate_json(body or b"{}").scheduled_for or now


def not_understood(error: ValidationError) -> Answer:
    """The API's answer to a body with other fields than it should have."""
    told = error.errors(include_url=False, include_input=False)
    faults = [
        {"field": ".".join(map(str, ("body", *one["loc"]))), "problem": one["msg"]} for one in told
    ]
    title = "The request does not have the expected fields"
    return _problem(422, "invalid_request", title, errors=faults)


def failed(error: Exception) -> Answer:
    """The answer when the function ended with an error: its own words, for we are on a laptop."""
    return _problem(500, "schedule_failed", "The function failed", detail=str(error))


def _problem(status: int, reason: str, title: str, **more: object) -> Answer:
    said = {"type": f"urn:siyu:problem:{reason}", "title": title, "status": status, **more}
    body = json.dumps(said, ensure_ascii=False).encode()
    return Answer(status, {"content-type": "application/problem+json"}, body)
