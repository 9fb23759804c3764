"""POST /v1/me/phone."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from siyu.api.sessions import LoginCode
from siyu.services.link_phone import Linked


class PhoneRequest(BaseModel):
    """What WeChat's phone button gave; the number itself would prove nothing."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(min_length=1, max_length=128, description="The code of the phone button")
    login_code: LoginCode


class PhoneResponse(BaseModel):
    status: Literal["linked", "known", "merged", "review"] = Field(
        description="linked (new), known (it was theirs), merged (it made two accounts of theirs "
        "one) or review (somebody will look before it is linked)"
    )

    @classmethod
    def from_domain(cls, linked: Linked) -> "PhoneResponse":
        return cls.model_validate({"status": linked.status})
