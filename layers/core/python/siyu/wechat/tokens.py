"""API calls with an access token, kept per process until shortly before it runs out.

https://developers.weixin.qq.com/doc/service/api/base/api_getstableaccesstoken.html (stable_token)
https://developer.work.weixin.qq.com/document/path/91039 (gettoken)
stable_token answers everybody the same token, so that instances never invalidate each other's.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from siyu.errors import UnavailableError
from siyu.runtime import logger
from siyu.secrets import secrets
from siyu.settings import settings
from siyu.wechat.client import Answer, ErrcodeError, ask

MARGIN_SECONDS = 300
NO_LONGER_TAKEN = frozenset({40001, 40014, 42001})


class Api(Enum):
    """Whose token a call carries."""

    MINI_PROGRAM = auto()
    OFFICIAL_ACCOUNT = auto()
    WECOM = auto()


@dataclass(frozen=True, slots=True, repr=False)
class Shop:
    """A WeChat Shop, of which a brand may have several: its calls carry its own token."""

    app_id: str
    secret: str

    @property
    def name(self) -> str:
        return f"SHOP {self.app_id}"


_cached: dict[Api | Shop, tuple[str, float]] = {}


def call(
    api: Api | Shop, path: str, query: Mapping[str, str] | None = None, body: object = None
) -> Answer:
    """The answer of an API; a token that it no longer takes is fetched anew, once.

    Raises ErrcodeError for a refusal, UnavailableError when it may work later or when the account
    itself is refused, which is logged as an error because nothing works until somebody acts.
    """
    try:
        return _call(api, path, query, body)
    except ErrcodeError as refusal:
        if refusal.code not in NO_LONGER_TAKEN:
            raise
    _cached.pop(api, None)
    try:
        return _call(api, path, query, body)
    except ErrcodeError as refusal:
        if refusal.code not in NO_LONGER_TAKEN:
            raise
        raise _account_refused(api, refusal) from None


def _call(api: Api | Shop, path: str, query: Mapping[str, str] | None, body: object) -> Answer:
    return ask(_origin(api) + path, {"access_token": _token(api), **(query or {})}, body)


def _token(api: Api | Shop) -> str:
    kept, until = _cached.get(api, ("", 0.0))
    if time.monotonic() < until:
        return kept
    try:
        answer = _fetch(api)
    except ErrcodeError as refusal:
        raise _account_refused(api, refusal) from None
    token, seconds = answer.get("access_token"), answer.get("expires_in")
    if not isinstance(token, str) or not token or not isinstance(seconds, int):
        raise UnavailableError("WeChat gave no access token")
    _cached[api] = (token, time.monotonic() + seconds - MARGIN_SECONDS)
    return token


def _fetch(api: Api | Shop) -> Answer:
    account_id, secret = _credentials(api)
    if api is Api.WECOM:
        return ask(f"{_origin(api)}/cgi-bin/gettoken", {"corpid": account_id, "corpsecret": secret})
    body = {
        "grant_type": "client_credential",
        "appid": account_id,
        "secret": secret,
        "force_refresh": False,
    }
    return ask(f"{_origin(api)}/cgi-bin/stable_token", {}, body)


def _credentials(api: Api | Shop) -> tuple[str, str]:
    if isinstance(api, Shop):
        return api.app_id, api.secret
    if api is Api.MINI_PROGRAM:
        return settings().wechat_app_id, secrets().wechat_secret
    account = secrets().wecom if api is Api.WECOM else secrets().official_account
    if account is None:
        raise UnavailableError("the brand has no such account")
    return account.account_id, account.secret


def _origin(api: Api | Shop) -> str:
    return settings().wecom_api_url if api is Api.WECOM else settings().wechat_api_url


def _account_refused(api: Api | Shop, refusal: ErrcodeError) -> UnavailableError:
    logger.error("account_refused", api=api.name, errcode=refusal.code)
    return UnavailableError(str(refusal))
