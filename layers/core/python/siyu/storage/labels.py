"""Labels as the night writes them: many in a call, each only where nobody wrote meanwhile."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from siyu.aws import client, needs
from siyu.errors import ContentionError
from siyu.settings import settings
from siyu.storage import keys
from siyu.storage.backoff import back_off

needs("dynamodb")

STATEMENTS_PER_BATCH = 25
ATTEMPTS = 8
STALE = "ConditionalCheckFailed"
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchStatementError.html
TRANSIENT = {
    "TransactionConflict",
    "ThrottlingError",
    "ProvisionedThroughputExceeded",
    "RequestLimitExceeded",
    "InternalServerError",
}


@dataclass(frozen=True, slots=True)
class Relabelling:
    """The labels a member is to have, if they are still the ones of that version and label."""

    member_id: str
    version: int
    before: str
    after: str


def write(changes: Iterable[Relabelling]) -> frozenset[str]:
    """Write changed labels, 25 a call; returns the members that were passed over.

    Those whose figures changed since they were read are passed over: their order has labelled them.
    Member ids are random, so in their order the writes of a call fall on many shards. Raises
    ContentionError when conflicts or throttling did not cease: then the night has to run again.
    """
    ordered = sorted(changes, key=lambda change: change.member_id)
    stale: set[str] = set()
    for start in range(0, len(ordered), STATEMENTS_PER_BATCH):
        stale |= _write(ordered[start : start + STATEMENTS_PER_BATCH])
    return frozenset(stale)


def _write(batch: Sequence[Relabelling]) -> set[str]:
    """Each statement answers for itself, inside a call that succeeds: the SDK retries none."""
    stale: set[str] = set()
    for attempt in range(ATTEMPTS):
        answers = list(zip(batch, _execute(batch), strict=True))
        stale |= {change.member_id for change, code in answers if code == STALE}
        batch = [change for change, code in answers if code in TRANSIENT]
        if not batch:
            return stale
        back_off(attempt)
    raise ContentionError("labels could not be written")


def _execute(batch: Sequence[Relabelling]) -> list[str | None]:
    """The error code of each statement, or None. Raises RuntimeError on one nobody expects."""
    table = settings().table_name  # from the environment: PartiQL takes no parameter here
    statement = f'UPDATE "{table}" SET lb = ? WHERE PK = ? AND SK = ? AND version = ? AND lb = ?'  # noqa: S608
    answer = client("dynamodb").batch_execute_statement(
        Statements=[{"Statement": statement, "Parameters": _parameters(change)} for change in batch]
    )
    codes = [entry.get("Error", {}).get("Code") for entry in answer["Responses"]]
    unexpected = set(codes) - TRANSIENT - {STALE, None}
    if unexpected:
        raise RuntimeError(f"writing labels failed: {', '.join(sorted(unexpected))}")
    return codes


def _parameters(change: Relabelling) -> list[dict[str, str]]:
    key = keys.aggregate(change.member_id)
    return [
        {"S": change.after},
        {"S": key.pk},
        {"S": key.sk},
        {"N": str(change.version)},
        {"S": change.before},
    ]
