"""What an adapter is: a module of `siyu.channels.adapters` that speaks one sender's protocol.

`receive` runs before the answer, in a function without models and without the table: it verifies
and names the delivery, nothing else. `read` runs at the worker and says what happened, as canonical
events (`siyu.api.order_event`). Modules are loaded when their first request comes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from siyu.errors import RefusalError
from siyu.secrets import Source

Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """A webhook as the gateway took it in; header names are in lower case."""

    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    now: datetime


@dataclass(frozen=True, slots=True)
class Accepted:
    """An authentic delivery: the sender's id of it, or one made of its content; at most 128
    characters. `topic` is what a header said the event is about, where the body does not."""

    delivery_id: str
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a sender wants to hear."""

    status: int
    content_type: str = "application/json"
    body: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What was accepted, as the worker finds it."""

    source: str
    delivery_id: str
    topic: str
    received_at: datetime
    body: str


class Adapter(Protocol):
    """A module with these names. `ACCEPTED` answers what was taken in."""

    ACCEPTED: Answer

    def receive(self, request: Request, source: Source) -> Accepted | None:
        """Verify a request; None for a probe that is answered and not kept.

        Raises SignatureError, MalformedError, UnreadableBodyError.
        """

    def read(self, delivery: Delivery, source: Source) -> Sequence[Event]:
        """The canonical events of a delivery. Raises UnprocessableEventError for what it does not
        know, UnavailableError when it had to ask the sender and got no answer."""


class Checked(Protocol):
    """What a module has too if its sender checks our address before it uses it."""

    def check(self, request: Request, source: Source) -> Answer:
        """The answer to the check. Raises SignatureError."""


class Listing(Protocol):
    """What a module has too if its sender can be asked for all that happened."""

    def listed(self, source: Source, days: Sequence[date]) -> Iterator[Event]:
        """The canonical events of some business days, as the sender's own list has them.

        Raises UnavailableError, NotConfiguredError for a source that lacks what asking needs.
        """


class Refusing(Protocol):
    """What a module has too if its sender wants to find words of its own in a refusal."""

    def refusal(self, error: RefusalError) -> Mapping[str, str]:
        """Members to add to the problem document."""
