"""Reads along with every log of the suite: a test fails when the product logs what it must not.

In this process it listens where a line gets its form, whatever stream it goes to; metrics are taken
from what was printed, and processes of the local runner from the files they write. Each worker of
pytest-xdist reads its own, after each of its tests.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

from tests.leaks import Leak, scan

METRICS = '{"_aws"'
# Fields of the brand's secret that nobody may read in a log.
SECRET_FIELDS = frozenset(
    {
        "aes_key",
        "api_v3_key",
        "client_secret",
        "master_key",
        "merchant_key",
        "secret",
        "secrets",
        "token",
        "wechat_secret",
    }
)
SHORTEST_SECRET = 6
SHOWN = 5


@dataclass
class Collector:
    """What was logged since the last look."""

    lines: list[str] = field(default_factory=list)
    logs: list[tuple[Any, BinaryIO]] = field(default_factory=list)
    known: Sequence[str] = ()

    def listen(self) -> None:
        """Begin with whatever was imported meanwhile; repeating it changes nothing."""
        self._listen_to(LambdaPowertoolsFormatter)
        if (sources := sys.modules.get("infra.local.sources")) is not None:
            self._follow(sources)
        if not self.known and (support := sys.modules.get("tests.support")) is not None:
            self.known = sorted(set(secrets_of(getattr(support, "SECRETS", {}))))

    def look(self, printed: str = "") -> list[Leak]:
        """The leaks since the last look; `printed` is what the test wrote to its output."""
        self.lines += (line for line in printed.splitlines() if line.startswith(METRICS))
        text = "\n".join([*self.lines, *self._new_in_logs()])
        self.lines.clear()
        return scan(text, self.known) if text else []

    def _listen_to(self, formatters: Any) -> None:
        form = formatters.format
        if getattr(form, "heard", False):
            return

        def format_and_hear(formatter: Any, record: Any) -> str:
            line: str = form(formatter, record)
            self.lines.append(line)
            return line

        format_and_hear.heard = True  # type: ignore[attr-defined]
        formatters.format = format_and_hear

    def _follow(self, sources: Any) -> None:
        begin = sources.start
        if getattr(begin, "followed", False):
            return

        def start(name: str, command: Sequence[str], env: Mapping[str, str], log: Path) -> Any:
            process = begin(name, command, env, log)
            self.logs.append((process, log.open("rb")))
            return process

        start.followed = True  # type: ignore[attr-defined]
        sources.start = start

    def _new_in_logs(self) -> Iterator[str]:
        for process, log in list(self.logs):
            ended = not process.alive()
            yield log.read().decode(errors="replace")
            if ended:
                log.close()
                self.logs.remove((process, log))


def secrets_of(fields: Any, name: str = "") -> Iterator[str]:
    """The values of a secret that are secret themselves."""
    if isinstance(fields, Mapping):
        for key, value in fields.items():
            # A list is the short form of a source: nothing but its shared secrets.
            yield from secrets_of(value, "secrets" if isinstance(value, list) else str(key))
    elif isinstance(fields, list):
        for value in fields:
            yield from secrets_of(value, name)
    elif name in SECRET_FIELDS and isinstance(fields, str) and len(fields) >= SHORTEST_SECRET:
        yield fields


COLLECTOR = Collector()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    COLLECTOR.listen()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    if call.when == "teardown":
        COLLECTOR.listen()
        leaks = COLLECTOR.look(report.capstdout)
        if leaks:
            told = "\n".join(str(leak) for leak in leaks[:SHOWN])
            report.outcome = "failed"
            report.longrepr = f"{len(leaks)} leaks into the log (tests/leaks.py):\n{told}"
    return report
