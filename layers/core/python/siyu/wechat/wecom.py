"""WeCom's API: who an added contact is, the welcome, and the QR codes of the staff.

A lookup that WeCom refuses knows nothing, and so does a brand without WeCom: a shopper's own
matters never fail over it. Only the errcode of a refusal is logged.
"""

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from siyu.errors import UnavailableError
from siyu.runtime import logger
from siyu.secrets import secrets
from siyu.wechat.client import Answer, ErrcodeError
from siyu.wechat.tokens import Api, call

SENT = 0
IP_NOT_TRUSTED = 60020
ALREADY_WELCOMED = 41051
OTHER_APP_SENDS = 41096
WELCOME_PAUSES_SECONDS = (0.4, 0.8, 1.6, 3.2)


@dataclass(frozen=True, slots=True)
class ContactWay:
    """A QR code that adds one member of staff; WeCom shows `config_id` this once only, and without
    it the code can be neither changed nor deleted."""

    config_id: str
    qr_code: str


def unionid_of(external_userid: str) -> str | None:
    """The unionid of an added contact; None unless WeCom is bound to the brand's Open Platform.

    https://developer.work.weixin.qq.com/document/path/92114
    """
    answer = _look_up("/cgi-bin/externalcontact/get", {"external_userid": external_userid})
    return _text(answer.get("external_contact"), "unionid")


def pending_id_of(external_userid: str) -> str | None:
    """The pending id that `contact_of` gave for this person in the last 90 days, before they were a
    contact.

    https://developer.work.weixin.qq.com/document/path/97108
    """
    path = "/cgi-bin/idconvert/batch/external_userid_to_pending_id"
    found = _look_up(path, body={"external_userid": [external_userid]}).get("result")
    rows = found if isinstance(found, list) else []
    mine = [row for row in rows if _text(row, "external_userid") == external_userid]
    return _text(mine[0], "pending_id") if mine else None


def contact_of(unionid: str, openid: str) -> tuple[str | None, str | None]:
    """The external_userid of a shopper, or else the pending id to know them by once they are one.

    https://developer.work.weixin.qq.com/document/path/97108 - both ids are the mini-program's.
    """
    body = {"unionid": unionid, "openid": openid, "subject_type": 0}
    answer = _look_up("/cgi-bin/idconvert/unionid_to_external_userid", body=body)
    return _text(answer, "external_userid"), _text(answer, "pending_id")


def send_welcome(welcome_code: str, text: str, *, seconds: float) -> bool:
    """Whether this call sent the welcome; WeCom allows one, within 20 s of the contact's arrival.

    https://developer.work.weixin.qq.com/document/path/92137 - while another app sends, tries again
    for at most `seconds`. Raises UnavailableError when WeCom is busy, limits us or is silent.
    """
    ends = time.monotonic() + seconds
    code = _welcome(welcome_code, text)
    for pause in WELCOME_PAUSES_SECONDS:
        wait = pause * random.uniform(0.5, 1)  # noqa: S311
        if code != OTHER_APP_SENDS or time.monotonic() + wait > ends:
            break
        time.sleep(wait)
        code = _welcome(welcome_code, text)
    if code not in (SENT, ALREADY_WELCOMED):
        logger.warning("wecom_refused", errcode=code)
    return code == SENT


def add_contact_way(user_id: str, state: str) -> ContactWay:
    """A new QR code that adds one member of staff; its contacts' events carry `state`.

    https://developer.work.weixin.qq.com/document/path/92228 - `state` has at most 30 characters.
    Raises ErrcodeError when WeCom refuses, for instance a member of staff it does not know.
    """
    body = {"type": 1, "scene": 2, "skip_verify": True, "state": state, "user": [user_id]}
    answer = _call("/cgi-bin/externalcontact/add_contact_way", body=body)
    config_id, qr_code = _text(answer, "config_id"), _text(answer, "qr_code")
    if not config_id or not qr_code:
        raise UnavailableError("WeCom gave no contact way")
    return ContactWay(config_id, qr_code)


def _welcome(welcome_code: str, text: str) -> int:
    body = {"welcome_code": welcome_code, "text": {"content": text}}
    try:
        _call("/cgi-bin/externalcontact/send_welcome_msg", body=body)
    except ErrcodeError as refusal:
        return refusal.code
    return SENT


def _look_up(path: str, query: Mapping[str, str] | None = None, body: object = None) -> Answer:
    if secrets().wecom is None:
        return {}
    try:
        return _call(path, query, body)
    except ErrcodeError as refusal:
        logger.warning("wecom_refused", errcode=refusal.code)
        return {}


def _call(path: str, query: Mapping[str, str] | None = None, body: object = None) -> Answer:
    try:
        return call(Api.WECOM, path, query, body)
    except ErrcodeError as refusal:
        if refusal.code != IP_NOT_TRUSTED:
            raise
        # Every call fails until an administrator lists the address that we call from.
        logger.error("wecom_refused", errcode=refusal.code)
        raise UnavailableError(str(refusal)) from None


def _text(answer: Any, name: str) -> str | None:
    value = answer.get(name) if isinstance(answer, dict) else None
    return value if isinstance(value, str) and value else None
