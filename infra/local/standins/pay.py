"""A stand-in of WeChat Pay's API for one merchant: trade bills and refunds.

It takes a request whose RSA signature, timestamp and nonce hold, signs its answers and gives bills
in the published form: https://pay.weixin.qq.com/docs/merchant/apis/jsapi-payment/get-trade-bill.html
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from infra.local.standins.pay_bill import Payment, Refund, bill

SCHEME = "WECHATPAY2-SHA256-RSA2048"
FIELDS = re.compile(r'([a-z_]+)="([^"]*)"')
TOLERANCE_SECONDS = 300
TRADE_BILL, FILE = "/v3/bill/tradebill", "/v3/billdownload/file"
REFUNDS = "/v3/refund/domestic/refunds/"
PROBE = "WECHATPAY/SIGNTEST/"

Answer = tuple[int, Mapping[str, Any] | bytes]


@dataclass(frozen=True, slots=True)
class Merchant:
    """Whom the stand-in serves."""

    mchid: str
    serial: str
    public_key: RSAPublicKey


@dataclass(frozen=True, slots=True)
class Platform:
    """What it signs its own answers with."""

    serial: str
    private_key: RSAPrivateKey


@dataclass(slots=True)
class State:
    """What happened at the merchant, and how the next answers shall be odd.

    `creating` are days whose bill is still being made; `probes` is how many answers get a signature
    that must fail; `damage` changes the bytes of every file.
    """

    merchant: Merchant
    platform: Platform
    transactions: list[Payment | Refund] = field(default_factory=list)
    creating: set[date] = field(default_factory=set)
    probes: int = 0
    damage: Callable[[bytes], bytes] = bytes
    asked: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    nonces: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)


def refused(status: int, code: str) -> Answer:
    """An error as WeChat Pay publishes them."""
    return status, {"code": code, "message": code.replace("_", " ").lower()}


def authentic(state: State, method: str, target: str, header: str) -> bool:
    """Whether the merchant signed this request, just now and for the first time."""
    scheme, _, rest = header.partition(" ")
    given = dict(FIELDS.findall(rest))
    at, nonce = given.get("timestamp", ""), given.get("nonce_str", "")
    owner = (given.get("mchid"), given.get("serial_no"))
    if scheme != SCHEME or owner != (state.merchant.mchid, state.merchant.serial):
        return False
    if not at.isdecimal() or abs(time.time() - int(at)) > TOLERANCE_SECONDS:
        return False
    signed = f"{method}\n{target}\n{at}\n{nonce}\n\n".encode()
    try:
        signature = base64.b64decode(given.get("signature", ""))
        state.merchant.public_key.verify(signature, signed, PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        return False
    with state.lock:
        first = nonce not in state.nonces
        state.nonces.add(nonce)
    return first


def trade_bill(state: State, query: Mapping[str, str], origin: str) -> Answer:
    try:
        day = date.fromisoformat(query.get("bill_date", ""))
    except ValueError:
        return refused(400, "PARAM_ERROR")
    if query.get("bill_type", "ALL") != "ALL":
        return refused(400, "PARAM_ERROR")
    if day in state.creating:
        return refused(400, "STATEMENT_CREATING")
    found = [one for one in state.transactions if one.day == day]
    if not found:
        return refused(400, "NO_STATEMENT_EXIST")
    content, token = bill(state.merchant.mchid, found), secrets.token_urlsafe(24)
    state.files[token] = state.damage(content)
    return 200, {
        "download_url": f"{origin}{FILE}?token={token}",
        "hash_type": "SHA1",
        "hash_value": hashlib.sha1(content, usedforsecurity=False).hexdigest(),
    }


def refund(state: State, out_refund_no: str) -> Answer:
    for one in state.transactions:
        if isinstance(one, Refund) and one.out_refund_no == out_refund_no:
            return 200, one.stands()
    return refused(404, "RESOURCE_NOT_EXISTS")


class Handler(BaseHTTPRequestHandler):
    """Answers from the state of its server."""

    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        state, parts = self.server.state, urlsplit(self.path)
        with state.lock:
            state.asked.append(parts.path)
        if not authentic(state, "GET", self.path, self.headers.get("Authorization", "")):
            self._send(refused(401, "SIGN_ERROR"))
        else:
            self._send(self._answer(parts.path, dict(parse_qsl(parts.query))))

    def _answer(self, path: str, query: Mapping[str, str]) -> Answer:
        state = self.server.state
        if path == TRADE_BILL:
            return trade_bill(state, query, self.server.origin)
        if path == FILE:
            file = state.files.get(query.get("token", ""))
            return refused(400, "PARAM_ERROR") if file is None else (200, file)
        if path.startswith(REFUNDS):
            return refund(state, unquote(path.removeprefix(REFUNDS)))
        return refused(404, "RESOURCE_NOT_EXISTS")

    def _send(self, answer: Answer) -> None:
        status, content = answer
        file = isinstance(content, bytes)
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain" if file else "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in ({} if file else self._signature(body)).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _signature(self, body: bytes) -> dict[str, str]:
        state, at, nonce = self.server.state, str(int(time.time())), secrets.token_hex(16)
        signed = f"{at}\n{nonce}\n".encode() + body + b"\n"
        raw = state.platform.private_key.sign(signed, PKCS1v15(), SHA256())
        signature = base64.b64encode(raw).decode()
        with state.lock:
            probe, state.probes = state.probes > 0, max(0, state.probes - 1)
        return {
            "Wechatpay-Serial": state.platform.serial,
            "Wechatpay-Timestamp": at,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Signature": PROBE + signature if probe else signature,
        }

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Silent: the request line holds tokens."""


class Server(ThreadingHTTPServer):
    """Serves `state` on 127.0.0.1; port 0 takes a free one."""

    daemon_threads = True

    def __init__(self, state: State, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.state = state

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"
