"""The parts of a version of the referral rules, and what their numbers may be."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, ConfigDict, Field

from siyu.api.strict import TIME, Strict
from siyu.domain.money import BASIS_POINTS, MAX_AMOUNT_MINOR
from siyu.domain.programmes import Checks, HoldFrom

MAX_DAYS = 3_650
MAX_SKUS = 100
MAX_COUNT = 1_000_000
# Near the calendar's ends a time zone leads out of it.
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


def _written(value: object) -> object:
    """Numbers would be taken for seconds."""
    if not isinstance(value, str | datetime):
        raise ValueError(TIME)  # noqa: TRY004 - pydantic catches no TypeError
    return value


def _whole(most: int, unit: str, least: int = 0) -> BeforeValidator:
    """That a number is one of a unit's, in words with an example of it."""

    def check(value: object) -> object:
        if type(value) is not int or not least <= value <= most:
            raise ValueError(f"a whole number of {unit}, from {least} to {most}")
        return value

    return BeforeValidator(check)


From = Annotated[HoldFrom, Field(strict=False)]
MINOR = "minor units (2000 are 20.00 of a currency with cents)"
SHARE = "basis points (800 is 8 per cent)"
Amount = Annotated[int, Field(ge=0, le=MAX_AMOUNT_MINOR), _whole(MAX_AMOUNT_MINOR, MINOR)]
Worth = Annotated[int, Field(ge=1, le=MAX_AMOUNT_MINOR), _whole(MAX_AMOUNT_MINOR, MINOR, 1)]
BasisPoints = Annotated[int, Field(ge=0, le=BASIS_POINTS), _whole(BASIS_POINTS, SHARE)]
Days = Annotated[int, Field(strict=True, ge=0, le=MAX_DAYS)]
Count = Annotated[int, Field(strict=True, ge=1, le=MAX_COUNT)]
Version = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$")]
Flag = Annotated[bool, Field(strict=True)]
Sku = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]
Instant = Annotated[AwareDatetime, BeforeValidator(_written), Field(ge=EARLIEST, lt=LATEST)]
STANDARD = Checks()


class ChecksBody(Strict):
    """Beyond which numbers somebody looks at a referral first; null turns a check off."""

    model_config = ConfigDict(from_attributes=True)

    friends_a_day: Count | None = Field(
        STANDARD.friends_a_day, description="Brought in the day before the friend, with them"
    )
    friends_a_month: Count | None = Field(
        STANDARD.friends_a_month, description="In the 30 days before"
    )
    friends_a_minute: Count | None = Field(
        STANDARD.friends_a_minute, description="In the minute before"
    )
    friends_per_address: Count | None = Field(
        STANDARD.friends_per_address,
        description="Of the same referrer's, from one network address within 7 days",
    )
    friends_per_device: Count | None = Field(
        STANDARD.friends_per_device,
        description="From one device within 7 days, whoever brought them",
    )
    friends_per_network: Count | None = Field(
        STANDARD.friends_per_network,
        description="From one network address within 7 days, whoever brought them",
    )
    friends_per_delivery: Count | None = Field(
        STANDARD.friends_per_delivery,
        description="With orders to one place within 30 days, whoever brought them",
    )
    share_bp: BasisPoints | None = Field(
        STANDARD.share_bp, description="Part of an order that its credit and the coupon give away"
    )
    review_days: Annotated[Days, Field(ge=1)] = Field(
        STANDARD.review_days, description="A credit that nobody decided for so long is refused"
    )
    frauds: Count = Field(STANDARD.frauds, description="So many confirmed ones suspend a referrer")


class FriendCouponBody(Strict):
    """What a friend is given for joining by a referral."""

    model_config = ConfigDict(from_attributes=True)

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$", description="What tills and the wallet call it"
    )
    value_minor: Worth = Field(description="What it takes off a purchase")
    min_spend_minor: Amount = Field(0, description="Least purchase that it is taken for")
    valid_days: Annotated[Days, Field(ge=1, description="From the moment the friend joins")]
    per_person: Count = Field(1, description="How many of it a person redeems at most")
