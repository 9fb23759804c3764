"""What the console's views of the segmentation have in common: labels, lines, comparisons."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel, ConfigDict, Field

from siyu.api.console import SECURITY
from siyu.api.problem import answers
from siyu.api.strict import NAME
from siyu.domain.label_book import NOWHERE
from siyu.domain.schemes import DEFAULT
from siyu.domain.segments import Label

if TYPE_CHECKING:
    # Whoever shows lines has loaded them; an export link needs none.
    from siyu.domain.cut_points import CutPoints

Name = Annotated[str, Query(pattern=NAME)]
USUAL = DEFAULT.name


class PlaceBody(BaseModel):
    """A label in words."""

    model_config = ConfigDict(from_attributes=True)

    stage: str
    group: str | None = Field(description="None for who is not scored")
    aipl: str

    @classmethod
    def of_code(cls, code: str) -> "PlaceBody | None":
        """None for who had no label."""
        return None if code == NOWHERE else cls.model_validate(Label.of_code(code))


class ScoresBody(BaseModel):
    """From 1 to 5."""

    recency: int
    frequency: int
    monetary: int


class NumbersBody(BaseModel):
    """What the scheme looks at; orders and net sales are those of its window."""

    recency_days: int | None = Field(description="Since the last purchase; None without one")
    frequency: int = Field(description="Orders of which something was kept")
    monetary_minor: int
    orders_ever: int
    joined_on: date


class HighBody(BaseModel):
    """What has to be passed for the high side of a group."""

    recency_days: int
    frequency: int
    monetary_minor: int


class CutsBody(BaseModel):
    """The lines in force, of the night they were drawn. Recency lines are days, downwards; all are
    to be passed strictly. Below the least population there are none."""

    as_of: date
    version: int = Field(description="Of the scheme")
    population: int = Field(description="Members who bought in the window")
    recency_days: list[int]
    frequency: list[int]
    monetary_minor: list[int]
    high: HighBody | None
    super_user_minor: int | None = Field(description="From here on a super user")
    key_care_orders: int | None = Field(description="From here on a key-care member")

    @classmethod
    def from_domain(cls, cuts: "CutPoints") -> "CutsBody":
        high = cuts.high
        return cls(
            as_of=cuts.as_of,
            version=cuts.version,
            population=cuts.population,
            recency_days=list(cuts.recency),
            frequency=list(cuts.frequency),
            monetary_minor=list(cuts.monetary),
            high=HighBody(recency_days=high[0], frequency=high[1], monetary_minor=high[2])
            if high
            else None,
            super_user_minor=cuts.super_user_minor,
            key_care_orders=cuts.key_care_orders,
        )


class ReasonBody(BaseModel):
    """One comparison, `value sign line`, whether it holds, and what came out."""

    model_config = ConfigDict(from_attributes=True)

    what: str = Field(description="recency, frequency, monetary, group, stage or aipl")
    rule: str = Field(description="score, high, scored, new, loyal, or a stage")
    of: str = Field(
        description="idle_days, orders, net_minor, orders_ever, member_days or population"
    )
    value: int
    sign: str
    line: int | None = Field(description="Of a score the furthest one passed; None if none is")
    holds: bool
    outcome: str = Field(description="A score, a group (`-` is none), a stage or an AIPL stage")
    next_line: int | None = Field(description="Of a score the first one that is not passed")


def about(summary: str, success: type[BaseModel], *refusals: int) -> dict[str, Any]:
    """What the document says of a route."""
    responses = answers(success, 401, *refusals)
    return {"summary": summary, "tags": ["console"], "responses": responses, "security": SECURITY}
