"""Youzan (有赞): messages to an app, signed with MD5 over its client id and secret.

https://doc.youzanyun.com/ (消息推送). The header `Event-Sign` covers the whole body. The older
`sign` in the body covers `msg` alone, so that whoever saw a message could give it another type,
shop or test flag; it is taken only from a source that says `"body_sign": true`.

No request carries a signed time: what was authentic once is so for ever. Two walls stand against
somebody who sends it again: a fact is recorded once, under whatever delivery id it comes, and
amounts come from signed content only. `version`, by which late messages are to be dropped, is not
read: facts are folded, so that a late one changes nothing.

Fields of the source: `client_id`, `client_secret`; perhaps `shops`, the `kdt_id` of each shop that
counts with its store or "", and `wechat_app_id`, the app to which the buyers' openids belong.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote_plus

from siyu.channels.contract import Accepted, Answer, Delivery, Event, Request
from siyu.channels.reading import known_name, optional, parse, part, require_json
from siyu.channels.youzan_messages import READERS, Told
from siyu.errors import RefusalError, SignatureError, UnprocessableEventError, UnreadableBodyError
from siyu.secrets import Source

# Youzan looks for the word "success", whatever the status is.
ACCEPTED = Answer(200, body='{"code":0,"msg":"success"}')
_MESSAGE_ID = re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII)


def receive(request: Request, source: Source) -> Accepted | None:
    """None for a test message, by which Youzan looks whether anybody answers.

    It need not be signed, and nothing of it is kept.
    """
    given = request.headers.get("event-sign", "")
    if given:
        _verify(source, request.body, given)
    body = _envelope(request.body, signed=bool(given))
    if body.get("test") in (True, "true"):
        return None
    if not given:
        _verify_message(source, body)
    client = source.text("client_id")
    if body.get("client_id", client) != client:
        raise SignatureError("for another client")
    return Accepted(_delivery_id(body))


def refusal(error: RefusalError) -> Mapping[str, str]:
    return {"code": str(error.status), "msg": error.reason}


def read(delivery: Delivery, source: Source) -> Sequence[Event]:
    """What the body says counts: the header `Event-Type` is not signed."""
    body = parse(delivery.body)
    kind = str(part(body, "type"))
    reader = READERS.get(kind)
    if reader is None:
        raise UnprocessableEventError("unknown_topic", known_name(kind))
    message = part(body, "msg")
    if isinstance(message, str):
        message = parse(unquote_plus(message))  # spaces come as `+`
    return reader(Told(message, _store(body, source), source.fields.get("wechat_app_id")))


def _verify(source: Source, content: bytes, given: str) -> None:
    joined = source.text("client_id").encode() + content + source.text("client_secret").encode()
    expected = hashlib.md5(joined, usedforsecurity=False).hexdigest()
    if not hmac.compare_digest(expected.encode(), given.lower().encode(errors="replace")):
        raise SignatureError("the signature does not match")


def _verify_message(source: Source, body: Mapping[str, Any]) -> None:
    message, given = body.get("msg"), body.get("sign")
    allowed = source.fields.get("body_sign") is True
    if not allowed or not isinstance(message, str) or not isinstance(given, str):
        raise SignatureError("no signature that this source takes")
    _verify(source, message.encode(errors="replace"), given)


def _envelope(content: bytes, *, signed: bool) -> Mapping[str, Any]:
    try:
        body = require_json(content)
    except UnreadableBodyError:
        if signed:
            raise
        body = None
    if isinstance(body, dict):
        return body
    raise UnreadableBodyError("not an object") if signed else SignatureError("no signature")


def _delivery_id(body: Mapping[str, Any]) -> str:
    """What stays the same when Youzan sends a message again: `sendCount` does not."""
    given = body.get("msg_id")
    if isinstance(given, str) and _MESSAGE_ID.fullmatch(given):
        return given
    content = json.dumps([body.get("type"), body.get("id"), body.get("msg")], default=str)
    return hashlib.sha256(content.encode()).hexdigest()


def _store(body: Any, source: Source) -> str | None:
    """The store of the shop that speaks. One for trials may speak to the same address."""
    shops = source.fields.get("shops")
    if not shops:
        return None
    shop = str(optional(body, "kdt_id"))
    if shop not in shops:
        raise UnprocessableEventError("another_shop", "not among the source's shops")
    return shops[shop] or None
