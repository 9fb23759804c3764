"""`siyu`, or `python -m infra.cli`: what an operator does by hand.

Exit codes: 0 done, 1 refused or not found, 2 bad input, 3 cannot be reached, 130 stopped.
"""

from __future__ import annotations

import importlib
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from io import TextIOWrapper

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from infra.cli.options import parser
from infra.cli.output import note
from infra.cli.places import NoPlaceError, PlaceError, enter
from infra.codes.table import UnusableFileError
from siyu.errors import ContentionError, RefusalError, UnavailableError

DONE, REFUSED, UNUSABLE, UNREACHABLE, INTERRUPTED = 0, 1, 2, 3, 130
GOES_ON = "the same command goes on where it was"
Command = Callable[[Namespace, datetime], int]


def main(arguments: Sequence[str] | None = None) -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    unsaid = Namespace(stack=None, data=None, json=False, placeless=False, stopped=GOES_ON)
    options = parser().parse_args(arguments, unsaid)
    try:
        code = _run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads no further, such as `head`, has what they wanted; Python flushes once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = DONE
    except KeyboardInterrupt:
        note(f"stopped; {options.stopped}")
        code = INTERRUPTED
    return code


def _run(options: Namespace) -> int:
    try:
        if not options.placeless:
            enter(options.stack, options.data)
        return _command(*options.command)(options, datetime.now(UTC))
    except (UnusableFileError, NoPlaceError) as error:
        return _told(error, UNUSABLE)
    except (PlaceError, UnavailableError, ContentionError) as error:
        return _told(error, UNREACHABLE)
    except RefusalError as error:
        return _told(error, REFUSED)
    except (BotoCoreError, ClientError, PynamoDBException) as error:
        return _told(error, UNREACHABLE)


def _command(module: str, word: str) -> Command:
    """Imported here, because the models read the environment when they are imported."""
    found: Command = getattr(importlib.import_module(f"infra.cli.{module}"), f"{word}_command")
    return found


def _told(error: Exception, code: int) -> int:
    note(" ".join(str(error).split()))
    return code


if __name__ == "__main__":
    sys.exit(main())
