"""What was set aside: listed, looked at, tried, replayed as the worker would, or discarded.

A replay has its effect first and is noted second. Cut off in between it is simply done again: the
effect is recognised as there, and the note follows.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from siyu.domain.quarantine import DISCARDED, Aside, Name, Resolution
from siyu.errors import NotFoundError, RefusalError, UnprocessableEventError
from siyu.services.order_events import REFUSED, Told
from siyu.services.quarantine_message import unsealed
from siyu.storage import quarantine, queue

if TYPE_CHECKING:
    from siyu.services.try_events import Tried

# Its sender tells of it, and we have nothing to do.
IGNORED = "ignored"
# Back on the queue of contacts: what fails there again is set aside under an id of its own.
REQUEUED = "requeued"
LOOKED_THROUGH = 400


@dataclass(frozen=True, slots=True)
class Readers:
    """What reads the messages of the two queues. They belong to the wire, so the caller brings
    them; both raise UnprocessableEventError."""

    orders: Callable[[str], Sequence[Told]]
    contacts: Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Page:
    """Some open events, and behind which id there may be more, even if the page is empty."""

    events: Sequence[Aside]
    after: str | None


@dataclass(frozen=True, slots=True)
class Trial:
    """What a replay would come to; `reason` and `detail` where the message cannot be read."""

    outcome: str
    events: "Sequence[Tried]" = ()
    reason: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay came to. Refused leaves the event open, for the `reason`; for one that was
    resolved before it is what that came to, `resolution` says by whom."""

    outcome: str
    resolution: Resolution | None = None
    reason: str | None = None
    detail: str | None = None


def list_open(
    source: str | None = None,
    reason: str | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> list[Aside]:
    """The events nobody resolved, oldest first, from behind the id `after` on (eventual).

    Raises NotFoundError when `after` cannot be an id.
    """
    found = quarantine.waiting(_name(after) if after else None, limit)
    wanted = (one for one in found if source in (None, one.source) and reason in (None, one.reason))
    return list(islice(wanted, limit))


def open_page(source: str | None, reason: str | None, limit: int, after: str | None) -> Page:
    """Up to `limit` of the events nobody resolved, oldest first, from behind `after` on.

    So many at most are looked through for them: a filter that matches little must not read all that
    there is. Raises NotFoundError when `after` cannot be an id.
    """
    found: list[Aside] = []
    last, looked = None, 0
    for one in islice(quarantine.waiting(_name(after) if after else None, limit), LOOKED_THROUGH):
        last, looked = one, looked + 1
        if source in (None, one.source) and reason in (None, one.reason):
            found.append(one)
        if len(found) == limit:
            break
    more = last is not None and (len(found) == limit or looked == LOOKED_THROUGH)
    return Page(found, str(last.name) if last and more else None)


def show(event_id: str) -> tuple[Aside, str]:
    """One event, and the message as it came: personal data. Raises NotFoundError."""
    aside = _found(event_id)
    return aside, unsealed(aside)


def try_event(event_id: str, readers: Readers) -> Trial:
    """What a replay would change, with everything as it is now; writes nothing.

    Raises NotFoundError; UnavailableError when a sender had to be asked and gave no answer.
    """
    from siyu.services.try_events import try_events  # noqa: PLC0415 - not for a look

    message = unsealed(_found(event_id))
    try:
        if _of_contacts(message):
            readers.contacts(message)
            return Trial(REQUEUED)
        events = try_events(readers.orders(message))
    except UnprocessableEventError as error:
        return Trial(REFUSED, (), error.reason, error.detail)
    return Trial(_together([one.outcome for one in events]), events)


def replay(event_id: str, readers: Readers, by: str, now: datetime) -> Replayed:
    """Give an event its effect, and note who did; one that is resolved stays as it is.

    Raises NotFoundError; UnavailableError, ContentionError when it should be tried again.
    """
    aside = _found(event_id)
    if aside.resolution is not None:
        return Replayed(aside.resolution.outcome, aside.resolution)
    try:
        outcome = _effect(unsealed(aside), readers)
    except UnprocessableEventError as error:
        if quarantine.fail_again(aside.name, error):
            return Replayed(REFUSED, None, error.reason, error.detail)
        return replay(event_id, readers, by, now)  # resolved by somebody else meanwhile
    resolution = Resolution(outcome, by, now)
    quarantine.resolve(aside.name, resolution)
    return Replayed(outcome, resolution)


def discard(event_id: str, by: str, because: str, now: datetime) -> None:
    """Take an event off the list without effect. Raises NotFoundError, RefusalError if resolved."""
    decided = Resolution(DISCARDED, by, now, because)
    if quarantine.resolve(_found(event_id).name, decided):
        return
    standing = _found(event_id).resolution
    # An answer that was lost on its way is asked for again, and then it is our own that stands.
    if standing is not None and standing != decided:
        raise RefusalError(f"this event was resolved by {standing.by}: {standing.outcome}")


def _name(event_id: str) -> Name:
    try:
        return Name.parse(event_id)
    except ValueError:
        raise NotFoundError("no such event") from None


def _found(event_id: str) -> Aside:
    aside = quarantine.find(_name(event_id))
    if aside is None:
        raise NotFoundError("no such event")
    return aside


def _effect(message: str, readers: Readers) -> str:
    if _of_contacts(message):
        readers.contacts(message)  # what still cannot be read would only come back
        queue.send_contact(message)
        return REQUEUED
    from siyu.services.record_batch import record_all  # noqa: PLC0415 - not for a look

    return _together([one.value for one in record_all(readers.orders(message))])


def _of_contacts(message: str) -> bool:
    """Whether it lay on the queue of contacts: its messages name an account, orders' a source."""
    try:
        fields = json.loads(message)
    except (ValueError, RecursionError):
        return False
    return isinstance(fields, dict) and "account" in fields and "source" not in fields


def _together(outcomes: Sequence[str]) -> str:
    """What a message came to: the one thing in it that most needs to be said."""
    from siyu.services.record_order import Outcome  # noqa: PLC0415 - as what found them

    ranked = (REFUSED, Outcome.RECORDED.value, Outcome.DUPLICATE.value)
    return next((one for one in ranked if one in outcomes), IGNORED)
