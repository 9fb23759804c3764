"""The command works on the real engine; each test begins with an empty table."""

import pytest

from tests import support
from tests.cli.terminal import Terminal


@pytest.fixture(autouse=True)
def empty_table() -> None:
    support.empty_table()


@pytest.fixture
def siyu(capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(capsys)
