"""`python -m infra.local dev` serves everything; `table NAME` makes the table somewhere else.

`table` makes it as template.yaml says, at the DynamoDB that AWS_ENDPOINT_URL_DYNAMODB names.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.local.cloud import TABLE, create_tables
from infra.local.dev import dev
from infra.local.engine import ROOT
from infra.local.errors import LocalError
from infra.local.resolver import Resolver
from infra.local.template import load_template, resources_of

PORT = 3000
TEMPLATE = ROOT / "template.yaml"
DATA = ROOT / ".local" / "demo"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("dev", help="serve the back end until Ctrl-C")
    serve.add_argument("--port", type=int, default=PORT)
    serve.add_argument("--data", type=Path, default=DATA, help="folder of the table and the logs")
    serve.add_argument("--empty", action="store_true", help="do not load the demo first")
    table = commands.add_parser("table", help="make the template's table at another endpoint")
    table.add_argument("name")
    options = parser.parse_args(arguments)
    try:
        if options.command == "table":
            make_table(options.name)
        else:
            dev(options.port, options.data, empty=options.empty)
    except LocalError as error:
        print(f"local: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
    return 0


def make_table(name: str) -> None:
    """Raises LocalError when no endpoint is named or nobody answers there."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL_DYNAMODB")
    if not endpoint:
        raise LocalError(
            "set AWS_ENDPOINT_URL_DYNAMODB; on AWS itself, `sam deploy` makes the table"
        )
    template = load_template(TEMPLATE)
    properties = {**resources_of(template, TABLE)["Table"], "TableName": name}
    only = {"Resources": {"Table": {"Type": TABLE, "Properties": properties}}}
    try:
        create_tables(endpoint, only, Resolver(template, {}))
    except OSError as error:
        raise LocalError(f"no DynamoDB answers at {endpoint}: {error}") from error
    print(f"table {name} is at {endpoint}")


if __name__ == "__main__":
    sys.exit(main())
