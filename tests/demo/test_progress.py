"""A log gets a line now and then, not a bar."""

from __future__ import annotations

import io

import pytest

from infra.demo import progress


def test_a_log_gets_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.0)
    log = io.StringIO()
    assert list(progress.track(range(3), 3, "Replay", log)) == [0, 1, 2]
    lines = log.getvalue().splitlines()
    assert lines[0].startswith("Replay: 1 of 3, ")
    assert lines[-1] == "Replay: 3 of 3 done"


def test_a_short_run_is_one_line() -> None:
    log = io.StringIO()
    assert list(progress.track([], 0, "Replay", log)) == []
    assert log.getvalue() == "Replay: 0 of 0 done\n"


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    assert list(progress.track("ab", 2, "Replay", terminal)) == ["a", "b"]
    assert "2/2" in terminal.getvalue()
