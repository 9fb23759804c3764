"""The errcodes that the stand-in answers, with WeChat's and WeCom's own words."""

from __future__ import annotations

from typing import Any

OK = 0
BUSY = -1
SECRET_INVALID = 40001
GRANT_TYPE_INVALID = 40002
OPENID_INVALID = 40003
APP_ID_INVALID = 40013
TOKEN_INVALID = 40014
CODE_INVALID = 40029
PARAMETER_INVALID = 40058
CONTACT_INVALID = 40096
APP_SECRET_INVALID = 40125
CODE_USED = 40163
USER_BLOCKED = 40226
WELCOMED = 41051
OTHER_APP_SENDS = 41096
TOKEN_EXPIRED = 42001
TOO_MANY_CALLS = 45011
BODY_INVALID = 47001
NOT_EXIST = 100002

MESSAGES = {
    OK: "ok",
    BUSY: "system error",
    SECRET_INVALID: "invalid credential",
    GRANT_TYPE_INVALID: "invalid grant_type",
    OPENID_INVALID: "invalid openid",
    APP_ID_INVALID: "invalid appid",
    TOKEN_INVALID: "invalid access_token",
    CODE_INVALID: "invalid code",
    PARAMETER_INVALID: "invalid argument",
    CONTACT_INVALID: "invalid external userid",
    APP_SECRET_INVALID: "invalid appsecret",
    CODE_USED: "code been used",
    USER_BLOCKED: "code blocked",
    WELCOMED: "externaluser has started chatting",
    OTHER_APP_SENDS: "another app is sending the welcome message",
    TOKEN_EXPIRED: "access_token expired",
    TOO_MANY_CALLS: "api minute-quota reach limit",
    BODY_INVALID: "data format error",
    NOT_EXIST: "Not exist",
}


def answer(code: int, **fields: Any) -> dict[str, Any]:
    """The body of an answer with this errcode."""
    return {"errcode": code, "errmsg": MESSAGES[code], **fields}
