"""The brand's secrets, kept in Secrets Manager and re-read every five minutes, so that a rotation
takes effect without a deployment."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from siyu.aws import client
from siyu.settings import settings

MAX_AGE_SECONDS = 300


FIRST_SESSION_KEYS = ("1",)


@dataclass(frozen=True, slots=True, repr=False)
class Account:
    """An account that calls us back: its id (corp id or app id), API secret, token and AES key.

    `provider` says that it is a service provider's: contacts then come without unionid, and WeCom
    has to be asked for them.
    """

    account_id: str
    secret: str
    token: str
    aes_key: str
    provider: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """`webhooks` maps a source to its `whsec_…` secrets, newest first; so are `session_keys`, the
    versions of the session key that are accepted: the first one signs. `wecom` and
    `official_account` are None where the brand has none."""

    master_key: bytes
    wechat_secret: str
    webhooks: Mapping[str, Sequence[str]]
    session_keys: Sequence[str] = FIRST_SESSION_KEYS
    wecom: Account | None = None
    official_account: Account | None = None


_cached: tuple[float, Secrets] | None = None


def secrets() -> Secrets:
    """The current secrets, at most five minutes old."""
    global _cached  # noqa: PLW0603 - one value per process, replaced whole
    now = time.monotonic()
    if _cached is None or now - _cached[0] > MAX_AGE_SECONDS:
        _cached = (now, _load())
    return _cached[1]


def _load() -> Secrets:
    answer = client("secretsmanager").get_secret_value(SecretId=settings().secrets_id)
    fields = json.loads(answer["SecretString"])
    return Secrets(
        fields["master_key"].encode(),
        fields.get("wechat_secret", ""),
        fields.get("webhooks", {}),
        fields.get("session_keys") or FIRST_SESSION_KEYS,
        _account(fields.get("wecom")),
        _account(fields.get("official_account")),
    )


def _account(fields: Mapping[str, Any] | None) -> Account | None:
    if not fields:
        return None
    provider = bool(fields.get("provider", False))
    return Account(fields["id"], fields["secret"], fields["token"], fields["aes_key"], provider)
