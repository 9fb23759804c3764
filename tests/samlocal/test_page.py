"""docs/sam-local.md: its transcript is that of the three lines, its invocations can be made."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

from infra.local.dev import profile_line, scan_line, webhook_line
from infra.samlocal.containers import BASE, STAND_IN
from tests.docs.reading import DOCS, ROOT, blocks, text_of
from tests.support import WEBHOOK_SECRET
from tests.template.reading import functions, package_of

PAGE = DOCS / "sam-local.md"
ORIGIN = "http://127.0.0.1:3000"
REQUEST = re.compile(rf"curl -sS {ORIGIN}(/\S+)")
INVOKED = re.compile(r"^make sam-invoke FUNCTION=(\w+) EVENT=(\S+)$", re.MULTILINE)


def test_the_transcript_asks_what_the_three_lines_ask() -> None:
    cloud: Any = SimpleNamespace(
        secret={"webhooks": {"shop": [WEBHOOK_SECRET]}}, env={"CURRENCY": "CNY"}
    )
    lines = [
        webhook_line(cloud, ORIGIN, 1, "token"),
        scan_line(ORIGIN, "token"),
        profile_line(ORIGIN),
    ]
    (transcript,) = blocks(PAGE, "text")
    asked = [path for line in lines for path in REQUEST.findall(line)]
    assert REQUEST.findall(transcript) == asked
    assert len(asked) == 3


def test_every_invocation_names_a_function_and_an_event_of_its_own() -> None:
    invoked = INVOKED.findall(text_of(PAGE))
    assert len(invoked) == 6
    for function, event in invoked:
        assert function in functions()
        assert (ROOT / event).is_file()
        assert event.split("/")[1] == package_of(function)


def test_the_images_are_those_of_the_code() -> None:
    named = text_of(PAGE)
    assert BASE.rpartition("-")[0] in named
    assert STAND_IN.rpartition("-")[0] in named


def test_the_number_of_functions_is_the_templates() -> None:
    assert f"all {len(functions())} did" in text_of(PAGE)
