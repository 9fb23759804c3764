"""Session tokens: HS256 with a derived key, two hours, for one audience (RFC 8725).

Expiry is checked against the request's own time, not the machine's. The versions of the key are
named in the brand's secret, newest first: the first signs, all are accepted, so keys can rotate.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from siyu.domain import tokens
from siyu.domain.keys import session_key
from siyu.errors import NotSignedInError
from siyu.http import received_at
from siyu.secrets import secrets
from siyu.settings import settings

AUDIENCE = "member"
LIFETIME = timedelta(hours=2)
CLOCK_SKEW = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Session:
    """A signed token and when it ends."""

    token: str
    expires_at: datetime


def issue(
    member_id: str,
    now: datetime,
    audience: str = AUDIENCE,
    lifetime: timedelta = LIFETIME,
    more: Mapping[str, str] | None = None,
) -> Session:
    """A token for a member, with `more` claims, which replace none of the others; what is made for
    one audience opens nothing for another."""
    expires_at = (now + lifetime).replace(microsecond=0)
    claims = {
        **(more or {}),
        "sub": member_id,
        "aud": audience,
        "iss": settings().brand,
        "iat": int(now.timestamp()),
        "exp": int(expires_at.timestamp()),
    }
    key_id = secrets().session_keys[0]
    token = tokens.sign(claims, _key(key_id), key_id)
    return Session(token, expires_at.astimezone(UTC))


def signed_in(router: APIGatewayHttpRouter, audience: str = AUDIENCE) -> str:
    """The member whose session a request carries. Raises NotSignedInError."""
    header = router.current_event.headers.get("authorization")
    return member_of(header, received_at(router), audience)


def let_in(authorization: str | None, now: datetime) -> None:
    """Nothing of a request is looked at before its session. Raises NotSignedInError."""
    member_of(authorization, now)


def member_of(authorization: str | None, now: datetime, audience: str = AUDIENCE) -> str:
    """The member behind an `Authorization: Bearer` header. Raises NotSignedInError."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotSignedInError("no bearer token")
    return read(token, now, audience)


def read(token: str, now: datetime, audience: str = AUDIENCE) -> str:
    """The member behind a token. Raises NotSignedInError."""
    return str(claims_of(token, now, audience)["sub"])


def claims_of(token: str, now: datetime, audience: str) -> Mapping[str, Any]:
    """All that a token says. Raises NotSignedInError."""
    claims = tokens.verified(token, _known_key)
    named = (claims.get("aud"), claims.get("iss"), type(claims.get("sub")))
    times = (claims.get("iat"), claims.get("exp"))
    if named != (audience, settings().brand, str) or not all(type(one) is int for one in times):
        raise NotSignedInError("the token is not for this")
    instant = now.timestamp()
    if not claims["iat"] - CLOCK_SKEW.total_seconds() <= instant < claims["exp"]:
        raise NotSignedInError("the session has ended")
    return claims


def _known_key(key_id: str) -> bytes | None:
    return _key(key_id) if key_id in secrets().session_keys else None


def _key(key_id: str) -> bytes:
    return session_key(secrets().master_key, settings().brand, key_id)
