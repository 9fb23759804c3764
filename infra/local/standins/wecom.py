"""WeCom's paths: contacts, ids, contact ways, welcomes.

"wm-<name>" and "wx-<name>" are external_userids of the person <name>, whose unionid is
"union-<name>" and whose pending id is "pending-<name>"; only "wm-<name>" shows its unionid. A
person is a contact as soon as somebody asks about their external_userid. A welcome code works once;
one that contains "busy<n>" is refused the first n times, as if another app were sending.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

from infra.local.standins import errcodes
from infra.local.standins.errcodes import OK, answer
from infra.local.standins.state import WECOM, State

Answer = dict[str, Any]

EXTERNAL_USERID = re.compile(r"(wm|wx)-([A-Za-z0-9_-]{1,64})")
UNIONID = re.compile(r"union-([A-Za-z0-9_-]{1,64})")
BUSY_TIMES = re.compile(r"busy([0-9]{1,3})")
STATE_LENGTH = 30
TOKEN_SECONDS = 7200


def gettoken(state: State, query: dict[str, str]) -> Answer:
    account = state.account(WECOM)
    if query.get("corpid") != account.account_id:
        return answer(errcodes.APP_ID_INVALID)
    if query.get("corpsecret") != account.secret:
        return answer(errcodes.SECRET_INVALID)
    return answer(OK, access_token=state.token(WECOM), expires_in=TOKEN_SECONDS)


def get_contact(state: State, query: dict[str, str]) -> Answer:
    external_userid = query.get("external_userid", "")
    match = EXTERNAL_USERID.fullmatch(external_userid)
    error = _token_refusal(state, query)
    if error or match is None:
        return answer(error or errcodes.CONTACT_INVALID)
    state.add_contact(match[2], external_userid)
    contact = {"external_userid": external_userid, "name": match[2], "type": 1}
    if match[1] == "wm":
        contact["unionid"] = f"union-{match[2]}"
    return answer(OK, external_contact=contact, follow_user=[])


def external_userid_to_pending_id(state: State, query: dict[str, str], body: Answer) -> Answer:
    error = _token_refusal(state, query)
    asked = body.get("external_userid")
    if error or not isinstance(asked, list) or not asked:
        return answer(error or errcodes.PARAMETER_INVALID)
    result = []
    for match in filter(None, (EXTERNAL_USERID.fullmatch(str(one)) for one in asked)):
        state.add_contact(match[2], match[0])
        result.append({"external_userid": match[0], "pending_id": f"pending-{match[2]}"})
    return answer(OK, result=result)


def unionid_to_external_userid(state: State, query: dict[str, str], body: Answer) -> Answer:
    """WeCom answers one of the two: the contact, or the pending id of somebody who is none yet."""
    match = UNIONID.fullmatch(str(body.get("unionid")))
    error = _token_refusal(state, query)
    if error or match is None or not body.get("openid"):
        return answer(error or errcodes.PARAMETER_INVALID)
    external_userid = state.contact(match[1])
    if external_userid:
        return answer(OK, external_userid=external_userid)
    return answer(OK, pending_id=f"pending-{match[1]}")


def add_contact_way(state: State, query: dict[str, str], body: Answer) -> Answer:
    error = _token_refusal(state, query)
    users, scene = body.get("user"), str(body.get("state", ""))
    valid = body.get("type") == 1 and isinstance(users, list) and len(users) == 1
    if error or not valid or len(scene) > STATE_LENGTH:
        return answer(error or errcodes.PARAMETER_INVALID)
    config_id = hashlib.sha256(f"{users} {scene}".encode()).hexdigest()[:32]
    fields = {"config_id": config_id}
    if body.get("scene") == 2:
        fields["qr_code"] = f"https://wework.example/{config_id}"
    return answer(OK, **fields)


def send_welcome_msg(state: State, query: dict[str, str], body: Answer) -> Answer:
    error = _token_refusal(state, query)
    code, text = str(body.get("welcome_code", "")), body.get("text")
    if error or not code or not isinstance(text, dict):
        return answer(error or errcodes.PARAMETER_INVALID)
    busy = BUSY_TIMES.search(code)
    if busy and state.refuse_first(code, int(busy[1])):
        return answer(errcodes.OTHER_APP_SENDS)
    if not state.use(f"welcome {code}"):
        return answer(errcodes.WELCOMED)
    state.record({"welcome_code": code, "text": text.get("content", "")})
    return answer(OK)


def _token_refusal(state: State, query: dict[str, str]) -> int:
    return state.token_refusal(WECOM, query.get("access_token", ""))
