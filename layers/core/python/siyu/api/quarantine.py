"""The console's view of what was set aside: GET a list, GET one, POST a trial or a replay."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel, ConfigDict, Field

from siyu.api.console import SECURITY
from siyu.api.problem import answers
from siyu.domain.quarantine import Aside
from siyu.services.order_events import Told
from siyu.services.replay_events import Page, Readers, Replayed, Trial

MAX_LIMIT = 100
MAX_FILTER_CHARS = 64

Filter = Annotated[str | None, Query(max_length=MAX_FILTER_CHARS)]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Cursor = Annotated[str | None, Query(description="`next` of the page before")]


def read_orders(text: str) -> Sequence[Told]:
    """A message of the orders queue. Who only looks through the list needs no model of an order."""
    from siyu.api import queue_message  # noqa: PLC0415

    return queue_message.read_message(text)


def read_contact(text: str) -> object:
    """A message of the contacts queue, in the same way."""
    from siyu.api import contact_message  # noqa: PLC0415

    return contact_message.read_message(text)


READERS = Readers(read_orders, read_contact)


class ResolutionBody(BaseModel):
    """What became of an event, and by whose hand."""

    model_config = ConfigDict(from_attributes=True)

    outcome: str = Field(description="recorded, duplicate, ignored, requeued or discarded")
    by: str
    at: datetime
    because: str | None


class EventBody(BaseModel):
    """An event that was set aside, without what it says."""

    id: str
    source: str
    reason: str
    detail: str = Field(description="Which fields are wrong and how, never their values")
    received_at: datetime
    attempts: int = Field(description="How often it was found to have no effect")
    resolution: ResolutionBody | None = Field(description="None while it is open")

    @staticmethod
    def fields(aside: Aside) -> dict[str, Any]:
        """Its members by name."""
        standing = aside.resolution
        return {
            "id": str(aside.name),
            "source": aside.source,
            "reason": aside.reason,
            "detail": aside.detail,
            "received_at": aside.name.received_at,
            "attempts": aside.attempts,
            "resolution": ResolutionBody.model_validate(standing) if standing else None,
        }


class EventsResponse(BaseModel):
    """Open events, oldest first; what happened in the last moments may be missing.

    A filter looks through some hundred events a page, so a page may be empty and not the last.
    """

    events: list[EventBody]
    next: str | None = Field(description="Where the next page begins; None on the last")

    @classmethod
    def from_domain(cls, page: Page) -> "EventsResponse":
        return cls(
            events=[EventBody(**EventBody.fields(one)) for one in page.events], next=page.after
        )


class EventResponse(EventBody):
    message: str = Field(description="The message as it came. It may hold personal data")

    @classmethod
    def from_domain(cls, aside: Aside, message: str) -> "EventResponse":
        return cls(**EventBody.fields(aside), message=message)


class ReplayRequest(BaseModel):
    """Who replays it is said by the token."""

    model_config = ConfigDict(extra="forbid")

    dry_run: bool = Field(strict=True, description="Say what would change, and write nothing")


class TriedBody(BaseModel):
    """What one order event would change. Amounts are minor units."""

    model_config = ConfigDict(from_attributes=True)

    order_key: str = Field(description="The order as <source>#<id>")
    outcome: str = Field(description="recorded, duplicate or refused")
    net_before_minor: int = Field(description="The order as its source tells it")
    net_after_minor: int
    counted_before_minor: int = Field(
        description="What adds to a member's figures: the order, or the sale it tells of"
    )
    counted_after_minor: int
    member_known: bool
    reason: str | None
    detail: str | None


class ReplayResponse(BaseModel):
    """What a replay came to; of a dry run, what it would come to, event by event."""

    id: str
    dry_run: bool
    outcome: str = Field(
        description="recorded, duplicate, ignored, requeued, refused; or what it had come to before"
    )
    reason: str | None
    detail: str | None
    resolution: ResolutionBody | None = None
    events: list[TriedBody] = []

    @classmethod
    def of_trial(cls, event_id: str, trial: Trial) -> "ReplayResponse":
        return cls(
            id=event_id,
            dry_run=True,
            outcome=trial.outcome,
            reason=trial.reason,
            detail=trial.detail,
            events=[TriedBody.model_validate(one) for one in trial.events],
        )

    @classmethod
    def of_replay(cls, event_id: str, done: Replayed) -> "ReplayResponse":
        standing = done.resolution
        return cls(
            id=event_id,
            dry_run=False,
            outcome=done.outcome,
            reason=done.reason,
            detail=done.detail,
            resolution=ResolutionBody.model_validate(standing) if standing else None,
        )


def _about(summary: str, success: type[BaseModel], *refusals: int) -> dict[str, Any]:
    """What the document says of a route."""
    responses = answers(success, 401, *refusals)
    return {"summary": summary, "tags": ["console"], "responses": responses, "security": SECURITY}


LIST = _about("Events that were set aside", EventsResponse, 404, 422)
SHOW = _about("One of them, with its message", EventResponse, 404)
REPLAY = _about("Try it, or replay it", ReplayResponse, 400, 404, 415, 422, 503)
