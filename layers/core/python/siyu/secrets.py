"""The brand's secrets, kept in Secrets Manager and re-read every five minutes, so that a rotation
takes effect without a deployment."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from siyu.aws import client
from siyu.settings import settings

MAX_AGE_SECONDS = 300


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """`webhooks` maps a source to its `whsec_…` secrets, newest first."""

    master_key: bytes
    wechat_secret: str
    webhooks: Mapping[str, Sequence[str]]


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
        fields["master_key"].encode(), fields.get("wechat_secret", ""), fields.get("webhooks", {})
    )
