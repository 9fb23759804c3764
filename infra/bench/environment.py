"""What the product's modules ask of the environment when they are imported; nothing of it is used
but the table's name and the engine's address."""

from __future__ import annotations

import os
from dataclasses import fields

from infra.local import cloud
from siyu.settings import Settings

TABLE = "siyu-local-Table"
NOBODY = "http://127.0.0.1:9"


def settle(endpoint: str) -> None:
    """Set it for this process and its children; `endpoint` is the engine's."""
    os.environ.update(dict.fromkeys((field.name.upper() for field in fields(Settings)), "unused"))
    os.environ.update(cloud.sdk_environment(endpoint, endpoint), TABLE_NAME=TABLE)


def settle_for_nobody() -> None:
    """The same where nothing is called, unless it was set already."""
    if "TABLE_NAME" not in os.environ:
        settle(NOBODY)
