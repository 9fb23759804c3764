"""Channels are tested on the real engine where something is recorded."""

from __future__ import annotations

import pytest

from tests import support


@pytest.fixture
def empty_table() -> None:
    support.empty_table()
