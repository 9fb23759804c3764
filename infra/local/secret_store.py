"""The local secret: generated once, kept in the data directory, readable by its owner only."""

from __future__ import annotations

import base64
import json
import os
import secrets
import string
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

ALPHABET = string.ascii_letters + string.digits
WEBHOOK_BYTES = 32
# What WeChat and WeCom ask for: the prefix of the id, the token's length, the AES key's length.
ACCOUNTS = {"wecom": "ww", "official_account": "wx"}
TOKEN_LENGTH = 32
AES_KEY_LENGTH = 43


def webhook_secret() -> str:
    """A signing secret in the form of Standard Webhooks: whsec_<base64>."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(WEBHOOK_BYTES)).decode()


def load_or_create(
    path: Path, properties: Mapping[str, Any], sources: Iterable[str]
) -> dict[str, Any]:
    """The secret's value, made as the template's GenerateSecretString says plus local keys.

    Every source of `sources` that has no webhook secret gets one, and so does the brand for WeCom
    and its official account; existing values never change.
    """
    value = json.loads(path.read_text()) if path.exists() else _generated(properties)
    webhooks = value.setdefault("webhooks", {})
    for source in sources:
        if not webhooks.get(source):
            webhooks[source] = [webhook_secret()]
    if not value.get("wechat_secret"):
        value["wechat_secret"] = secrets.token_hex(16)
    for name, prefix in ACCOUNTS.items():
        if not value.get(name):
            value[name] = _account(prefix)
    _write_private(path, json.dumps(value, indent=2, sort_keys=True))
    return dict(value)


def _generated(properties: Mapping[str, Any]) -> dict[str, Any]:
    rule = properties.get("GenerateSecretString", {})
    if not rule:
        return dict(json.loads(properties.get("SecretString", "{}")))
    value = dict(json.loads(rule.get("SecretStringTemplate", "{}")))
    length = int(rule.get("PasswordLength", 32))
    value[rule["GenerateStringKey"]] = _random(length)
    return value


def _account(prefix: str) -> dict[str, str]:
    return {
        "id": prefix + secrets.token_hex(8),
        "secret": secrets.token_hex(16),
        "token": _random(TOKEN_LENGTH),
        "aes_key": _random(AES_KEY_LENGTH),
    }


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def _write_private(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    temporary.replace(path)
