"""For all tests."""

from __future__ import annotations

import sys

import pytest
from hypothesis import settings

from tests import collector

# How long an example takes says more of what else the machine does than of the code.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    """Every test fails that makes the product log personal data."""
    config.pluginmanager.register(collector, "collector")


@pytest.fixture(scope="module", autouse=True)
def fresh_engine() -> None:
    """Modules that use the engine begin with one that is still quick."""
    support = sys.modules.get("tests.support")
    if support is not None:
        support.fresh_engine()
