"""`python -m infra.local dev`: see dev.py."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.local.dev import dev
from infra.local.engine import ROOT
from infra.local.errors import LocalError

PORT = 3000
DATA = ROOT / ".local" / "demo"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("dev", help="serve the back end until Ctrl-C")
    serve.add_argument("--port", type=int, default=PORT)
    serve.add_argument("--data", type=Path, default=DATA, help="folder of the table and the logs")
    serve.add_argument("--empty", action="store_true", help="do not load the demo first")
    options = parser.parse_args(arguments)
    try:
        dev(options.port, options.data, empty=options.empty)
    except LocalError as error:
        print(f"local: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
