"""What the console is told of audiences."""

from datetime import date, datetime
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Header
from pydantic import BaseModel, Field

from siyu.api.console import SECURITY
from siyu.api.problem import answers
from siyu.domain.asked_audience import Audience
from siyu.domain.estimate import Estimate
from siyu.services.preview_audience import Preview
from siyu.services.request_audience import file_of

Key = Annotated[
    str | None,
    Header(
        alias="idempotency-key",
        min_length=1,
        max_length=128,
        description="The same key of the same operator is the same audience, asked for once",
    ),
]


class IntervalBody(BaseModel):
    """Holds the true number 95 times of 100."""

    low: int
    high: int

    @classmethod
    def of(cls, one: Estimate) -> "IntervalBody":
        return cls(low=one.low, high=one.high)


class PreviewResponse(BaseModel):
    """How many members there are as of the last night. With many members a part of them is read
    and the rest estimated (docs/audiences.md)."""

    members: int
    net_minor: int = Field(description="Net sales in the scheme's window, minor units")
    exact: bool
    members_between: IntervalBody | None = Field(description="None when the number is exact")
    net_minor_between: IntervalBody | None = Field(description="None when the number is exact")
    shards_read: int
    of_shards: int
    scheme: str
    scheme_version: int
    as_of: date
    sample: list[str] = Field(description="The first members by id, of those that were read")

    @classmethod
    def from_domain(cls, found: Preview) -> "PreviewResponse":
        members, net = found.all_members, found.all_net_minor
        return cls(
            members=members.value,
            net_minor=net.value,
            exact=found.exact,
            members_between=None if found.exact else IntervalBody.of(members),
            net_minor_between=None if found.exact else IntervalBody.of(net),
            shards_read=found.shards_read,
            of_shards=found.of_shards,
            scheme=found.basis.scheme.name,
            scheme_version=found.basis.scheme.version,
            as_of=found.basis.as_of,
            sample=found.sample,
        )


class AudienceBody(BaseModel):
    """An audience that somebody asked for."""

    id: str
    state: str = Field(
        description="waiting, running, done, or failed; what failed is tried again by itself"
    )
    query: dict[str, Any]
    scheme_version: int
    as_of: date = Field(description="The night by whose lines members are placed")
    asked_by: str
    asked_at: datetime
    ends_at: datetime = Field(description="When it and its file are gone")
    members: int | None = Field(description="Once it is done")
    bytes: int | None = Field(description="Size of the file, once it is done")
    attempts: int
    problem: str | None = Field(
        description="Why it failed; `interrupted` while a try runs, and if it was never over"
    )

    @staticmethod
    def fields(one: Audience) -> dict[str, Any]:
        """Its members by name."""
        return {
            "id": one.audience_id,
            "state": one.state,
            "query": dict(one.query),
            "scheme_version": one.basis.scheme.version,
            "as_of": one.basis.as_of,
            "asked_by": one.asked_by,
            "asked_at": one.asked_at,
            "ends_at": one.ends_at,
            "members": one.members,
            "bytes": one.size,
            "attempts": one.attempts,
            "problem": one.problem,
        }

    @classmethod
    def from_domain(cls, one: Audience) -> "AudienceBody":
        return cls(**cls.fields(one))


class AudienceResponse(AudienceBody):
    key: str | None = Field(description="Of the file in the bucket, once it is done")
    url: str | None = Field(description="Downloads the file for 15 minutes without further rights")

    @classmethod
    def from_domain(cls, one: Audience) -> "AudienceResponse":
        key, url = file_of(one) or (None, None)
        return cls(**cls.fields(one), key=key, url=url)


class AudiencesResponse(BaseModel):
    """The last fifty, the latest first; what happened in the last moments may be missing."""

    audiences: list[AudienceBody]

    @classmethod
    def from_domain(cls, found: list[Audience]) -> "AudiencesResponse":
        return cls(audiences=[AudienceBody.from_domain(one) for one in found])


def _about(summary: str, success: type[BaseModel], *refusals: int) -> dict[str, Any]:
    """What the document says of a route."""
    responses = answers(success, 401, *refusals)
    return {"summary": summary, "tags": ["console"], "responses": responses, "security": SECURITY}


def _accepted(about: dict[str, Any]) -> dict[str, Any]:
    """The same of a route that answers before the work is done."""
    responses = dict(about["responses"])
    responses[202] = {**responses.pop(200), "description": "Accepted"}
    return {**about, "responses": responses}


PREVIEW = _about("How many members a query finds", PreviewResponse, 400, 409, 415, 422)
ASK = _accepted(_about("Ask for the members themselves", AudienceBody, 400, 409, 415, 422))
LIST = _about("The last audiences", AudiencesResponse)
SHOW = _about("What became of one, and a link to its file", AudienceResponse, 404)
