"""Put what the rows of a day file say on the orders queue, and go on where a run was cut short."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from siyu.channels.contract import Event
from siyu.channels.csv_rows import UnusableFileError
from siyu.channels.day_file import Record, body_of, delivery_id, refusal_of
from siyu.domain.calendar import to_utc
from siyu.domain.keys import delivery_key
from siyu.errors import SiyuError, UnknownSourceError, UnprocessableEventError
from siyu.secrets import STANDARD, secrets
from siyu.settings import settings
from siyu.storage import imports, queue
from siyu.storage.imports import DONE, Checkpoint

# Records between two marks: fifty calls of the queue at most.
WINDOW = 500

# Reads an event as the worker will; raises UnprocessableEventError.
Check = Callable[[str, str, datetime, Event], object]


class StoppedError(SiyuError):
    """The time is up; the next run of the same import goes on where this one was."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was not sent."""

    line: int
    reason: str


def _go_on() -> bool:
    return False


class OrderImport:
    """One file of one source. `good` and `bad` count its rows, those too that an earlier run had
    done with: the ones that begin in the first `skipped_lines`.

    The source is one that signs as Standard Webhooks prescribe, because the rows travel as its
    deliveries. `content` names what is in the file, such as its hash: the same content of the same
    source is one import, which begins anew once it is done. Without `send` rows are only looked at.
    Raises UnknownSourceError.
    """

    def __init__(
        self, source: str, content: str, now: datetime, check: Check, *, send: bool = True
    ) -> None:
        _require_standard(source)
        self.good = self.bad = 0
        self._source, self._check, self._send = source, check, send
        self._key = delivery_key(secrets().master_key, settings().brand)
        self._id = hashlib.sha256(f"{source}\0{content}".encode()).hexdigest()[:32]
        self._waiting: list[str] = []
        begun = imports.find(self._id) if send else None
        # Rows are judged as of the moment their import began, or a resumed run could pass over a
        # row that was refused before and is good today.
        resumed = begun is not None and begun.state != DONE
        self._at = begun if begun and resumed else Checkpoint(to_utc(now))
        self.skipped_lines = self._at.lines_done

    def run(
        self, records: Iterable[Record], time_is_up: Callable[[], bool] = _go_on
    ) -> Iterator[Refused]:
        """Send the good rows and yield the bad ones, those of skipped lines too.

        All is sent when the iteration has ended. Raises StoppedError at a mark when the time is
        up, UnavailableError when the queue takes nothing, UnusableFileError as the records do, once
        what came before is sent.
        """
        line = 0
        try:
            for number, record in enumerate(records, 1):
                line = record.line
                if (refused := self._take(record)) is not None:
                    yield refused
                if number % WINDOW == 0:
                    self._mark(replace(self._at, lines_done=line))
                    if time_is_up():
                        raise StoppedError(f"stopped after line {line}; a new run goes on there")
        except UnusableFileError:
            self._send_waiting()
            raise
        self._mark(replace(self._at, lines_done=line, state=DONE))

    def _take(self, record: Record) -> Refused | None:
        reason = record.reason or (self._reason(record.event) if record.event else "")
        if reason:
            self.bad += 1
            return Refused(record.line, reason)
        self.good += 1
        if record.event and self._send and record.line > self.skipped_lines:
            self._waiting.append(self._message(record.event))
        return None

    def _reason(self, event: Event) -> str:
        try:
            self._check(self._source, delivery_id(event, self._key), self._at.received_at, event)
        except UnprocessableEventError as error:
            return refusal_of(error)
        return ""

    def _message(self, event: Event) -> str:
        """As the receiver of webhooks writes it."""
        return json.dumps(
            {
                "source": self._source,
                "delivery_id": delivery_id(event, self._key),
                "topic": "",
                "received_at": self._at.received_at.isoformat(),
                "body": body_of(event),
            }
        )

    def _mark(self, at: Checkpoint) -> None:
        """Send first, then say so: a run that dies in between sends again, and loses nothing."""
        self._send_waiting()
        if self._send and at.lines_done >= self.skipped_lines:
            self._at = replace(at, good=self.good, bad=self.bad)
            imports.keep(self._id, self._source, self._at)

    def _send_waiting(self) -> None:
        queue.send_many(self._waiting)
        self._waiting.clear()


def _require_standard(name: str) -> None:
    source = secrets().webhooks.get(name)
    if source is None:
        raise UnknownSourceError("no such source; the secret has to name it among its webhooks")
    if source.kind != STANDARD:
        raise UnknownSourceError(f"the source is of kind {source.kind}; a day file's is standard")
