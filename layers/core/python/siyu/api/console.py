"""Who may look behind the counter: operators, by a token that opens the console for some hours.

Whoever may read the brand's secret can issue one. A member's session opens nothing here, and a
console's token is nobody's session: each is made for its own audience.
"""

from datetime import datetime, timedelta
from typing import Any

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from siyu.api import session
from siyu.api.session import Session

AUDIENCE = "console"
LIFETIME = timedelta(hours=4)
SECURITY: Any = [{"console": []}]


def issue(name: str, now: datetime) -> Session:
    """A token for an operator of that name, who is noted with what they do."""
    return session.issue(name, now, AUDIENCE, LIFETIME)


def operator(router: APIGatewayHttpRouter) -> str:
    """The name of the operator whose token a request carries. Raises NotSignedInError."""
    return session.signed_in(router, AUDIENCE)


def let_in(authorization: str | None, now: datetime) -> None:
    """Nothing of a request is looked at before its token. Raises NotSignedInError."""
    session.member_of(authorization, now, AUDIENCE)
