"""code2Session: exchange a mini-program's login code for who the shopper is at WeChat.

https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/user-login/code2Session.html
The session key in the answer stays unread: nothing here needs it.
"""

import hashlib
from dataclasses import dataclass

from siyu.errors import LoginRefusedError
from siyu.secrets import secrets
from siyu.settings import settings
from siyu.wechat.client import ErrcodeError, ask


@dataclass(frozen=True, slots=True)
class Login:
    """`openid` is the shopper's in our mini-program; `unionid` the same in all that the brand has
    bound to its Open Platform account, None where it has none."""

    openid: str
    unionid: str | None = None


def login_of(login_code: str) -> Login:
    """Who is behind a login code, which WeChat accepts once and for five minutes.

    Raises LoginRefusedError when WeChat says no, UnavailableError when it is busy or silent.
    """
    query = {
        "appid": settings().wechat_app_id,
        "secret": secrets().wechat_secret,
        "js_code": login_code,
        "grant_type": "authorization_code",
    }
    try:
        answer = ask(f"{settings().wechat_api_url}/sns/jscode2session", query)
    except ErrcodeError as refusal:
        raise LoginRefusedError(str(refusal)) from None
    openid, unionid = answer.get("openid"), answer.get("unionid")
    if not isinstance(openid, str) or not openid:
        raise LoginRefusedError("WeChat gave no openid")
    return Login(openid, unionid if isinstance(unionid, str) and unionid else None)


def data_signature(raw_data: str, session_key: str) -> str:
    """What WeChat signs user data with before a mini-program hands it on, in hex.

    https://developers.weixin.qq.com/miniprogram/dev/framework/open-ability/signature.html
    """
    return hashlib.sha1((raw_data + session_key).encode(), usedforsecurity=False).hexdigest()
