"""Starts of functions, each in a process of its own; `python -m tests.starting` prints a
line for each.

With names of functions it tells what each loaded: all are copies of one process, which has loaded
what every function needs and nothing of ours. With `--event <file>` a single function starts from
nothing, is invoked, and tells which SDK clients it made meanwhile.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from infra.coldstart.sample import check
from infra.local.invoke import Context

# What costs a start something; the rest comes along with these or is small.
HEAVY = {"boto3", "defusedxml", "duckdb", "jwt", "pydantic", "pynamodb", "segno"}
# Loaded once for all: most of what a start takes, and none of it is told.
SHARED = ("aws_lambda_powertools.event_handler", "botocore.session", "botocore.httpsession")


def main(*asked: str) -> None:
    if asked[0] == "--event":
        print(json.dumps({"made": made_by(asked[2], asked[1])}))
        return
    for name in SHARED:
        importlib.import_module(name)
    loaded = HEAVY & set(sys.modules)
    if loaded:
        raise RuntimeError(f"what every function needs loads {loaded}")
    for function in asked:
        copy = os.fork()
        if not copy:
            tell(function)
            os._exit(0)
        if os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1]):
            raise RuntimeError(f"{function} does not start")


def tell(function: str) -> None:
    """Print what a start loads."""
    importlib.import_module(f"{function}.handler")
    told = {
        "function": function,
        "heavy": sorted(HEAVY & set(sys.modules)),
        "own": sorted(name for name in sys.modules if name.startswith("siyu.")),
    }
    print(json.dumps(told), flush=True)


def made_by(function: str, event: str) -> list[str]:
    """The services whose clients are made by an invocation. Raises ColdStartError when its answer
    is no success."""
    handler = importlib.import_module(f"{function}.handler").lambda_handler
    made: list[str] = []
    session = importlib.import_module("siyu.aws").session()
    create = session.create_client

    def counted(service: str, *args: Any, **more: Any) -> Any:
        made.append(service)
        return create(service, *args, **more)

    session.create_client = counted
    answer = handler(json.loads(Path(event).read_text(encoding="utf-8")), Context(function, 60))
    check(function, json.dumps(answer).encode())
    return made


if __name__ == "__main__":
    main(*sys.argv[1:])
