"""Plays the plan against the product on this computer and reads back what stands in its table."""

from __future__ import annotations

import contextlib
import shutil
import sys
import time
import warnings
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from infra.demo.actual import Table, member_states, read_table
from infra.demo.figures import LOCAL_TIME, Outcome, Programme
from infra.demo.plan import Deliver, Plan
from infra.demo.progress import track
from infra.demo.shop import SOURCE, Shop
from infra.local.aws_json import AwsJson
from infra.local.resolver import REGION
from infra.local.runner import LocalCloud
from infra.local.storage import TABLE_FILE, fast_db_path, lock

QUEUE = "OrdersQueue"
DEAD_LETTERS = ("OrdersDeadLetterQueue", "FollowUpDeadLetterQueue")
NIGHT = (("ReferralReleaseFunction", 2, 0), ("SegmentNightlyFunction", 2, 30))
MAX_QUEUED = 2_000
WORKERS = 2
CHECK_EVERY = 100
IDLE_SECONDS = 1_800.0


def replay(plan: Plan, programme: Programme, data_dir: Path) -> Outcome:
    """From an empty table to the night after the last row.

    Raises LocalError when something cannot run here, ShopError when the product refuses a request.
    """
    _say("starting the local cloud")
    db_path = fast_db_path(data_dir)
    data_dir.mkdir(parents=True, exist_ok=True)
    lock(data_dir).close()  # before anything is removed: somebody may be serving it
    _empty(data_dir, db_path)
    parameters = {"Currency": plan.currency}
    with LocalCloud(
        data_dir,
        db_path,
        parameters=parameters,
        webhook_sources=(SOURCE,),
        queue_workers=WORKERS,
    ) as cloud:
        shop, started = Shop(cloud), time.monotonic()
        with _functions_kept_quiet(cloud):
            shop.publish(programme, plan.actions[0].at)
            repeated = _play(plan, cloud, shop)
            _say("waiting for the last orders and credits to be recorded")
            cloud.wait_idle(IDLE_SECONDS)
            seconds = time.monotonic() - started
            _run_night(cloud, plan.as_of)
        units, table = cloud.units(), read_table(_items(cloud))
        aside = table.quarantined + sum(cloud.queue_depth(queue) for queue in DEAD_LETTERS)
        _say("keeping the table")
    if db_path.parent != data_dir.absolute():
        with contextlib.suppress(OSError):
            db_path.parent.rmdir()
    return _outcome(
        plan,
        table,
        shop.customers,
        quarantined=aside,
        repeated=repeated,
        units=units,
        seconds=seconds,
    )


@contextlib.contextmanager
def _functions_kept_quiet(cloud: LocalCloud) -> Iterator[None]:
    """They run in this process, but what they print and warn of is no part of the demo's answer."""
    with (
        (cloud.logs / "printed.log").open("a", encoding="utf-8") as log,
        contextlib.redirect_stdout(log),
        warnings.catch_warnings(),
    ):
        warnings.filterwarnings("ignore", message="No application metrics to publish")
        yield


def _play(plan: Plan, cloud: LocalCloud, shop: Shop) -> int:
    """Sends every action in time order; returns how many deliveries were repetitions."""
    repeated = 0
    for number, action in enumerate(track(plan.actions, len(plan.actions), "Replay")):
        if number % CHECK_EVERY == 0:
            _hold_back(cloud)
        if isinstance(action, Deliver):
            shop.deliver(action)
            repeated += action.repeated
        else:
            shop.scan(action)
    return repeated


def _hold_back(cloud: LocalCloud) -> None:
    """A queue that grows without end would hide how fast orders are really recorded."""
    while cloud.queue_depth(QUEUE) > MAX_QUEUED:
        cloud.check()
        time.sleep(0.1)


def _run_night(cloud: LocalCloud, as_of: date) -> None:
    """The two jobs of a night; no trigger listens to what they write, so nothing is waited for."""
    for function, hour, minute in NIGHT:
        _say(f"running {function} as of {as_of}")
        at = datetime(as_of.year, as_of.month, as_of.day, hour, minute, tzinfo=LOCAL_TIME)
        cloud.invoke_schedule(function, at)


def _items(cloud: LocalCloud) -> Iterator[dict[str, Any]]:
    client = AwsJson(cloud.engine.endpoint, "dynamodb", REGION)
    page: dict[str, Any] = {"LastEvaluatedKey": None}
    while "LastEvaluatedKey" in page:
        start = page["LastEvaluatedKey"]
        more = {"ExclusiveStartKey": start} if start else {}
        page = client.call("Scan", TableName=cloud.resources["Table"].ref, **more)
        yield from page["Items"]


def _empty(data_dir: Path, db_path: Path) -> None:
    """Removes what an earlier run left, and nothing else that may be in the folder."""
    for path in {data_dir / TABLE_FILE, db_path}:
        for side in ("", "-wal", "-shm"):
            path.with_name(path.name + side).unlink(missing_ok=True)
    for folder in ("sources", "logs"):
        shutil.rmtree(data_dir / folder, ignore_errors=True)


def _outcome(
    plan: Plan,
    table: Table,
    customers: dict[str, str],
    *,
    quarantined: int,
    repeated: int,
    units: Any,
    seconds: float,
) -> Outcome:
    return Outcome(
        members=member_states(table, customers, plan.as_of),
        totals=table.totals(),
        unclaimed_orders=table.unclaimed_orders,
        quarantined=quarantined,
        duplicates_delivered=repeated,
        read_units=units.read,
        write_units=units.write,
        replay_seconds=seconds,
    )


def _say(words: str) -> None:
    print(f"demo: {words}", file=sys.stderr, flush=True)
