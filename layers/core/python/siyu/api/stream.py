"""Changes of the table as its stream tells them, and the answer that lets Lambda resume."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from siyu.runtime import logger


@dataclass(frozen=True, slots=True)
class Change:
    """One item after its change: its string attributes, and in `former` those before."""

    kind: str
    image: dict[str, str]
    at: datetime
    sequence_number: str
    former: dict[str, str]


def changes(event: dict[str, Any]) -> Iterator[Change]:
    """The inserted and modified items of a batch, in order."""
    for record in event["Records"]:
        detail = record["dynamodb"]
        image, former = (_strings(detail.get(name, {})) for name in ("NewImage", "OldImage"))
        at = datetime.fromtimestamp(detail["ApproximateCreationDateTime"], UTC)
        yield Change(image.get("kind", ""), image, at, detail["SequenceNumber"], former)


def _strings(image: dict[str, Any]) -> dict[str, str]:
    return {name: value["S"] for name, value in image.items() if "S" in value}


def each_change(event: dict[str, Any], follow: Callable[[Change], None]) -> dict[str, Any]:
    """Follow every change; Lambda resumes at the first that failed.

    The others are followed all the same: what follows a change may come in any order and more than
    once, and a change that never succeeds must not take its neighbours with it.
    """
    failed = []
    for change in changes(event):
        try:
            follow(change)
        except Exception:  # noqa: BLE001 - whatever it was, the change is tried again
            logger.exception(
                "stream_change_failed",
                sequence_number=change.sequence_number,
                kind=change.kind,
                order_key=change.image.get("order_key"),
                member=change.image.get("member_id"),
            )
            failed.append({"itemIdentifier": change.sequence_number})
    return {"batchItemFailures": failed}
