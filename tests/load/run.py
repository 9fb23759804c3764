"""Drives the whole back end for a while, kills its table half way, and counts everything after.

`python -m tests.load.run [--seconds 600] [--users 20] [--seed 1]`; exit code 0 when no answer was
an error and every total is exact. How fast it was is printed and decides nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from infra.local.engine import ROOT
from infra.local.runner import LocalCloud
from infra.local.stack import APP_ID
from tests.fuzz.document import Document
from tests.fuzz.run import PATH
from tests.load import judge, logs, outage, report, table, veterans
from tests.load.book import RETURN_WINDOW_DAYS, RULES, Book, Expected
from tests.load.ground import Ground
from tests.load.mix import MIX
from tests.load.served import served
from tests.load.world import SHANGHAI, World

DRIVER = ROOT / ".tools" / "load" / "bin" / "python"
RELEASE, NIGHT = "ReferralReleaseFunction", "SegmentNightlyFunction"
OPERATOR, NIGHTS = "ann", 2
SHOWN = 10
DRAIN_SECONDS = 900.0


def run(seconds: float, users: int, seed: int) -> list[str]:
    """What was found; prints the tables."""
    with contextlib.ExitStack() as undo:
        folder = Path(undo.enter_context(tempfile.TemporaryDirectory(prefix="siyu-load-")))
        cloud = undo.enter_context(Ground(folder))
        undo.enter_context(quiet(cloud.logs))
        outage.shorten(cloud)
        settings = prepared(cloud, folder, seed)
        port = undo.enter_context(served(cloud))
        asked = {"port": port, "users": users, "seconds": seconds}
        watch = driven({**settings, **asked}, cloud, seconds)
        written = json.loads(Path(settings["target"]).read_text())
        found = outage.drain(cloud, watch, DRAIN_SECONDS)
        nights(cloud)
        found += outage.drain(cloud, watch, DRAIN_SECONDS) + outage.dead_letters(cloud)
        items = list(table.pages(cloud.engine.endpoint, cloud.env["TABLE_NAME"]))
        found += logs.leaked(cloud.logs, cloud.secret)
    return [*found, *told(written, watch, seconds), *counted(written, items)]


def prepared(cloud: LocalCloud, folder: Path, seed: int) -> dict[str, Any]:
    """What the driver has to know; the brand's referral rules have been in force for a while, and
    some members have credit by them."""
    # Imported after the start: it reads the environment that the cloud sets.
    from siyu.api import console  # noqa: PLC0415

    now = datetime.now(UTC)
    settings = {
        "secret": cloud.secret,
        "brand": cloud.env["BRAND"],
        "currency": cloud.env["CURRENCY"],
        "app_id": APP_ID,
        "operator": f"Bearer {console.issue(OPERATOR, now).token}",
        "nights": NIGHTS,
        "seed": seed,
        "target": str(folder / "driven.json"),
    }
    before = now - timedelta(days=RETURN_WINDOW_DAYS + 7)
    publish(cloud, console.issue(OPERATOR, before).token, before)
    world = World(settings, random.Random(seed))
    veterans.settle(world, cloud, now - timedelta(days=RETURN_WINDOW_DAYS + 6), RELEASE)
    return {**settings, **world.handed_on()}


def publish(cloud: LocalCloud, token: str, at: datetime) -> None:
    """Raises RuntimeError with the answer."""
    rules = {**RULES, "effective_from": (at + timedelta(minutes=2)).isoformat()}
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    moment = int(at.timestamp() * 1_000)
    answer = cloud.call(
        "POST", "/v1/console/programmes", headers, json.dumps(rules), time_epoch_ms=moment
    )
    if answer.status != 200:
        raise RuntimeError(f"the rules were not published: {answer.status} {answer.text}")


def driven(settings: Mapping[str, Any], cloud: LocalCloud, seconds: float) -> outage.Watch:
    """Runs the visitors to their end, whatever happens here."""
    command = [str(DRIVER), "-m", "tests.load.drive"]
    with (cloud.logs / "driver.log").open("wb") as log:
        driver = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
        )
        try:
            assert driver.stdin is not None
            assert driver.stdout is not None
            driver.stdin.write(json.dumps(settings).encode())
            driver.stdin.close()
            driver.stdout.readline()
            watch = outage.accompany(cloud, driver, seconds)
        finally:
            driver.kill()
            driver.wait()
    if driver.returncode:
        raise RuntimeError((cloud.logs / "driver.log").read_text()[-2000:])
    return watch


def nights(cloud: LocalCloud) -> None:
    """The release of the day after the last return, and this day's segments once more, whose night
    does not run ahead of the calendar."""
    now = datetime.now(SHANGHAI)
    cloud.invoke_schedule(RELEASE, now + timedelta(days=RETURN_WINDOW_DAYS + 2))
    cloud.invoke_schedule(NIGHT, now)


def told(written: Mapping[str, Any], watch: outage.Watch, seconds: float) -> list[str]:
    document = Document(PATH)
    samples = list(report.samples_of(written["samples"], document.operation))
    found = report.routes(samples, document.statuses, watch.outage)
    print("\n".join(report.lines(found)))
    print(f"\n{len(samples):,} requests in {seconds:.0f} s: {len(samples) / seconds:.1f} a second")
    gap = watch.up_at - watch.down_at
    print(f"engine killed and away for {gap:.1f} s; no yes and no no: {report.away(found)}")
    print("\n".join(report.backlog(watch.backlog)))
    never = [f"nobody made a visit {one.name}" for one in MIX if one.name not in written["visits"]]
    return [*written["problems"], *never, *report.faults(found)]


def counted(written: Mapping[str, Any], items: list[table.Raw]) -> list[str]:
    expected = Expected(Book(written["book"])).state()
    different = judge.differences(expected, table.read(items))
    owed, wrong = judge.ledger(items)
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in judge.kinds(expected).items())
    print(f"\ncompared: {kinds}")
    print(f"{len(expected):,} items compared, {len(different)} differ")
    print(f"ledger: members are owed {owed:,}, the brand's accounts owe as much" * (not wrong))
    return [*different, *wrong]


@contextlib.contextmanager
def quiet(folder: Path) -> Iterator[None]:
    """The functions run in this process; what they print is no part of the answer."""
    log = (folder / "printed.log").open("a", encoding="utf-8")
    with log as sink, contextlib.redirect_stdout(sink):
        yield


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.load.run", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    # Powertools says so whenever a request is refused before anything is counted.
    warnings.filterwarnings("ignore", "No application metrics to publish", UserWarning)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    began = time.monotonic()
    try:
        found = run(options.seconds, options.users, options.seed)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    for one in found[:SHOWN]:
        print(f"- {one}")
    if len(found) > SHOWN:
        print(f"- and {len(found) - SHOWN} more")
    print(f"seed {options.seed}, {time.monotonic() - began:.0f} s in all")
    print(f"{int(not found)} passed, {int(bool(found))} failed")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
