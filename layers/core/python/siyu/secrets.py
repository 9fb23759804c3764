"""The brand's secrets, kept in Secrets Manager and re-read every five minutes, so that a rotation
takes effect without a deployment."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from siyu.aws import client, needs
from siyu.errors import NotConfiguredError
from siyu.settings import settings

needs("secretsmanager", "get_secret_value", SecretId="-")

MAX_AGE_SECONDS = 300
FIRST_SESSION_KEYS = ("1",)
STANDARD = "standard"


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
class Source:
    """Who may send order events, and how they prove who they are; `fields` are the kind's own."""

    name: str
    kind: str
    fields: Mapping[str, Any]

    @property
    def secrets(self) -> Sequence[str]:
        """The shared secrets that are accepted, newest first.

        Raises NotConfiguredError unless it is a list of texts: an empty secret would let anybody
        in, and so would a text, which is a list of its letters.
        """
        given = self.fields.get("secrets")
        if not isinstance(given, list) or not all(isinstance(one, str) and one for one in given):
            raise NotConfiguredError(f"source {self.name}: secrets is no list of texts")
        return given

    def text(self, name: str) -> str:
        """A field that the kind needs. Raises NotConfiguredError when it is not there."""
        value = self.fields.get(name)
        if not isinstance(value, str) or not value:
            raise NotConfiguredError(f"source {self.name} has no {name}")
        return value


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """`webhooks` are the sources of order events by name. `session_keys` are the versions of the
    session key that are accepted, newest first: the first one signs. `wecom` and `official_account`
    are None where the brand has none."""

    master_key: bytes
    wechat_secret: str
    webhooks: Mapping[str, Source]
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
        {name: _source(name, given) for name, given in fields.get("webhooks", {}).items()},
        fields.get("session_keys") or FIRST_SESSION_KEYS,
        _account(fields.get("wecom")),
        _account(fields.get("official_account")),
    )


def _source(name: str, given: Sequence[str] | Mapping[str, Any]) -> Source:
    """A bare list of secrets is a source that signs as Standard Webhooks prescribe."""
    if isinstance(given, Mapping):
        return Source(name, str(given.get("kind", STANDARD)), given)
    return Source(name, STANDARD, {"secrets": given})


def _account(fields: Mapping[str, Any] | None) -> Account | None:
    if not fields:
        return None
    provider = bool(fields.get("provider", False))
    return Account(fields["id"], fields["secret"], fields["token"], fields["aes_key"], provider)
