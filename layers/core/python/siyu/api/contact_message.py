"""The messages between those who hear of contacts and the worker that follows them.

A callback is a message still encrypted; only here it is opened. What stands in it is WeCom's or
WeChat's own word, since its receiver has verified it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from pydantic import AwareDatetime, Base64Bytes, BaseModel, TypeAdapter, ValidationError

from siyu.domain.contacts import (
    CUSTOMER,
    GUIDE,
    ContactEvent,
    Followed,
    FriendAdded,
    FriendEnded,
    Unfollowed,
)
from siyu.errors import RefusalError, UnprocessableEventError
from siyu.services import identities
from siyu.services.accounts import WECOM, account_named
from siyu.wechat.callback import open_envelope

FRIEND_ADDED = {"add_external_contact", "add_half_external_contact"}
FRIEND_ENDED = {"del_external_contact": GUIDE, "del_follow_user": CUSTOMER}
# A code of the official account: it was scanned by somebody new, or by a follower.
NEW_FOLLOWER = "subscribe"
FOLLOWER_SCANNED = "SCAN"
FOLLOWER_LEFT = "unsubscribe"
SCENE_PREFIX = "qrscene_"
MAX_ID_CHARS = 128
_INSTANT = re.compile(r"[0-9]{1,10}")

Fields = Mapping[str, str]


class CallbackMessage(BaseModel):
    account: Literal["wecom", "official_account"]
    received_at: AwareDatetime
    encrypted: str


class Lookup(BaseModel):
    """Who is this member at WeCom? `sealed` is for that member alone."""

    member_id: str
    sealed: Base64Bytes


class LookupMessage(BaseModel):
    account: Literal["wecom"]
    lookup: Lookup


@dataclass(frozen=True, slots=True)
class Told:
    """An event of a contact; None where it is one that we do nothing about."""

    event: ContactEvent | None
    received_at: datetime


_MESSAGES: TypeAdapter[CallbackMessage | LookupMessage] = TypeAdapter(
    CallbackMessage | LookupMessage
)


def read_message(text: str) -> Told | Lookup:
    """What a message asks for. Raises UnprocessableEventError."""
    try:
        message = _MESSAGES.validate_json(text)
    except ValidationError:
        raise UnprocessableEventError("not_a_message", "the envelope is broken") from None
    if isinstance(message, LookupMessage):
        return message.lookup
    try:
        fields = open_envelope(account_named(message.account), message.encrypted)
    except RefusalError as refusal:
        raise UnprocessableEventError("not_a_callback", str(refusal)) from None
    read = _wecom if message.account == WECOM else _official_account
    return Told(read(fields), message.received_at)


def _wecom(fields: Fields) -> FriendAdded | FriendEnded | None:
    """https://developer.work.weixin.qq.com/document/path/92277"""
    change = fields.get("ChangeType", "")
    contact = fields.get("Event") == "change_external_contact"
    if not contact or change not in FRIEND_ADDED | FRIEND_ENDED.keys():
        return None
    guide, external_id, at = _id(fields, "UserID"), _id(fields, "ExternalUserID"), _at(fields)
    state = fields.get("State", "")
    delivery = _delivery(change, guide, external_id, fields["CreateTime"], state)
    if change in FRIEND_ENDED:
        return FriendEnded(delivery, at, guide, external_id, FRIEND_ENDED[change])
    welcome_code = fields.get("WelcomeCode", "")
    return FriendAdded(delivery, at, guide, external_id, state, welcome_code)


def _official_account(fields: Fields) -> Followed | Unfollowed | None:
    """https://developers.weixin.qq.com/doc/service/guide/product/message/Receiving_event_pushes.html"""
    event, scene = fields.get("Event", ""), fields.get("EventKey", "")
    if event not in (NEW_FOLLOWER, FOLLOWER_SCANNED, FOLLOWER_LEFT):
        return None
    openid, at = _id(fields, "FromUserName"), _at(fields)
    delivery = _delivery(event, openid, fields["CreateTime"], scene)
    if event == FOLLOWER_LEFT:
        return Unfollowed(delivery, at, openid)
    return Followed(delivery, at, openid, scene.removeprefix(SCENE_PREFIX))


def _delivery(*content: str) -> str:
    """The name of an event: there is no message id, and two customers may share a second."""
    return identities.index("delivery", json.dumps(content))


def _id(fields: Fields, name: str) -> str:
    value = fields.get(name, "")
    if not value or len(value) > MAX_ID_CHARS:
        raise UnprocessableEventError("not_a_callback", f"{name} is missing or too long")
    return value


def _at(fields: Fields) -> datetime:
    if not _INSTANT.fullmatch(fields.get("CreateTime", "")):
        raise UnprocessableEventError("not_a_callback", "CreateTime is no instant")
    return datetime.fromtimestamp(int(fields["CreateTime"]), UTC)
