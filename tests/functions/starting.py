"""One start of a function in a process of its own; `python -m tests.functions.starting <function>
[<event file>]` prints what it loaded, and which SDK clients it made when."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

from infra.local.invoke import Context

# What costs a start something; the rest comes along with these or is small.
HEAVY = {"boto3", "defusedxml", "duckdb", "jwt", "pydantic", "pynamodb", "segno"}


def main(function: str, event: str | None = None) -> None:
    handler = importlib.import_module(f"{function}.handler").lambda_handler
    loaded = set(sys.modules)
    made = clients(handler, function, event) if event else []
    told = {
        "heavy": sorted(HEAVY & loaded),
        "own": sorted(name for name in loaded if name.startswith("siyu.")),
        "made": made,
    }
    print(json.dumps(told))


def clients(handler: Any, function: str, event: str) -> list[str]:
    """The services whose clients are made by an invocation."""
    made: list[str] = []
    session = importlib.import_module("siyu.aws").session()
    create = session.create_client

    def counted(service: str, *args: Any, **more: Any) -> Any:
        made.append(service)
        return create(service, *args, **more)

    session.create_client = counted
    handler(json.loads(Path(event).read_text(encoding="utf-8")), Context(function, 60))
    return made


if __name__ == "__main__":
    main(*sys.argv[1:])
