"""/v1/console/programmes: the versions of the referral rules, and one more of them.

The file of `siyu referral` is the same JSON.
"""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from siyu.api.console import SECURITY
from siyu.api.problem import answers
from siyu.api.programme_parts import (
    EARLIEST,
    MAX_SKUS,
    Amount,
    BasisPoints,
    ChecksBody,
    Days,
    Flag,
    FriendCouponBody,
    From,
    Instant,
    Sku,
    Version,
)
from siyu.api.strict import Strict
from siyu.domain.contradictions import contradictions
from siyu.domain.coupons import Benefit
from siyu.domain.programmes import PROGRAMME, Checks, Programme, Programmes
from siyu.services.publish_programme import Draft
from siyu.services.sum_programmes import Sums


class _Rules(BaseModel):
    """Amounts are minor units, ratios basis points; null is no limit."""

    model_config = ConfigDict(from_attributes=True)

    version: Version = Field(description="Its name, for good: no other rules ever have it")
    enabled: Flag = Field(
        PROGRAMME.enabled,
        description="False: what is paid while it is in force earns nothing, and who joins then is"
        " given no coupon; credits of earlier orders go on",
    )
    rate_bp: BasisPoints | None = Field(None, description="Part of an order that it earns")
    fixed_minor: Amount | None = Field(None, description="What an order earns, in its place")
    max_credit_minor: Amount | None = Field(None, description="Most that one order earns")
    min_order_minor: Amount = Field(
        PROGRAMME.min_order_minor, description="Orders of less earn nothing"
    )
    return_window_days: Days = Field(
        PROGRAMME.return_window_days,
        description="How long goods may come back, 59 at most; a credit is held for one day more",
    )
    hold_from: From = Field(
        PROGRAMME.hold_from, description="What begins that time; within 30 days of the payment"
    )
    referral_days: Days | None = Field(None, description="A friend's orders count for so long")
    credit_days: Annotated[Days, Field(ge=1)] | None = Field(
        None, description="A credit is good for so long"
    )
    new_customers_only: Flag = Field(
        False, description="Who bought before they joined earns the referrer nothing"
    )
    first_purchase_only: Flag = Field(
        False,
        description="Only orders of the first business day on which the friend bought something"
        " that they kept",
    )
    excluded_skus: list[Sku] = Field(
        [], max_length=MAX_SKUS, description="Patterns with * and ?; goods that earn nothing"
    )
    per_day_minor: Amount | None = Field(None, description="Most that a referrer earns in a day")
    per_month_minor: Amount | None = Field(None, description="In a calendar month in Shanghai")
    per_year_minor: Amount | None = Field(None, description="In a calendar year in Shanghai")
    budget_minor: Amount | None = Field(None, description="Most that this version gives in all")
    coupon: FriendCouponBody | None = Field(
        None, description="For a friend who joins while it is in force; null for none"
    )
    checks: ChecksBody = Field(
        default_factory=ChecksBody, description="When somebody looks at a credit first"
    )


class ProgrammeRequest(_Rules, Strict):
    """One more version. Exactly one of `rate_bp` and `fixed_minor` says what an order earns; a
    version that is not enabled needs neither."""

    effective_from: Instant | None = Field(
        None, description="Else the beginning of the next day in Shanghai"
    )

    @model_validator(mode="after")
    def _one_of_two(self) -> "ProgrammeRequest":
        given = (self.rate_bp is not None) + (self.fixed_minor is not None)
        if given > 1 or (self.enabled and given == 0):
            raise PydanticCustomError("one_of_two", "give rate_bp or fixed_minor, one of the two")
        return self

    @model_validator(mode="after")
    def _makes_sense(self) -> "ProgrammeRequest":
        faults: list[InitErrorDetails] = [
            {"type": PydanticCustomError("contradiction", words), "loc": (name,), "input": None}
            for name, words in contradictions(self.to_draft().programme)
        ]
        if faults:
            raise ValidationError.from_exception_data("ProgrammeRequest", faults)
        return self

    def to_draft(self) -> Draft:
        """What the service publishes."""
        plain = self.model_dump(exclude={"effective_from", "excluded_skus", "coupon", "checks"})
        programme = Programme(
            **{**plain, "rate_bp": self.rate_bp or 0},
            effective_from=self.effective_from or EARLIEST,
            excluded_skus=tuple(self.excluded_skus),
            coupon=Benefit(**self.coupon.model_dump()) if self.coupon else None,
            checks=Checks(**self.checks.model_dump()),
        )
        return Draft(programme, self.effective_from)


class ProgrammeBody(_Rules):
    """A version as it is published."""

    effective_from: datetime
    hold_days: int = Field(description="From payment or completion to the release of its credit")

    @classmethod
    def from_domain(cls, programme: Programme) -> "ProgrammeBody":
        body = cls.model_validate(programme)
        return body if programme.fixed_minor is None else body.model_copy(update={"rate_bp": None})


class ListedProgrammeBody(ProgrammeBody):
    """A version, and what it has given so far; amounts in minor units."""

    published_by: str | None = Field(description="The operator; None for the built-in rules")
    replaced_by: str | None = Field(
        description="The version published later for the same instant: this one never decides"
    )
    given_minor: int = Field(
        description="Credit that it has given, net of what went back and what expired"
    )
    granted_minor: int | None = Field(
        description="Counted against its budget; refunds make no room. None without a budget"
    )
    budget_left_minor: int | None = Field(description="What its budget still lets through")

    @classmethod
    def listed(cls, one: Programme, known: Programmes, sums: Sums) -> "ListedProgrammeBody":
        replaced, found = known.replaced_by(one), sums.versions[one.version]
        return cls(
            **ProgrammeBody.from_domain(one).model_dump(),
            published_by=known.by.get(one.version),
            replaced_by=replaced.version if replaced else None,
            given_minor=found.given_minor,
            granted_minor=found.granted_minor,
            budget_left_minor=found.left_minor,
        )


class ProgrammesResponse(BaseModel):
    """All versions by the time they take effect; the first is what holds before any was published.

    An order is decided about by the version that was in force when it was paid. Amounts are minor
    units, and no snapshot: what moves meanwhile may be seen on one side only.
    """

    in_force: str = Field(description="The version that decides about what is paid now")
    given_minor: int = Field(description="Credit that all versions together have given")
    taken_in_minor: int = Field(description="What of it stores have taken in")
    outstanding_minor: int = Field(
        description="The rest: what members hold, pending, released or held, their debts taken off"
    )
    programmes: list[ListedProgrammeBody]

    @classmethod
    def from_domain(cls, programmes: Programmes, sums: Sums, now: datetime) -> "ProgrammesResponse":
        return cls(
            in_force=programmes.in_force(now).version,
            given_minor=sums.given_minor,
            taken_in_minor=sums.taken_in_minor,
            outstanding_minor=sums.outstanding_minor,
            programmes=[
                ListedProgrammeBody.listed(one, programmes, sums) for one in programmes.all
            ],
        )


def _about(summary: str, success: type[BaseModel], *refusals: int) -> dict[str, Any]:
    """What the document says of a route."""
    responses = answers(success, 401, *refusals)
    return {"summary": summary, "tags": ["console"], "responses": responses, "security": SECURITY}


LIST = _about("The versions of the referral rules, and what they gave", ProgrammesResponse)
PUBLISH = _about("Publish one more of them", ProgrammeBody, 400, 409, 415, 422, 503)
