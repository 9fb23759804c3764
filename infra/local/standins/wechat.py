"""WeChat's paths, for a mini-program and an official account.

A login code is "<openid>.<nonce>", taken once, and has the unionid "union-<openid>";
"<openid>~<name>.<nonce>" has "union-<name>" and "<openid>~.<nonce>" none. Openids of the official
account work alike: "<openid>", "<openid>~<name>", "<openid>~". A code of the phone button is
"phone.<digits>.<nonce>", a number of the mainland. "errcode.<n>" as a code gives that error.
"""

from __future__ import annotations

import hashlib
import re
import time
from typing import Any

from infra.local.standins import errcodes
from infra.local.standins.errcodes import OK, answer
from infra.local.standins.state import MINI_PROGRAM, OFFICIAL_ACCOUNT, State

Answer = dict[str, Any]

PERSON = r"([A-Za-z0-9_-]{1,64})(?:~([A-Za-z0-9_-]{0,64}))?"
OPENID = re.compile(PERSON)
LOGIN_CODE = re.compile(PERSON + r"\.([A-Za-z0-9_-]{1,64})")
PHONE_CODE = re.compile(r"phone\.([0-9]{1,20})\.[A-Za-z0-9_-]{1,64}")
FORCED_CODE = re.compile(r"errcode\.(-?[0-9]{1,5})")
FORCED = frozenset(
    {errcodes.BUSY, errcodes.CODE_INVALID, errcodes.USER_BLOCKED, errcodes.TOO_MANY_CALLS}
)
TOKEN_SECONDS = 7200


def jscode2session(state: State, query: dict[str, str]) -> Answer:
    """A successful answer has no errcode."""
    code = query.get("js_code", "")
    match = LOGIN_CODE.fullmatch(code)
    error = _app_refusal(state, query) or _login_refusal(state, code, match)
    if error or match is None:
        return answer(error)
    session_key = hashlib.sha256(code.encode()).hexdigest()[:24]
    return {"session_key": session_key, **_ids(match[1], match[2])}


def stable_token(state: State, _: dict[str, str], body: Answer) -> Answer:
    name = state.account_named(str(body.get("appid")))
    if name is None:
        return answer(errcodes.APP_ID_INVALID)
    if body.get("secret") != state.account(name).secret:
        return answer(errcodes.APP_SECRET_INVALID)
    if body.get("grant_type") != "client_credential":
        return answer(errcodes.GRANT_TYPE_INVALID)
    return {"access_token": state.token(name), "expires_in": TOKEN_SECONDS}


def user_info(state: State, query: dict[str, str]) -> Answer:
    """A successful answer has no errcode."""
    error = state.token_refusal(OFFICIAL_ACCOUNT, query.get("access_token", ""))
    match = OPENID.fullmatch(query.get("openid", ""))
    if error or match is None:
        return answer(error or errcodes.OPENID_INVALID)
    return {"subscribe": 1, **_ids(match[0], match[1] if match[2] is None else match[2])}


def getuserphonenumber(state: State, query: dict[str, str], body: Answer) -> Answer:
    code = str(body.get("code"))
    error = state.token_refusal(MINI_PROGRAM, query.get("access_token", "")) or _forced(code)
    match = PHONE_CODE.fullmatch(code)
    if error or match is None or not state.use(code):
        return answer(error or errcodes.CODE_INVALID)
    info = {
        "phoneNumber": match[1],
        "purePhoneNumber": match[1],
        "countryCode": "86",
        "watermark": {
            "timestamp": int(time.time()),
            "appid": state.account(MINI_PROGRAM).account_id,
        },
    }
    return answer(OK, phone_info=info)


def _ids(openid: str, name: str | None) -> dict[str, str]:
    if name == "":
        return {"openid": openid}
    return {"openid": openid, "unionid": f"union-{openid if name is None else name}"}


def _app_refusal(state: State, query: dict[str, str]) -> int:
    account = state.account(MINI_PROGRAM)
    if query.get("appid") != account.account_id:
        return errcodes.APP_ID_INVALID
    if query.get("secret") != account.secret:
        return errcodes.APP_SECRET_INVALID
    return OK if query.get("grant_type") == "authorization_code" else errcodes.GRANT_TYPE_INVALID


def _login_refusal(state: State, code: str, match: re.Match[str] | None) -> int:
    if match is None or code.startswith("errcode."):
        return _forced(code) or errcodes.CODE_INVALID
    return OK if state.use(code) else errcodes.CODE_USED


def _forced(code: str) -> int:
    match = FORCED_CODE.fullmatch(code)
    forced = int(match[1]) if match else OK
    return forced if forced in FORCED else OK
