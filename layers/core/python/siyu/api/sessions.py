"""POST /v1/sessions."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from siyu.api.session import Session

LoginCode = Annotated[
    str, Field(min_length=1, max_length=128, description="The code of wx.login()")
]


class SessionRequest(BaseModel):
    """Proof of who wants in."""

    model_config = ConfigDict(extra="forbid")

    login_code: LoginCode


class SessionBody(BaseModel):
    token: str
    expires_at: datetime

    @classmethod
    def from_session(cls, session: Session) -> "SessionBody":
        return cls(token=session.token, expires_at=session.expires_at)
