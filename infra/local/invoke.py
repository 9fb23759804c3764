"""Imports a handler by the template's Handler string and calls it as Lambda does."""

from __future__ import annotations

import importlib
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from infra.local.errors import LocalError
from infra.local.resolver import ACCOUNT, REGION

Handler = Callable[[dict[str, Any], Any], Any]


@dataclass
class Context:
    """The parts of Lambda's context object that Python handlers use."""

    function_name: str
    timeout_seconds: int
    memory_limit_in_mb: int = 128
    function_version: str = "$LATEST"
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    started: float = field(default_factory=time.monotonic)

    @property
    def invoked_function_arn(self) -> str:
        return function_arn(self.function_name)

    @property
    def log_group_name(self) -> str:
        return f"/aws/lambda/{self.function_name}"

    @property
    def log_stream_name(self) -> str:
        return "local"

    def get_remaining_time_in_millis(self) -> int:
        left = self.timeout_seconds - (time.monotonic() - self.started)
        return max(0, int(left * 1000))


def function_arn(name: str) -> str:
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"


def load_handler(dotted: str) -> Handler:
    """'orders.handler.lambda_handler' -> the function. Raises LocalError when it has none."""
    module, _, name = dotted.rpartition(".")
    handler = getattr(importlib.import_module(module), name, None)
    if not callable(handler):
        raise LocalError(f"Handler {dotted} is not a function")
    return handler  # type: ignore[no-any-return]


def failed_ids(result: Any, known: Iterable[str]) -> set[str] | None:
    """The identifiers of a partial batch response; None means that the whole batch failed.

    Lambda takes an absent or empty list as success, and anything it cannot read (a missing, empty
    or unknown identifier) as failure of the batch.
    """
    if not result:
        return set()
    if not isinstance(result, dict):
        return None
    failures = result.get("batchItemFailures") or []
    try:
        wanted = {str(failure["itemIdentifier"]) for failure in failures}
    except (KeyError, TypeError):
        return None
    return wanted if wanted <= set(known) else None
