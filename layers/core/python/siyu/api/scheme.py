"""A segmentation scheme as somebody writes it, for the console's API and for `siyu segment`."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from siyu.api.strict import Strict
from siyu.domain.schemes import DEFAULT, SCORES, Cutting, High, Lines, Rule, Scheme

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
Store = Annotated[str, Field(pattern=r"^[0-9A-HJKMNP-TV-Z]{3}$")]


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

    name: str = Field(DEFAULT.name, pattern=r"^[a-z][a-z0-9_]{0,19}$")

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
