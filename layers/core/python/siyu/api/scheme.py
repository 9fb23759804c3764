"""/v1/console/schemes: the versions of the segmentation schemes, and one more of them.

The file of `siyu segments publish` is the same JSON.
"""

from dataclasses import asdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from siyu.api.console import SECURITY
from siyu.api.problem import answers
from siyu.api.strict import NAME, Store, Strict
from siyu.domain.schemes import DEFAULT, SCORES, Cutting, High, Lines, Rule, Scheme

if TYPE_CHECKING:
    # `siyu segment` checks schemes where there is no table to import the services for.
    from siyu.services.publish_scheme import Listed

MAX_STORES = 500
MAX_DAYS = 3_650
MOST = 10**12
LINES = SCORES - 1

Flag = Annotated[bool, Field(strict=True)]
Percent = Annotated[int, Field(strict=True, ge=1, le=100)]
Days = Annotated[int, Field(strict=True, ge=0, le=MAX_DAYS)]
Count = Annotated[int, Field(strict=True, ge=0, le=MOST)]
DayLines = Annotated[list[Days], Field(min_length=LINES, max_length=LINES)]
CountLines = Annotated[list[Count], Field(min_length=LINES, max_length=LINES)]


class LinesBody(Strict):
    """Four lines each; to score higher is to be strictly beyond a line."""

    recency: DayLines = Field(description="Days since the last purchase, such as 180, 90, 30, 7")
    frequency: CountLines = Field(description="Orders")
    monetary: CountLines = Field(description="Net sales, minor units")


class SidesBody(Strict):
    """A line for each of R, F and M."""

    recency: Days = Field(description="Days; who bought more lately is on the high side")
    frequency: Count = Field(description="Orders; who has more is on the high side")
    monetary: Count = Field(description="Minor units; who has more is on the high side")


class Rules(BaseModel):
    """The rules of a scheme (docs/segmentation.md). What is left out is as in our own scheme."""

    model_config = ConfigDict(from_attributes=True)

    enabled: Flag = Field(DEFAULT.enabled, description="False: from then on nobody is labelled")
    stores: list[Store] = Field(
        [], max_length=MAX_STORES, description="Those whom they brought; none is the whole brand"
    )
    window_days: Literal[30, 90, 365] | None = Field(
        None, description="Days that orders and sales count; null is for ever"
    )
    rule: Rule = Field(DEFAULT.rule, description="Where the lines between scores come from")
    own_lines: LinesBody | None = Field(None, description="With the rule `own`, and only then")
    high: High = Field(DEFAULT.high, description="What parts the value groups")
    own_high: SidesBody | None = Field(None, description="With `own`, and only then")
    cutting: Cutting = Field(DEFAULT.cutting, description="When lines are drawn anew")
    min_population: Annotated[int, Field(strict=True, ge=1, le=MOST)] = Field(
        DEFAULT.min_population, description="With fewer buyers nobody is scored"
    )
    super_user_percent: Percent = Field(DEFAULT.super_user_percent, description="By net sales")
    key_care_percent: Percent = Field(DEFAULT.key_care_percent, description="By orders")
    new_days: Days = Field(DEFAULT.new_days, description="A member is new for so long")
    dormant_days: Days = Field(
        DEFAULT.dormant_days, description="Dormant after more days than that"
    )
    lost_days: Days = Field(DEFAULT.lost_days, description="Lost after more days than that")
    loyal_orders: Annotated[int, Field(strict=True, ge=1, le=MOST)] = Field(
        DEFAULT.loyal_orders, description="Orders in the window that make a member loyal"
    )


class SchemeRequest(Rules, Strict):
    """One more version of a scheme."""

    name: str = Field(DEFAULT.name, pattern=NAME)

    @model_validator(mode="after")
    def _fits_together(self) -> "SchemeRequest":
        if (self.own_lines is None) == (self.rule is Rule.OWN):
            raise PydanticCustomError(
                "own_lines", "give own_lines with the rule own, and only then"
            )
        if (self.own_high is None) == (self.high is High.OWN):
            raise PydanticCustomError("own_high", "give own_high with high: own, and only then")
        if self.dormant_days > self.lost_days:
            raise PydanticCustomError("dormant_days", "nobody is lost before being dormant")
        return self

    def to_scheme(self) -> Scheme:
        """The scheme; its version and first night are given by whoever publishes it."""
        plain: dict[str, Any] = self.model_dump(exclude={"own_lines", "own_high", "stores"})
        lines, high = self.own_lines, self.own_high
        return Scheme(
            **plain,
            stores=tuple(sorted(set(self.stores))),
            own_lines=_lines(lines) if lines else None,
            own_high=(high.recency, high.frequency, high.monetary) if high else None,
        )


def _lines(body: LinesBody) -> Lines:
    """Each from the first to surpass to the last."""
    return Lines(
        tuple(sorted(body.recency, reverse=True)),
        tuple(sorted(body.frequency)),
        tuple(sorted(body.monetary)),
    )


class SchemeBody(Rules):
    """A version as it is published."""

    name: str
    version: int
    effective_from: date | None = Field(description="Its first night; None: from the first one on")

    @classmethod
    def from_domain(cls, scheme: Scheme) -> "SchemeBody":
        names = Rules.model_fields.keys() - {"own_lines", "own_high"}
        own, high = scheme.own_lines, scheme.own_high
        return cls(
            **{name: getattr(scheme, name) for name in names},
            own_lines=LinesBody.model_validate(asdict(own)) if own else None,
            own_high=SidesBody(recency=high[0], frequency=high[1], monetary=high[2])
            if high
            else None,
            name=scheme.name,
            version=scheme.version,
            effective_from=scheme.effective_from if scheme.effective_from > date.min else None,
        )


class ListedSchemeBody(SchemeBody):
    tonight: bool = Field(description="In force on the night of this business day")
    next_night: bool = Field(description="In force on the night after it, as things stand")
    published_by: str | None = Field(description="The operator; None for our own scheme")


class SchemesResponse(BaseModel):
    """All versions of all schemes as they were published, our own scheme first."""

    night: date = Field(description="This business day, whose night is at its beginning")
    schemes: list[ListedSchemeBody]

    @classmethod
    def from_domain(cls, listed: "Listed", night: date) -> "SchemesResponse":
        tonight, then = (listed.schemes.on(day) for day in (night, night + timedelta(days=1)))
        return cls(
            night=night,
            schemes=[
                ListedSchemeBody(
                    **SchemeBody.from_domain(one).model_dump(),
                    tonight=one in tonight,
                    next_night=one in then,
                    published_by=listed.by.get(f"{one.name}@{one.version}"),
                )
                for one in listed.all
            ],
        )


def _about(summary: str, success: type[BaseModel], *refusals: int) -> dict[str, Any]:
    """What the document says of a route."""
    responses = answers(success, 401, *refusals)
    return {"summary": summary, "tags": ["console"], "responses": responses, "security": SECURITY}


LIST = _about("The versions of the segmentation schemes", SchemesResponse)
PUBLISH = _about("Publish one more of them", SchemeBody, 400, 409, 415, 422, 503)
