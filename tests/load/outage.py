"""The table's engine is killed half way, and the backlog is watched all the time."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass, field

from infra.local.aws_json import AwsJson
from infra.local.cloud import QUEUE
from infra.local.errors import LocalError
from infra.local.resolver import REGION
from infra.local.runner import LocalCloud
from infra.local.template import resources_of

QUEUES = ("OrdersQueue", "ContactsQueue", "AudiencesQueue")
# What a worker had in hand when the engine died comes back after this, and not after minutes.
HIDDEN_SECONDS = 12
DOWN_SECONDS = 1.5
LOOK_SECONDS = 1.0
# Requests that were on their way when it came back.
GRACE_SECONDS = 1.0


@dataclass
class Watch:
    """What was seen: (seconds since the start, backlog by name); the outage in Unix seconds."""

    began: float = 0.0
    backlog: list[tuple[float, dict[str, int]]] = field(default_factory=list)
    down_at: float = 0.0
    up_at: float = 0.0

    @property
    def outage(self) -> tuple[float, float]:
        return self.down_at, self.up_at + GRACE_SECONDS


def shorten(cloud: LocalCloud) -> None:
    """The queues hand out again after seconds what nobody has finished."""
    with AwsJson(cloud.queue_endpoint, "sqs", REGION) as client:
        for name in QUEUES:
            client.call(
                "SetQueueAttributes",
                QueueUrl=cloud.resources[name].ref,
                Attributes={"VisibilityTimeout": str(HIDDEN_SECONDS)},
            )


def accompany(cloud: LocalCloud, driver: subprocess.Popen[bytes], seconds: float) -> Watch:
    """Looks at the backlog until the driver has ended, and kills the engine in the middle."""
    watch = Watch(began=time.time())
    while driver.poll() is None:
        if not watch.down_at and time.time() - watch.began > seconds / 2:
            _kill(cloud, watch)
        watch.backlog.append((time.time() - watch.began, backlog(cloud)))
        time.sleep(LOOK_SECONDS)
    return watch


def _kill(cloud: LocalCloud, watch: Watch) -> None:
    watch.down_at = time.time()
    cloud.kill_engine()
    time.sleep(DOWN_SECONDS)
    cloud.restart_engine()
    watch.up_at = time.time()


def backlog(cloud: LocalCloud) -> dict[str, int]:
    """Messages of each queue, and what the readers of the stream have read and not handled."""
    found = {name: cloud.queue_depth(name) for name in QUEUES}
    behind = sum(status.behind for name, status in cloud.status().items() if "Table-" in name)
    return {**found, "stream": behind}


def drain(cloud: LocalCloud, watch: Watch, seconds: float) -> list[str]:
    """Waits until everything that was accepted has been handled; what was not."""
    try:
        cloud.wait_idle(seconds)
    except LocalError as error:
        return [str(error)]
    watch.backlog.append((time.time() - watch.began, backlog(cloud)))
    return []


def dead_letters(cloud: LocalCloud) -> list[str]:
    """Messages that were given up; poison is set aside in the table, so there should be none."""
    names = [one for one in resources_of(cloud.template, QUEUE) if one.endswith("DeadLetterQueue")]
    depths = {name: cloud.queue_depth(name) for name in names}
    return [f"{name}: {depth} messages" for name, depth in depths.items() if depth]
