"""`make sam-invoke`: a function in its container, on a shop in which the events of `events/` hold.

With a function and an event it is `sam local invoke`; without, every function answers one event.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from infra.local.cloud import sdk_environment
from infra.local.errors import LocalError
from infra.local.process import free_port, stop_all
from infra.samlocal.remote import FunctionError, ask
from infra.samlocal.sam import Sam
from tests.template.reading import functions, package_of

# A name of its own: `make sam-local` may run at the same time.
RUN = "invoke"
SECONDS = 60.0


def environment() -> dict[str, str]:
    """What the functions of the shop read, out of this process's own environment."""
    declared = next(iter(functions().values()))["Environment"]["Variables"]
    names = {*declared, *sdk_environment("", "")}
    return {name: os.environ[name] for name in sorted(names) if name in os.environ}


def one(sam: Sam, function: str, event: str) -> int:
    command = sam.command("invoke", function, "--event", event)
    return subprocess.run(command, env=sam.environment, check=False).returncode


def every(sam: Sam) -> int:
    """Prints a line for each function; the exit code is 1 when one did not succeed."""
    from tests import support  # noqa: PLC0415 - the shop is open by now

    port = free_port()
    with tempfile.TemporaryDirectory(prefix="siyu-sam-") as logs:
        process = sam.serve("start-lambda", port, Path(logs))
        try:
            origin = f"http://127.0.0.1:{port}"
            shop = list(support.dump().values())
            failed = [name for name in functions() if not _told(origin, name, shop)]
        finally:
            stop_all([process])
        if failed:
            print(process.tail(), file=sys.stderr)
    print(
        f"[sam-invoke] {len(functions()) - len(failed)} of {len(functions())} functions succeeded"
    )
    return 1 if failed else 0


def _told(origin: str, name: str, shop: Sequence[dict[str, Any]]) -> bool:
    try:
        result, first = _asked(origin, name, shop)
        _, again = _asked(origin, name, shop)
    except (FunctionError, OSError) as error:
        result, first, again = f"failed ({error})", 0.0, 0.0
    times = f"first {first:.1f} s, again {again * 1000:.0f} ms"
    print(f"[sam-invoke] {name}: {result}; {times}", flush=True)
    return not result.startswith("failed")


def _asked(origin: str, name: str, shop: Sequence[dict[str, Any]]) -> tuple[str, float]:
    """What became of its event, in a shop that no other event changed, and the seconds it took."""
    from tests.functions.world import as_it_was, event_of  # noqa: PLC0415 - the shop is open by now

    as_it_was(shop)
    event = event_of(package_of(name))
    began = time.monotonic()
    answer = ask(origin, name, event, SECONDS)
    return verdict(answer), time.monotonic() - began


def verdict(answer: Any) -> str:
    """A status of HTTP, or whether a batch or a job went well."""
    if isinstance(answer, dict) and "statusCode" in answer:
        status = answer["statusCode"]
        return str(status) if status < 400 else f"failed ({status})"
    if isinstance(answer, dict) and answer.get("batchItemFailures"):
        return "failed"
    return "done"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.samlocal.invoke", description=__doc__)
    parser.add_argument("function", nargs="?", choices=[*functions(), None], metavar="FUNCTION")
    parser.add_argument("event", nargs="?", metavar="EVENT")
    asked = parser.parse_args()
    if asked.function and not (asked.event and Path(asked.event).is_file()):
        parser.error("name a function and the file of an event, such as events/*/*.json")
    # An ordinary exit, so that the containers go too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with Sam(RUN) as sam:
            from tests.functions.world import open_shop  # noqa: PLC0415 - starts the engines

            open_shop()
            sam.open(environment())
            return one(sam, asked.function, asked.event) if asked.function else every(sam)
    except LocalError as error:
        print(f"sam-invoke: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
