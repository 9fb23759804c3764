"""An audience as an operator asks for it, for the console's API and for `siyu segments audience`.

docs/audiences.md explains the conditions.
"""

import json
from typing import Annotated, Any

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from siyu.api.strict import Day, Store, Strict
from siyu.domain.audience import MAX_ALTERNATIVES, Query
from siyu.domain.night_report import UNSCORED
from siyu.domain.schemes import DEFAULT, SCORES
from siyu.domain.segments import AIPL, GROUPS, STAGES

MAX_STORES = 500
MAX_TOLD = 2_000
MAX_DAYS = 36_500
MOST = 10**15


def _one_of(*names: str) -> Any:
    return Field(pattern=f"^({'|'.join(names)})$")


Stage = Annotated[str, _one_of(*STAGES)]
Group = Annotated[str, _one_of(*GROUPS.values(), UNSCORED)]
Aipl = Annotated[str, _one_of(*AIPL)]
Score = Annotated[int, Field(strict=True, ge=1, le=SCORES)]
Days = Annotated[int, Field(strict=True, ge=0, le=MAX_DAYS)]
Count = Annotated[int, Field(strict=True, ge=0, le=MOST)]
Minor = Annotated[int, Field(strict=True, ge=-MOST, le=MOST)]


class _Ends(Strict):
    """Two ends of which one may be missing."""

    @model_validator(mode="after")
    def _is_a_range(self) -> "_Ends":
        ends = [value for value in self.__dict__.values() if value is not None]
        if not ends:
            raise PydanticCustomError("no_end", "give one end of the range or both")
        if ends != sorted(ends):
            raise PydanticCustomError("empty_range", "nothing is between these ends")
        return self


class ScoreSpan(_Ends):
    """Scores, ends included. Who is not scored has none."""

    at_least: Score | None = None
    at_most: Score | None = None


class DaySpan(_Ends):
    """Numbers of days, ends included."""

    at_least: Days | None = None
    at_most: Days | None = None


class CountSpan(_Ends):
    """Counts, ends included."""

    at_least: Count | None = None
    at_most: Count | None = None


class MinorSpan(_Ends):
    """Amounts in minor units, ends included."""

    at_least: Minor | None = None
    at_most: Minor | None = None


class DateSpan(_Ends):
    """Days of the calendar, ends included."""

    since: Day | None = None
    until: Day | None = None


class Conditions(BaseModel):
    """All that are given have to hold."""

    stages: list[Stage] | None = Field(None, min_length=1, max_length=len(STAGES))
    groups: list[Group] | None = Field(None, min_length=1, max_length=len(GROUPS) + 1)
    aipl: list[Aipl] | None = Field(None, min_length=1, max_length=len(AIPL))
    stores: list[Store] | None = Field(
        None, min_length=1, max_length=MAX_STORES, description="That brought the member"
    )
    r: ScoreSpan | None = None
    f: ScoreSpan | None = None
    m: ScoreSpan | None = None
    recency_days: DaySpan | None = Field(None, description="Days since the last purchase")
    frequency: CountSpan | None = Field(None, description="Orders in the scheme's window")
    monetary_minor: MinorSpan | None = Field(None, description="Net sales in the scheme's window")
    orders_ever: CountSpan | None = None
    joined_days: DaySpan | None = Field(None, description="Days since the member joined")
    joined: DateSpan | None = Field(None, description="The day the member joined")


class AlternativeBody(Conditions, Strict):
    """One of several conjunctions."""

    @model_validator(mode="after")
    def _asks_for_something(self) -> "AlternativeBody":
        if not self.model_dump(exclude_none=True):
            raise PydanticCustomError("no_condition", "give a condition, or leave it out")
        return self


class AudienceQuery(Conditions, Strict):
    """Whom to look for. Without any condition it is everybody in the scheme."""

    scheme: str = Field(DEFAULT.name, pattern=r"^[a-z][a-z0-9_]{0,19}$")
    any_of: list[AlternativeBody] | None = Field(
        None,
        min_length=1,
        max_length=MAX_ALTERNATIVES,
        description="One of these has to hold as well",
    )

    def body(self) -> dict[str, Any]:
        """Its JSON, as it is kept; what is not asked is left out."""
        return self.model_dump(mode="json", exclude_none=True)

    @property
    def told(self) -> str:
        """Its JSON for the log, the scheme first, cut off where it is long. It names no member."""
        told = {"scheme": self.scheme, **self.body()}
        return json.dumps(told, separators=(",", ":"))[:MAX_TOLD]

    def to_query(self) -> Query:
        """What the services look for."""
        return Query.of_body(self.body())
