"""POST /v1/sessions."""

from pydantic import BaseModel, ConfigDict

from siyu.api.scan import LoginCode


class SessionRequest(BaseModel):
    """Proof of who wants in."""

    model_config = ConfigDict(extra="forbid")

    login_code: LoginCode
