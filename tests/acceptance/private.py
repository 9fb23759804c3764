"""What no log may hold: a person and the secrets of the brand, in every form they could have."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from tests import support
from tests.channels import shopify
from tests.functions.calls import load
from tests.services.shop import receipt
from tests.support import SECRETS, WECHAT_SECRET

# Shaped as WeChat and WeCom shape them, and like nothing else in the tests.
OPENID = "oZ4n8_QxY7mNzK5tR2wV8jL1pSd9"
NAME = "kq2Vx9Lr4"
UNIONID = f"union-{NAME}"
EXTERNAL_USERID = f"wm-{NAME}"
PENDING_ID = f"pending-{NAME}"
WELCOME_CODE = "welcome-8sFq2nTz"
PHONE = "13912345678"
STREET = "文三路 478 号 2 单元"
ADDRESS = "203.0.113.77"
PAYER = "oPay7_TnB3vXc9ZaQ1wE5rT8yU2i"
BUYER = "buyer-Wq7zP3"
LOGIN_CODES = tuple(f"{OPENID}~{NAME}.c{number}" for number in range(6))
RECEIPT = receipt(77)

# Shorter forms would be found in anything.
LEAST_CHARS = 6


def person() -> dict[str, str]:
    """The planted person by what each thing about them is."""
    keys = [hashlib.sha256(code.encode()).hexdigest()[:24] for code in LOGIN_CODES]
    return {
        "openid": OPENID,
        "unionid": UNIONID,
        "external_userid": EXTERNAL_USERID,
        "pending_id": PENDING_ID,
        "name": NAME,
        "welcome code": WELCOME_CODE,
        "phone": PHONE,
        "street": STREET,
        "address": ADDRESS,
        "payer's openid": PAYER,
        "buyer": BUYER,
        "receipt token": RECEIPT,
        "receipt token's MAC": RECEIPT[-16:],
        **{f"login code {number}": code for number, code in enumerate(LOGIN_CODES)},
        **{f"session_key {number}": key for number, key in enumerate(keys)},
    }


def secrets() -> dict[str, str]:
    """All that is secret of the brand's secret, and what is made of it."""
    tokens = {name: support.standin.token(name) for name in ("mini_program", "wecom", "shop")}
    signed = load("order_webhook/paid")["headers"]["webhook-signature"]
    bearer = load("member_profile/me")["headers"]["authorization"]
    return {
        "app secret": WECHAT_SECRET,
        "shopify secret": shopify.SECRET,
        "webhook secret's bytes": support.WEBHOOK_SECRET.removeprefix("whsec_"),
        **dict(_texts("secret", SECRETS)),
        **{f"access token of {name}": token for name, token in tokens.items()},
        "signature": signed.removeprefix("v1,"),
        "session": bearer.removeprefix("Bearer "),
    }


def _texts(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Every text of a nested value but for ids, kinds and public keys, which are no secrets."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key not in {"id", "app_id", "client_id", "kind", "mchid", "platform_keys", "shop"}:
                yield from _texts(f"{name}.{key}", inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _texts(f"{name}[{number}]", inner)
    elif isinstance(value, str) and len(value) >= LEAST_CHARS:
        yield name, value


def forms(value: str) -> dict[str, str]:
    """A value as it is, and as a URL, JSON, base64 in each of its three places, or hex shows it."""
    raw = value.encode()
    found = {
        "raw": value,
        "URL": quote(value, safe=""),
        "JSON": json.dumps(value)[1:-1],
        "hex": raw.hex(),
    }
    for before in range(3):
        # What stands in front of it and behind it shares a character with it: those are left out.
        coded = base64.b64encode(b"\0" * before + raw)
        inner = coded[-(-before * 4 // 3) : (before + len(raw)) * 4 // 3].decode()
        found[f"base64 at {before}"] = inner
        found[f"URL-safe base64 at {before}"] = inner.translate(str.maketrans("+/", "-_"))
    return {form: text for form, text in found.items() if len(text) >= LEAST_CHARS}


def found_in(text: str, known: Mapping[str, str]) -> list[str]:
    """What of `known` is in a text, and in which form; text in JSON in JSON is looked at twice."""
    seen = text + text.replace("\\\\", "\\") if "\\\\" in text else text
    return [
        f"{name} ({form})"
        for name, value in known.items()
        for form, shown in forms(value).items()
        if shown in seen
    ]
