"""What tests of the console's functions ask and look for."""

from __future__ import annotations

import json
from typing import Any

from tests.functions.calls import Event, body, call


def told_by(function: str, event: Event) -> Any:
    """What an operator is told, and nobody on the way keeps."""
    answer = call(function, event)
    assert answer["statusCode"] == 200, answer["body"]
    assert answer["headers"]["Cache-Control"] == "no-store"
    return body(answer)


def lines(logged: str, name: str) -> list[Any]:
    """The log's lines of one name."""
    found = (json.loads(one) for one in logged.splitlines() if one.startswith("{"))
    return [one for one in found if one["message"] == name]
