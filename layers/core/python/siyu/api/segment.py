"""The console's view of one member's place in a scheme: every number and every line behind it."""

from datetime import date
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, Field

from siyu.api.segment_parts import CutsBody, NumbersBody, PlaceBody, ReasonBody, ScoresBody, about
from siyu.domain.label_book import BY_NIGHT, Entry
from siyu.domain.segments import Label

if TYPE_CHECKING:
    # Whoever shows one has loaded the service; an export link needs none of it.
    from siyu.services.explain_segment import Explained, Labelled, Past, Placed

Cause = Literal["order", "night"]


class StoredBody(BaseModel):
    """The label as it is kept on the member."""

    label: PlaceBody
    since: date = Field(description="The night it changed, or the night before the order did it")
    before: PlaceBody | None = Field(description="At the night before; None: not counted yet")
    cause: Cause

    @classmethod
    def from_domain(cls, entry: Entry) -> "StoredBody":
        return cls(
            label=PlaceBody.model_validate(Label.of_code(entry.code)),
            since=date.fromordinal(entry.since),
            before=PlaceBody.of_code(entry.before),
            cause=_cause(entry),
        )


class PastBody(BaseModel):
    """A change between two nights, with the numbers of the later one."""

    night: date
    before: PlaceBody | None
    after: PlaceBody | None
    cause: Cause
    recency_days: int | None
    frequency: int
    monetary_minor: int

    @classmethod
    def from_domain(cls, past: "Past") -> "PastBody":
        return cls(
            night=past.night,
            before=PlaceBody.of_code(past.entry.before),
            after=PlaceBody.of_code(past.entry.code),
            cause=_cause(past.entry),
            recency_days=past.idle_days,
            frequency=past.orders,
            monetary_minor=past.net_minor,
        )


class ComputedBody(BaseModel):
    """Where the figures put the member, as of the last night or the last day with an order."""

    as_of: date
    version: int
    window_days: int | None = Field(description="None: for ever")
    numbers: NumbersBody
    scores: ScoresBody | None = Field(description="None for who is not scored")
    label: PlaceBody
    lines: CutsBody
    reasons: list[ReasonBody]

    @classmethod
    def from_domain(cls, placed: "Placed") -> "ComputedBody":
        measure, today, scores = placed.measure, placed.as_of.toordinal(), placed.label.scores
        return cls(
            as_of=placed.as_of,
            version=placed.scheme.version,
            window_days=placed.scheme.window_days,
            numbers=NumbersBody(
                recency_days=today - measure.last_day if measure.last_day else None,
                frequency=measure.orders,
                monetary_minor=measure.net_minor,
                orders_ever=measure.orders_ever,
                joined_on=date.fromordinal(measure.joined_day),
            ),
            scores=ScoresBody(recency=scores[0], frequency=scores[1], monetary=scores[2])
            if scores
            else None,
            label=PlaceBody.model_validate(placed.label),
            lines=CutsBody.from_domain(placed.cuts),
            reasons=[ReasonBody.model_validate(one) for one in placed.reasons],
        )


class SegmentResponse(BaseModel):
    """Why a person stands where they stand. Money is minor units."""

    member: str = Field(description="The account that speaks for the person")
    scheme: str
    profiling: Literal["counted", "refused"] = Field(
        description="Of who refused, nothing is computed"
    )
    computed: ComputedBody | None
    none_because: str | None = Field(
        description="Why nothing is computed: profiling_refused, no_night_yet, not_in_force (by the"
        " last night), not_in_scheme (of a store that is not)"
    )
    stored: StoredBody | None
    pending: bool = Field(
        description="The stored label is not the computed one: the night, or an order, will write"
    )
    history: list[PastBody] = Field(
        description="What nights recorded in the last 13 months, the latest first"
    )

    @classmethod
    def from_domain(cls, told: "Explained") -> "SegmentResponse":
        return cls(
            member=told.member_id,
            scheme=told.scheme,
            profiling="refused" if told.refused else "counted",
            computed=ComputedBody.from_domain(told.placed) if told.placed else None,
            none_because=told.none_because,
            stored=StoredBody.from_domain(told.stored) if told.stored else None,
            pending=told.pending,
            history=[PastBody.from_domain(one) for one in told.history],
        )


class SegmentBody(BaseModel):
    """Where a segmentation scheme puts an account, and where it stood."""

    account: str
    scheme: str
    stands: StoredBody | None = Field(description="None for who has no label any more")
    history: list[PastBody] = Field(
        description="What nights recorded in the last 13 months, the latest first"
    )

    @classmethod
    def from_domain(cls, one: "Labelled") -> "SegmentBody":
        return cls(
            account=one.account_id,
            scheme=one.scheme,
            stands=StoredBody.from_domain(one.stands) if one.stands else None,
            history=[PastBody.from_domain(past) for past in one.past],
        )


def _cause(entry: Entry) -> Cause:
    return "night" if entry.cause == BY_NIGHT else "order"


EXPLAIN = about("Why a member stands where they stand", SegmentResponse, 404, 422)
