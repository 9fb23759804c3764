"""Nights run on the real engine; each test begins with an empty table."""

import pytest

from tests import support


@pytest.fixture(autouse=True)
def empty_table() -> None:
    support.empty_table()
