"""POST and GET /v1/me/consents."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from siyu.domain.consents import Consent, Purpose, standing
from siyu.services.identities import address_mark


class ConsentRequest(BaseModel):
    """A member's decision about one purpose."""

    model_config = ConfigDict(extra="forbid")

    purpose: Purpose
    granted: bool = Field(strict=True)
    policy_version: str = Field(min_length=1, max_length=32)
    text_hash: str = Field(
        pattern="^[0-9a-f]{64}$", description="SHA-256 of the wording that was shown"
    )
    channel: str = Field(default="mini_program", pattern="^[a-z_]{1,32}$")

    def to_domain(self, address: str, now: datetime) -> Consent:
        return Consent(
            self.purpose,
            self.granted,
            self.policy_version,
            self.text_hash,
            self.channel,
            now,
            address_mark("address", address) if address else None,
        )


class ConsentBody(BaseModel):
    purpose: Purpose
    granted: bool
    policy_version: str
    text_hash: str
    channel: str
    at: datetime

    @classmethod
    def from_domain(cls, consent: Consent) -> "ConsentBody":
        return cls(
            purpose=consent.purpose,
            granted=consent.granted,
            policy_version=consent.policy_version,
            text_hash=consent.text_hash,
            channel=consent.channel,
            at=consent.at,
        )


class ConsentsResponse(BaseModel):
    """What stands, one decision per purpose, and everything that was ever decided."""

    standing: list[ConsentBody]
    history: list[ConsentBody]

    @classmethod
    def from_domain(cls, consents: tuple[Consent, ...]) -> "ConsentsResponse":
        ordered = sorted(consents, key=lambda one: one.at)
        return cls(
            standing=[ConsentBody.from_domain(one) for one in standing(ordered).values()],
            history=[ConsentBody.from_domain(one) for one in ordered],
        )
