"""code2Session: exchange a mini-program's login code for the shopper's openid.

https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/user-login/code2Session.html
The session key in the answer stays unread: nothing here needs it.
"""

import json
from functools import cache
from typing import Any

import urllib3

from siyu.errors import LoginRefusedError, UnavailableError
from siyu.secrets import secrets
from siyu.settings import settings

BUSY = -1
TOO_MANY_CALLS = 45011
TRIES = 2
TIMEOUT = urllib3.Timeout(connect=1.0, read=2.0)


def openid_of(login_code: str) -> str:
    """The openid behind a login code, which WeChat accepts once and for five minutes.

    Raises LoginRefusedError when WeChat says no, UnavailableError when it is busy or silent.
    """
    for _ in range(TRIES):
        answer = _ask(login_code)
        if answer.get("errcode", 0) != BUSY:
            break
    openid, code = answer.get("openid"), answer.get("errcode", 0)
    if code in (BUSY, TOO_MANY_CALLS):
        raise UnavailableError(f"WeChat answered {code}")
    if code or not isinstance(openid, str) or not openid:
        raise LoginRefusedError(f"WeChat answered {code}")
    return openid


def _ask(login_code: str) -> dict[str, Any]:
    try:
        answer = _pool().request(
            "GET",
            f"{settings().wechat_api_url}/sns/jscode2session",
            fields={
                "appid": settings().wechat_app_id,
                "secret": secrets().wechat_secret,
                "js_code": login_code,
                "grant_type": "authorization_code",
            },
        )
        parsed = json.loads(answer.data)
    except (urllib3.exceptions.HTTPError, ValueError, RecursionError):
        # The exception's text holds the URL, and that the app secret: it must not be logged.
        raise UnavailableError("WeChat did not answer") from None
    if not isinstance(parsed, dict):
        raise UnavailableError("WeChat's answer is no object")
    return parsed


@cache
def _pool() -> urllib3.PoolManager:
    return urllib3.PoolManager(timeout=TIMEOUT, retries=urllib3.Retry(connect=1, read=0))
