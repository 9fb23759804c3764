"""For all tests."""

from __future__ import annotations

import sys

import pytest


@pytest.fixture(scope="module", autouse=True)
def fresh_engine() -> None:
    """Modules that use the engine begin with one that is still quick."""
    support = sys.modules.get("tests.support")
    if support is not None:
        support.fresh_engine()
