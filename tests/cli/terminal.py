"""Runs the command in this process and reads what it printed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.cli.__main__ import main

ORIGIN = "https://shop.example"


class Terminal:
    """A line is split at blanks; what follows it is one argument each."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, line: str, *more: str) -> tuple[int, str, str]:
        try:
            code = main([*line.split(), *more])
        except SystemExit as stop:
            code = int(stop.code or 0)
        printed = self._capsys.readouterr()
        return code, printed.out, printed.err

    def json(self, line: str, *more: str) -> Any:
        code, out, err = self(line, *more, "--json")
        assert code == 0, err
        return json.loads(out)
