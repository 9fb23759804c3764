"""The handler that pollers call in the place of a function's own: it asks `sam local`."""

from __future__ import annotations

import json
import os
from typing import Any
from urllib.request import Request, urlopen

HANDLER = f"{__name__}.invoke"
# Where pollers find it; they are processes of their own.
ADDRESS = "SIYU_SAM_LAMBDA"
# The first request to a function waits for its image and its container.
START_SECONDS = 120


class FunctionError(Exception):
    """The function raised; the text is what Lambda would say about it."""


def ask(origin: str, name: str, event: Any, seconds: float) -> Any:
    """What the function returns. Raises FunctionError, OSError when nobody answers in time."""
    url = f"{origin}/2015-03-31/functions/{name}/invocations"
    request = Request(url, json.dumps(event).encode(), {"content-type": "application/json"})
    with urlopen(request, timeout=seconds + START_SECONDS) as answer:
        text = answer.read().decode()
        failed = answer.headers.get("x-amz-function-error")
    if failed:
        raise FunctionError(text)
    return json.loads(text) if text else None


def invoke(event: dict[str, Any], context: Any) -> Any:
    """Raises what `ask` raises."""
    seconds = context.get_remaining_time_in_millis() / 1000
    return ask(os.environ[ADDRESS], context.function_name, event, seconds)
