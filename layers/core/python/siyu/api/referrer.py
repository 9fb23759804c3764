"""The console's view of a referrer: GET what came of them, PUT what is noted about them."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from siyu.api.console import SECURITY
from siyu.api.problem import answers
from siyu.api.strict import Strict
from siyu.domain.members import Standing
from siyu.services.referrer_standing import Settled
from siyu.services.show_referrer import Friend, Referrer

Flag = Annotated[bool | None, Field(strict=True)]


class StandingBody(BaseModel):
    """What is noted about a person, over all their accounts."""

    staff_since: datetime | None
    suspended_at: datetime | None
    frauds: list[str] = Field(description="The order keys of credits that were found to be one")

    @classmethod
    def from_domain(cls, standing: Standing) -> "StandingBody":
        return cls(
            staff_since=standing.staff_since,
            suspended_at=standing.suspended_at,
            frauds=sorted(standing.frauds),
        )


class BroughtBody(BaseModel):
    """One binding of somebody to who brought them."""

    model_config = ConfigDict(from_attributes=True)

    friend: str = Field(validation_alias="referee_id")
    referrer: str = Field(validation_alias="referrer_id")
    at: datetime = Field(validation_alias="bound_at")
    refused: str | None = Field(description="Why it is worth nothing")


class FriendBody(BroughtBody):
    """A friend, and whether they buy."""

    orders: int = Field(description="Purchases of which they kept something")
    net_minor: int = Field(description="What they paid minus what went back, minor units")

    @classmethod
    def from_domain(cls, friend: Friend) -> "FriendBody":
        bought = {"orders": friend.orders, "net_minor": friend.net_minor}
        return cls.model_validate(asdict(friend.binding) | bought)


class SumBody(BaseModel):
    """Credits of one state and verdict, added up. Amounts are minor units."""

    state: str
    verdict: str
    credits: int
    earned_minor: int
    reversed_minor: int
    expired_minor: int


class BalanceBody(BaseModel):
    """All that was ever credited, over all accounts. Amounts are minor units."""

    model_config = ConfigDict(from_attributes=True)

    pending_minor: int
    released_minor: int = Field(description="Below zero it is a debt")
    held_minor: int
    earned_minor: int
    reversed_minor: int
    spent_minor: int
    expired_minor: int


class ReferrerResponse(BaseModel):
    """A person in the referral programme. What happened in the last moments may be missing."""

    id: str = Field(description="The account that speaks for the person")
    accounts: list[str]
    brought_by: list[BroughtBody] = Field(description="At most one for each account")
    friends: list[FriendBody] = Field(description="The last hundred, the latest first")
    more_friends: bool
    credits: list[SumBody]
    more_credits: bool = Field(description="Whether there are more than were added up")
    balance: BalanceBody
    standing: StandingBody

    @classmethod
    def from_domain(cls, told: Referrer) -> "ReferrerResponse":
        return cls(
            id=told.person.member.member_id,
            accounts=list(told.person.member_ids),
            brought_by=[BroughtBody.model_validate(one) for one in told.brought_by],
            friends=[FriendBody.from_domain(one) for one in told.friends],
            more_friends=told.more_friends,
            credits=[
                SumBody(
                    state=state,
                    verdict=verdict,
                    credits=one.credits,
                    earned_minor=one.earned_minor,
                    reversed_minor=one.reversed_minor,
                    expired_minor=one.expired_minor,
                )
                for (state, verdict), one in told.sums.items()
            ],
            more_credits=told.more_credits,
            balance=BalanceBody.model_validate(told.balance),
            standing=StandingBody.from_domain(told.standing),
        )


class StandingRequest(Strict):
    """True sets it from now on, false lifts it, and null leaves it as it is."""

    staff: Flag = Field(default=None, description="Staff neither refer nor are referred")
    suspended: Flag = Field(
        default=None,
        description="What friends buy from now on earns nothing, and until it is lifted nothing of"
        " what was earned before is released or spent",
    )


class StandingResponse(StandingBody):
    """What is noted now, and what followed from it."""

    posted: int = Field(description="Ledger entries that followed at once")
    more: bool = Field(description="Whether credits are left to settle: send the same again")

    @classmethod
    def of_settled(cls, settled: Settled) -> "StandingResponse":
        noted = StandingBody.from_domain(settled.standing)
        return cls(**noted.model_dump(), posted=settled.posted, more=settled.more)


def _about(summary: str, success: type[BaseModel], *refusals: int) -> dict[str, Any]:
    """What the document says of a route."""
    responses = answers(success, 401, *refusals)
    return {"summary": summary, "tags": ["console"], "responses": responses, "security": SECURITY}


SHOW = _about("A member in the referral programme", ReferrerResponse, 404)
SET = _about("Note that they are staff or suspended", StandingResponse, 400, 404, 415, 422, 503)
