"""Where a command works: a stack on AWS, the running `make dev`, or the environment as it is.

It only sets the environment, as Lambda would, so it comes before anything of `siyu` is imported
that reads the settings.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import botocore.session
from botocore.exceptions import BotoCoreError, ClientError

from infra.local.engine import ROOT
from infra.local.stack import ENV_FILE
from siyu.settings import Settings

DATA = ROOT / ".local" / "demo"
# Has all that the services need; any other function would do.
FUNCTION = "ScanSignupFunction"


class PlaceError(Exception):
    """The place is not there or cannot be reached; the text says what to do."""


class NoPlaceError(Exception):
    """Nobody said where."""


def enter(stack: str | None, data: Path | None) -> None:
    """Take on the environment of a stack, of a local run's folder, or of this process.

    Raises PlaceError, NoPlaceError.
    """
    variables = of_stack(stack) if stack else of_folder(data) if data else {}
    if variables:
        # The functions' log lines would mix with the results; errors are told anyway.
        os.environ.update(variables, POWERTOOLS_LOG_LEVEL="CRITICAL")
    # Metrics are read from the logs of functions, and a command has none.
    os.environ["POWERTOOLS_METRICS_DISABLED"] = "true"
    try:
        Settings.from_environment(os.environ)
    except RuntimeError as error:
        raise NoPlaceError(f"say where: --stack NAME or --local ({error})") from error


def of_stack(name: str) -> Mapping[str, str]:
    """The environment of a deployed function, read with the caller's own credentials."""
    try:
        session = botocore.session.get_session()
        stacks: Any = session.create_client("cloudformation")
        found = stacks.describe_stack_resource(StackName=name, LogicalResourceId=FUNCTION)
        function = found["StackResourceDetail"]["PhysicalResourceId"]
        functions: Any = session.create_client("lambda")
        answer = functions.get_function_configuration(FunctionName=function)
    except (BotoCoreError, ClientError) as error:
        raise PlaceError(f"stack {name}: {error}") from error
    variables: Mapping[str, str] = answer.get("Environment", {}).get("Variables", {})
    return variables


def of_folder(data: Path) -> Mapping[str, str]:
    """What a local run wrote down when it had started."""
    try:
        variables: Mapping[str, str] = json.loads((data / ENV_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PlaceError(f"nothing runs on {data}: start it with `make dev`") from error
    return variables
