"""/v1/console/programmes: the versions of the referral rules, and one more of them.

The file of `siyu referral` is the same JSON.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from siyu.api.console import SECURITY
from siyu.api.problem import answers
from siyu.domain.coupons import Benefit
from siyu.domain.money import BASIS_POINTS, MAX_AMOUNT_MINOR
from siyu.domain.programmes import PROGRAMME, Checks, Programme, Programmes
from siyu.services.publish_programme import Draft

MAX_DAYS = 3_650
MAX_SKUS = 100
MAX_COUNT = 1_000_000
EXAMPLE = "a time is written like 2027-01-01T00:00:00+08:00"
# Near the calendar's ends a time zone leads out of it.
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


def _written(value: object) -> object:
    """Numbers would be taken for seconds."""
    if not isinstance(value, str | datetime):
        raise ValueError(EXAMPLE)  # noqa: TRY004 - pydantic catches no TypeError
    return value


Amount = Annotated[int, Field(strict=True, ge=0, le=MAX_AMOUNT_MINOR)]
BasisPoints = Annotated[int, Field(strict=True, ge=0, le=BASIS_POINTS)]
Days = Annotated[int, Field(strict=True, ge=0, le=MAX_DAYS)]
Count = Annotated[int, Field(strict=True, ge=1, le=MAX_COUNT)]
Flag = Annotated[bool, Field(strict=True)]
Sku = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]
Instant = Annotated[AwareDatetime, BeforeValidator(_written), Field(ge=EARLIEST, lt=LATEST)]
STANDARD = Checks()


class ChecksBody(BaseModel):
    """Beyond which numbers somebody looks at a referral first; null turns a check off."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    friends_a_day: Count | None = STANDARD.friends_a_day
    friends_a_month: Count | None = STANDARD.friends_a_month
    friends_a_minute: Count | None = STANDARD.friends_a_minute
    friends_per_address: Count | None = Field(
        STANDARD.friends_per_address, description="From one address within 7 days"
    )
    friends_per_device: Count | None = Field(
        STANDARD.friends_per_device, description="From one device within 7 days"
    )
    share_bp: BasisPoints | None = Field(
        STANDARD.share_bp, description="Part of an order that its credit and the coupon give away"
    )
    review_days: Annotated[Days, Field(ge=1)] = Field(
        STANDARD.review_days, description="A credit that nobody decided for so long is refused"
    )
    frauds: Count = Field(STANDARD.frauds, description="So many confirmed ones suspend a referrer")


class FriendCouponBody(BaseModel):
    """What a friend is given for joining by a referral."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")
    value_minor: Annotated[Amount, Field(ge=1)]
    min_spend_minor: Amount = 0
    valid_days: Annotated[Days, Field(ge=1)]
    per_person: Count = 1


class _Rules(BaseModel):
    """Amounts are minor units, ratios basis points; null is no limit."""

    model_config = ConfigDict(from_attributes=True)

    version: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$")
    enabled: Flag = PROGRAMME.enabled
    rate_bp: BasisPoints | None = Field(None, description="Part of an order that it earns")
    fixed_minor: Amount | None = Field(None, description="What an order earns, in its place")
    max_credit_minor: Amount | None = Field(None, description="Most that one order earns")
    min_order_minor: Amount = PROGRAMME.min_order_minor
    return_window_days: Days = PROGRAMME.return_window_days
    referral_days: Days | None = Field(None, description="A friend's orders count for so long")
    credit_days: Annotated[Days, Field(ge=1)] | None = Field(
        None, description="A credit is good for so long"
    )
    new_customers_only: Flag = False
    first_purchase_only: Flag = False
    excluded_skus: list[Sku] = Field(
        [], max_length=MAX_SKUS, description="Patterns with * and ?; goods that earn nothing"
    )
    per_day_minor: Amount | None = Field(None, description="Most that a referrer earns in a day")
    per_month_minor: Amount | None = None
    per_year_minor: Amount | None = None
    budget_minor: Amount | None = Field(None, description="Most that this version gives in all")
    coupon: FriendCouponBody | None = None
    checks: ChecksBody = Field(default_factory=ChecksBody)


class ProgrammeRequest(_Rules):
    """One more version. Exactly one of `rate_bp` and `fixed_minor` says what an order earns."""

    model_config = ConfigDict(extra="forbid")

    effective_from: Instant | None = Field(
        None, description="Else the beginning of the next day in Shanghai"
    )

    @model_validator(mode="after")
    def _one_of_two(self) -> "ProgrammeRequest":
        if (self.rate_bp is None) == (self.fixed_minor is None):
            raise ValueError("give rate_bp or fixed_minor, one of the two")
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
    hold_days: int = Field(description="From a purchase to the release of its credit")

    @classmethod
    def from_domain(cls, programme: Programme) -> "ProgrammeBody":
        body = cls.model_validate(programme)
        return body if programme.fixed_minor is None else body.model_copy(update={"rate_bp": None})


class ListedProgrammeBody(ProgrammeBody):
    published_by: str | None = Field(description="The operator; None for the built-in rules")


class ProgrammesResponse(BaseModel):
    """All versions by the time they take effect; the first is what holds before any was published.

    An order is decided about by the version that was in force when it was paid.
    """

    in_force: str = Field(description="The version that decides about what is paid now")
    programmes: list[ListedProgrammeBody]

    @classmethod
    def from_domain(cls, programmes: Programmes, now: datetime) -> "ProgrammesResponse":
        return cls(
            in_force=programmes.in_force(now).version,
            programmes=[
                ListedProgrammeBody(
                    **ProgrammeBody.from_domain(one).model_dump(),
                    published_by=programmes.by.get(one.version),
                )
                for one in programmes.all
            ],
        )


def _about(summary: str, success: type[BaseModel], *refusals: int) -> dict[str, Any]:
    """What the document says of a route."""
    responses = answers(success, 401, *refusals)
    return {"summary": summary, "tags": ["console"], "responses": responses, "security": SECURITY}


LIST = _about("The versions of the referral rules", ProgrammesResponse)
PUBLISH = _about("Publish one more of them", ProgrammeBody, 400, 409, 415, 422, 503)
