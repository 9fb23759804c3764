"""What a member shows at a till: made in the wallet, read where credit is taken."""

from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe

from pydantic import BaseModel

from siyu.api import session
from siyu.domain.holds import ShownCode
from siyu.errors import CodeNotValidError, NotSignedInError

AUDIENCE = "wallet"
LIFETIME = timedelta(minutes=5)
MARK_BYTES = 12


class WalletCodeResponse(BaseModel):
    """What a member shows at a till, once; it opens nothing else, and for five minutes."""

    wallet_code: str
    expires_at: datetime

    @classmethod
    def issue(cls, member_id: str, now: datetime) -> "WalletCodeResponse":
        mark = {"jti": token_urlsafe(MARK_BYTES)}
        made = session.issue(member_id, now, AUDIENCE, LIFETIME, mark)
        return cls(wallet_code=made.token, expires_at=made.expires_at)


def shown_code(wallet_code: str, now: datetime) -> ShownCode:
    """What a member shows. Raises CodeNotValidError, also for a code that is over."""
    try:
        claims = session.claims_of(wallet_code, now, AUDIENCE)
    except NotSignedInError:
        raise CodeNotValidError("no code of a wallet") from None
    if not claims.get("jti"):
        raise CodeNotValidError("a code without a mark")
    ends_at = datetime.fromtimestamp(claims["exp"], UTC)
    return ShownCode(str(claims["sub"]), str(claims["jti"]), ends_at)
