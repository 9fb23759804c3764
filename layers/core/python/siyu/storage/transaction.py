"""All-or-nothing writes.

A failed condition means the world moved since it was read: `retrying` reads and decides again.
A conflict or throttle inside the transaction is retried here, jittered; the SDK retries neither.
A time-out means unknown: nothing is compensated, the work runs again and its conditions decide.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from siyu.counts import MetricName, count
from siyu.errors import ContentionError, SiyuError, UnprocessableEventError
from siyu.runtime import logger
from siyu.storage.backoff import back_off
from siyu.storage.items import CONNECTION, Item

T = TypeVar("T")

TRANSIENT = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
ATTEMPTS = 8
# Messages of a batch were read together, and the second of a member finds the first one's writes.
USUAL_RETRIES = 1
TOO_LARGE = "Item size"


class StaleReadError(SiyuError):
    """A condition did not hold; `labels` names the writes it belonged to."""

    def __init__(self, labels: frozenset[str]) -> None:
        super().__init__(f"conditions failed: {', '.join(sorted(labels))}")
        self.labels = labels


class Transaction:
    """Collects writes, then commits them together. At most 100, one for each item."""

    def __init__(self) -> None:
        self._checks: list[tuple[str, tuple[Any, ...]]] = []
        self._deletes: list[tuple[str, tuple[Any, ...]]] = []
        self._puts: list[tuple[str, tuple[Any, ...]]] = []
        self._updates: list[tuple[str, tuple[Any, ...]]] = []
        self._counts: list[tuple[MetricName, int]] = []

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write; checks alone are nothing."""
        return not (self._deletes or self._puts or self._updates)

    def check(self, label: str, model: type[Item], key: tuple[str, str], holds: Condition) -> None:
        """Commit only if `holds` is true of an item that is not written here."""
        self._checks.append((label, (model, *key, holds)))

    def delete(self, label: str, item: Item, holds: Condition | None = None) -> None:
        """Delete an item if `holds`; without a condition whether or not it is there."""
        self._deletes.append((label, (item, holds)))

    def create(self, label: str, item: Item) -> None:
        """Put an item that must not exist yet."""
        self._puts.append((label, (item, Item.PK.does_not_exist())))

    def put(self, label: str, item: Item, holds: Condition | None = None) -> None:
        """Put an item if `holds`; without a condition whatever was there."""
        self._puts.append((label, (item, holds)))

    def replace(self, label: str, item: Any, also: Condition | None = None) -> None:
        """Put a versioned item over the version before it; version 1 must not exist yet.

        `also` is a further condition on the version before.
        """
        absent = Item.PK.does_not_exist()
        condition = absent if item.version == 1 else type(item).version == item.version - 1
        if also is not None and item.version > 1:
            condition &= also
        self._puts.append((label, (item, condition)))

    def update(
        self, label: str, item: Item, actions: Sequence[Action], holds: Condition | None = None
    ) -> None:
        """Update an item in place without reading it (counters), if `holds`."""
        self._updates.append((label, (item, actions, holds)))

    def count(self, name: MetricName, number: int) -> None:
        """Add to a metric once this is written."""
        self._counts.append((name, number))

    def commit(self) -> None:
        """Write everything, or nothing; an empty transaction costs nothing.

        Raises StaleReadError when a condition failed, ContentionError after too many conflicts.
        """
        if self.empty:
            return
        for attempt in range(ATTEMPTS):
            try:
                self._write()
            except TransactWriteError as error:
                self._raise_unless_transient(error)
                count("TransactionRetried")
                back_off(attempt)
            else:
                for name, number in self._counts:
                    count(name, number)
                return
        raise _given_up("transaction conflicts did not cease")

    def _write(self) -> None:
        with TransactWrite(connection=CONNECTION) as write:
            for _, (model, pk, sk, condition) in self._checks:
                write.condition_check(model, pk, sk, condition)
            for _, (item, condition) in self._deletes:
                write.delete(item, condition)
            for _, (item, condition) in self._puts:
                write.save(item, condition)
            for _, (item, actions, condition) in self._updates:
                write.update(item, list(actions), condition)

    def _raise_unless_transient(self, error: TransactWriteError) -> None:
        # The reasons follow the order in which PynamoDB sends: checks, deletes, puts, updates.
        labels = [
            label for label, _ in (*self._checks, *self._deletes, *self._puts, *self._updates)
        ]
        reasons = error.cancellation_reasons
        codes = [reason.code if reason else None for reason in reasons]
        failed = frozenset(
            label
            for label, code in zip(labels, codes, strict=False)
            if code == "ConditionalCheckFailed"
        )
        if failed:
            raise StaleReadError(failed) from error
        if TOO_LARGE in f"{error.cause} {[reason.message for reason in reasons if reason]}":
            raise UnprocessableEventError(
                "too_large", "more than an item of the table takes"
            ) from error
        if not any(code in TRANSIENT for code in codes):
            raise error


def retrying(attempt: Callable[[], T]) -> T:
    """Run a read-decide-commit until its reads were fresh. Raises ContentionError when never."""
    stale: set[str] = set()
    for number in range(ATTEMPTS):
        try:
            done = attempt()
        except StaleReadError as error:
            stale |= error.labels
            count("TransactionRetried")
            back_off(number)
        else:
            if number > USUAL_RETRIES:
                logger.info("transaction_retried", attempts=number + 1, labels=sorted(stale))
            return done
    raise _given_up("the items kept changing")


def _given_up(cause: str) -> ContentionError:
    logger.warning("transaction_gave_up", cause=cause)
    count("TransactionGaveUp")
    return ContentionError(cause)
