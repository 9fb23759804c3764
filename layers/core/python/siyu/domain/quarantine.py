"""A message that was accepted and can have no effect: what it is called and what became of it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from siyu.domain.calendar import to_utc

DISCARDED = "discarded"
# How long what is done with can still be looked up.
KEPT = timedelta(days=90)
# How long somebody has to look: it holds personal data that no erasure finds.
OPEN_FOR = timedelta(days=365)
_ID = re.compile(r"(20[0-9]{6}T[0-9]{6})([0-9]{3})Z-([A-Za-z0-9_-]{1,100})", re.ASCII)
_TIME = "%Y%m%dT%H%M%S"


@dataclass(frozen=True, slots=True)
class Name:
    """When a message was received, in UTC to the millisecond, and its queue's own id of it."""

    received_at: datetime
    message_id: str

    @classmethod
    def of(cls, message_id: str, received_at: datetime) -> "Name":
        """Queues count in milliseconds. Raises ValueError for a naive datetime."""
        at = to_utc(received_at)
        return cls(at.replace(microsecond=at.microsecond // 1000 * 1000), message_id)

    @classmethod
    def parse(cls, text: str) -> "Name":
        """The reverse of `str`. Raises ValueError for anything else."""
        parts = _ID.fullmatch(text)
        if parts is None:
            raise ValueError("not the name of a message")
        at = datetime.strptime(parts[1], _TIME).replace(tzinfo=UTC)
        return cls(at + timedelta(milliseconds=int(parts[2])), parts[3])

    def __str__(self) -> str:
        """As people and URLs have it, such as 20261122T040000000Z-<message id>."""
        milliseconds = self.received_at.microsecond // 1000
        return f"{self.received_at.strftime(_TIME)}{milliseconds:03d}Z-{self.message_id}"


@dataclass(frozen=True, slots=True)
class Resolution:
    """What became of a message, by whose hand, and why where somebody had to say."""

    outcome: str
    by: str
    at: datetime
    because: str | None = None


@dataclass(frozen=True, slots=True)
class Aside:
    """A message that was set aside; `attempts` is how often it was found to have no effect, an
    answer that was lost on its way counted once more."""

    name: Name
    source: str
    reason: str
    detail: str
    attempts: int
    sealed: bytes
    resolution: Resolution | None
