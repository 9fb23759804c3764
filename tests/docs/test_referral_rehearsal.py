"""The commands of "Try it on a laptop" are run as docs/referral-rules.md has them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.laptop import empty_back_end, run
from tests.docs.reading import DOCS, blocks

pytestmark = pytest.mark.slow
FIRST = "API=http://127.0.0.1:3000 DATA=.local/try"


def script(port: int, data: Path) -> str:
    """The blocks in order, for this back end; the one that starts another is left out."""
    start, *rest = blocks(DOCS / "referral-rules.md", "sh")
    assert "dev --empty --data .local/try" in start
    text = "\n".join(rest)
    assert text.startswith(FIRST)
    return text.replace(FIRST, f"API=http://127.0.0.1:{port} DATA={data}")


def test_credit_is_earned_released_spent_and_expires_on_a_laptop(tmp_path: Path) -> None:
    with empty_back_end(tmp_path) as port:
        told = run(script(port, tmp_path))
    for words in (
        '"referral":{"status":"bound"',
        '{"status":"accepted"}',
        '"pending_minor":1280',
        '"CreditReleased": 1',
        '"status":"held"',
        '"captured_minor":800',
        '"CreditExpired": 1',
    ):
        assert words in told
    kinds = re.findall(r'"kind":"(\w+)"', told)
    assert sorted(kinds) == ["capture", "earn", "expire", "hold", "release", "void"]
    assert "programme: try\n" in told
    assert told.endswith("given_minor: 800\ntaken_in_minor: 800\noutstanding_minor: 0\n")
