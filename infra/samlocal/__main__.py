"""`python -m infra.samlocal serve` serves the API in containers; `base` makes a stand-in image."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.local.engine import ROOT
from infra.local.errors import LocalError
from infra.samlocal.base_image import make
from infra.samlocal.serve import serve

PORT = 3000
DATA = ROOT / ".local" / "sam"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.samlocal", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    api = commands.add_parser("serve", help="serve the back end until Ctrl-C")
    api.add_argument("--port", type=int, default=PORT)
    api.add_argument("--data", type=Path, default=DATA, help="folder of the table and the logs")
    commands.add_parser("base", help="make a stand-in for AWS's image from this machine's Python")
    options = parser.parse_args(arguments)
    try:
        if options.command == "base":
            make()
        else:
            serve(options.port, options.data)
    except LocalError as error:
        print(f"sam-local: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
