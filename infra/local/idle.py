"""Finds out when everything that was set off has been handled."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from infra.local.aws_json import AwsJson
from infra.local.errors import LocalError
from infra.local.progress import Status
from infra.local.resolver import REGION
from infra.local.sources import Poller

DEPTHS = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)
POLL_SECONDS = 0.05


class IdleWatch:
    """Idle: queues empty, every stream read twice without a record, and no invocation meanwhile.

    The first empty read may have begun before the last write; the second one cannot have.
    """

    def __init__(self, endpoint: str, queues: Mapping[str, str], pollers: Sequence[Poller]) -> None:
        self._client = AwsJson(endpoint, "sqs", REGION)
        self._queues = queues
        self._pollers = pollers

    def wait(self, seconds: float) -> None:
        """Raises LocalError with the state of all sources when the time is over."""
        deadline = time.monotonic() + seconds
        while not self._quiet(deadline):
            if time.monotonic() > deadline:
                raise LocalError(f"not idle after {seconds:.0f} s:\n{self.describe()}")
            time.sleep(POLL_SECONDS)

    def close(self) -> None:
        self._client.close()

    def statuses(self) -> dict[str, Status]:
        return {poller.source.name: poller.status() for poller in self._pollers}

    def depth(self, logical_id: str) -> int:
        """Messages waiting or in flight in a queue."""
        attributes = self._client.call(
            "GetQueueAttributes", QueueUrl=self._queues[logical_id], AttributeNames=list(DEPTHS)
        )["Attributes"]
        return sum(int(attributes.get(name, 0)) for name in DEPTHS)

    def describe(self) -> str:
        lines = [f"  queue {name}: {self.depth(name)} messages" for name in self._queues]
        lines += [
            f"  {name}: {one.processed} processed, {one.failed} failed, {one.behind} behind"
            for name, one in self.statuses().items()
        ]
        return "\n".join(lines)

    def _quiet(self, deadline: float) -> bool:
        before = self._invocations()
        if any(self.depth(queue) for queue in self._polled_queues()):
            return False
        if not self._streams_empty(deadline):
            return False
        return self._invocations() == before and not any(
            self.depth(queue) for queue in self._polled_queues()
        )

    def _polled_queues(self) -> set[str]:
        """Dead-letter queues have no poller: what is in them stays."""
        return {poller.source.queue["queue"] for poller in self._pollers if poller.source.queue}

    def _streams_empty(self, deadline: float) -> bool:
        streams = [poller for poller in self._pollers if poller.source.stream]
        wanted = {poller.source.name: poller.status().idle_polls + 2 for poller in streams}
        while any(poller.status().idle_polls < wanted[poller.source.name] for poller in streams):
            self._check()
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_SECONDS / 2)
        return True

    def _invocations(self) -> int:
        self._check()
        return sum(poller.status().invocations for poller in self._pollers)

    def _check(self) -> None:
        for poller in self._pollers:
            poller.process.check()
