"""The shape of every error answer, for the OpenAPI document."""

from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, Field


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str = Field(description="urn:siyu:problem:<reason>; the reason is stable")
    title: str
    status: int
    detail: str | None = Field(
        default=None, description="What to do about it, where there is something; for people"
    )
    instance: str = Field(description="urn:siyu:request:<id>; the id is that of x-request-id")


def answers(success: type[BaseModel], *statuses: int) -> dict[int, Any]:
    """OpenAPI responses of a route: what it gives, and the statuses it may refuse with."""
    given = {"description": "OK", "content": {"application/json": {"model": success}}}
    return {int(HTTPStatus.OK): given} | {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {"application/problem+json": {"model": Problem}},
        }
        for status in statuses
    }
