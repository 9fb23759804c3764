"""Lets generated requests get behind signatures.

The generator knows no secret, so all it could ever see of a signed route is a 401. Three of four of
its requests to such a route are therefore taken on their way, and what was generated is sent as a
real sender of this cloud would send it: to a source or store that exists, signed or encrypted with
the very secret, at the machine's time. The answer goes back to the generator, which judges it like
any other. The fourth request stays as it was made.

Some bodies, those of scans and sessions too, have a few values replaced by ones that are known here
(the currency, orders and buyers out of a handful, coupons that were given, receipts and login
codes), because no generator guesses them, and without them nothing gets behind the first look into
the body. And at the console the generator gets an operator's token and ids of what there is.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode
from xml.sax.saxutils import escape

from infra.local.server import Receive, Scope, Send, body_of
from tests.fuzz.asgi import Application, giving
from tests.fuzz.document import WECHAT_CALLBACK, WECOM_CALLBACK, Document
from tests.fuzz.known import STORE, Known, one_of
from tests.fuzz.senders import Senders, Sent

UNSIGNED_SHARE = 4
CONSOLE = "/v1/console/"
STORES = "/v1/stores/"
ACCOUNTS = {WECOM_CALLBACK: "wecom", WECHAT_CALLBACK: "official_account"}
XML_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Most events come from the source that speaks the generated language, some from each of the others.
SHOP_SHARE = 3


class Signing:
    """In front of the API; it does its work while it knows something."""

    def __init__(self, inner: Application, document: Document, senders: Senders) -> None:
        self._inner = inner
        self._document = document
        self._senders = senders
        self._numbers: dict[str, Iterator[int]] = defaultdict(itertools.count)
        self._known: Known | None = None

    @contextlib.contextmanager
    def knowing(self, known: Known) -> Iterator[None]:
        """Requests pass through untouched before and after."""
        self._known = known
        try:
            yield
        finally:
            self._known = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        operation = self._document.operation(scope.get("method", ""), scope.get("path", ""))
        if self._known is None or operation is None:
            await self._inner(scope, receive, send)
            return
        number = next(self._numbers[operation])
        scope = _at_the_console(scope, operation, self._known, number)
        sign = self._signer(operation, self._known)
        if sign is None or number % UNSIGNED_SHARE == 0:
            await self._inner(scope, receive, send)
            return
        query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        asked = Asked(scope["path"], await body_of(receive), _echo(query), number)
        sent = sign(asked)
        await self._inner(_readdressed(scope, sent), giving(sent.body), send)

    def _signer(self, operation: str, known: Known) -> Callable[[Asked], Sent] | None:
        """What to make of a request; None where nothing is signed and nothing to be known."""
        senders = self._senders
        match operation:
            case "POST /v1/webhooks/{source}":
                return lambda asked: self._webhook(asked, known)
            case "GET /v1/webhooks/{source}":
                return lambda asked: senders.wechat_shop(b"", echostr=asked.echo)
            case _ if STORES in operation:
                return lambda asked: self._till(asked, known, operation.partition("{store}/")[2])
            case "POST /v1/scans":
                return lambda asked: Sent(asked.path, asked.knowing(known.scan))
            case "POST /v1/sessions":
                return lambda asked: Sent(asked.path, asked.knowing(known.login))
        return self._callback(operation, known)

    def _callback(self, operation: str, known: Known) -> Callable[[Asked], Sent] | None:
        method, _, path = operation.partition(" ")
        if path not in ACCOUNTS:
            return None
        account, senders = ACCOUNTS[path], self._senders
        if method == "GET":
            return lambda asked: senders.address_check(account, path, asked.echo)
        return lambda asked: senders.callback(account, path, as_xml(asked.knowing(known.contact)))

    def _till(self, asked: Asked, known: Known, path: str) -> Sent:
        """Of a hold that is known, if it is about one."""
        fields = {"redemptions": known.coupon, "holds": known.wallet}.get(path, known.hold)
        request_id = f"{path.rpartition('/')[2]}_{asked.number}"
        path = path.replace("{hold}", one_of(known.holds, asked.number))
        return self._senders.till(STORE, asked.knowing(fields), request_id, path)

    def _webhook(self, asked: Asked, known: Known) -> Sent:
        senders, number = self._senders, asked.number
        turn, rest = divmod(number, SHOP_SHARE)
        if rest:
            # One delivery of ten comes under the id of the one before.
            return senders.shop(asked.knowing(known.order), f"msg_{number - (number % 10 == 0)}")
        others: tuple[Callable[[bytes], Sent], ...] = (
            senders.shopify,
            senders.youzan,
            senders.wechat_pay,
            senders.wechat_pay_raw,
            senders.wechat_shop,
            senders.wechat_shop_safe,
        )
        return others[turn % len(others)](asked.body)


@dataclass(frozen=True)
class Asked:
    """What was generated, and which request of its operation it is."""

    path: str
    body: bytes
    echo: str
    number: int

    def knowing(self, known: Callable[[int], Mapping[str, Any]]) -> bytes:
        """The body, every other time with what is known in the place of what was generated."""
        return replaced(self.body, known(self.number) if self.number % 2 else {})


def _at_the_console(scope: Scope, operation: str, known: Known, number: int) -> Scope:
    """The generator is a member and knows no names; here it is an operator, and finds some."""
    if CONSOLE not in operation:
        return scope
    member, operator = known.member.encode(), known.operator.encode()
    headers = [(name, operator if value == member else value) for name, value in scope["headers"]]
    path, template = scope["path"], operation.partition(" ")[2]
    if "{" in template and number % UNSIGNED_SHARE:
        path = template
        for name, one in known.names(number).items():
            path = path.replace(name, one)
    return {**scope, "headers": headers, "path": path}


def replaced(body: bytes, known: Mapping[str, Any]) -> bytes:
    """The JSON with known values in the place of generated ones, where it has such members."""
    try:
        content: Any = json.loads(body)
    except (ValueError, RecursionError):
        return body
    data = content.get("data", content) if isinstance(content, dict) else None
    if not known or not isinstance(data, dict):
        return body
    data.update({name: value for name, value in known.items() if name in data})
    return json.dumps(content).encode()


def as_xml(body: bytes) -> bytes:
    """The fields of a callback from those of a JSON object; anything else is left as it is."""
    try:
        fields: Any = json.loads(body)
    except (ValueError, RecursionError):
        return body
    if not isinstance(fields, dict):
        return body
    rows = [
        f"<{name}>{escape(str(value))}</{name}>"
        for name, value in fields.items()
        if XML_NAME.fullmatch(name)
    ]
    return f"<xml>{''.join(rows)}</xml>".encode(errors="replace")


def _echo(query: Mapping[str, list[str]]) -> str:
    return query.get("echostr", ["4375120948345356249"])[0]


def _readdressed(scope: Scope, sent: Sent) -> Scope:
    own = {name.encode() for name in (*sent.headers, "content-length")}
    headers = [(name, value) for name, value in scope["headers"] if name.lower() not in own]
    headers += [(name.encode(), value.encode("latin-1")) for name, value in sent.headers.items()]
    headers.append((b"content-length", str(len(sent.body)).encode()))
    query = urlencode(sent.query).encode()
    changed = {"path": sent.path, "query_string": query, "headers": headers}
    return {**scope, **changed}
