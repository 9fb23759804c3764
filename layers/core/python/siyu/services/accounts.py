"""The brand's accounts that call us back."""

from siyu.errors import NotFoundError
from siyu.secrets import Account, secrets

WECOM, OFFICIAL_ACCOUNT = "wecom", "official_account"


def account_named(name: str) -> Account:
    """The brand's account. Raises NotFoundError where the brand has none."""
    account = secrets().wecom if name == WECOM else secrets().official_account
    if account is None:
        raise NotFoundError("the brand has no such account")
    return account
