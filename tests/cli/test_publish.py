"""An operator publishes rules, asks first what it would come to, and mends a mistake."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from siyu.storage import programmes
from tests.cli.terminal import Terminal
from tests.support import dump

RULES: dict[str, Any] = {
    "version": "spring",
    "effective_from": "2080-03-01T00:00:00+08:00",
    "rate_bp": 1_000,
}
BEGINS = "2080-03-01T00:00:00+08:00"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return written(tmp_path, **RULES)


def written(folder: Path, **fields: Any) -> Path:
    path = folder / "new rules.json"
    path.write_text(json.dumps(fields), encoding="utf-8")
    return path


def test_publishing_again_is_the_same_and_other_rules_need_another_name(
    siyu: Terminal, rules: Path
) -> None:
    assert siyu("referral publish --by ann", str(rules))[0] == 0
    before = dump()
    code, out, err = siyu("referral publish --by bob", str(rules))
    assert (code, "version: spring" in out) == (0, True)
    assert "spring is published already; nothing is written" in err
    rules.write_text(json.dumps({**RULES, "rate_bp": 1}), encoding="utf-8")
    code, out, err = siyu("referral publish --by ann", str(rules))
    assert (code, out) == (1, "")
    assert "spring is published with other rules, and no version is ever changed" in err
    assert "take another name" in err
    assert dump() == before


def test_a_version_cannot_begin_in_the_past(siyu: Terminal, rules: Path) -> None:
    soon = (datetime.now(UTC) + timedelta(seconds=20)).isoformat()
    rules.write_text(json.dumps({**RULES, "effective_from": soon}), encoding="utf-8")
    code, _, err = siyu("referral publish --by ann", str(rules))
    assert code == 1
    assert "a minute from now at the earliest" in err
    assert dump() == {}


def test_a_check_says_what_would_be_published_and_writes_nothing(
    siyu: Terminal, rules: Path
) -> None:
    code, out, err = siyu("referral publish --check", str(rules))
    assert (code, "version: spring" in out) == (0, True)
    assert f"spring would decide about what is paid from {BEGINS} on, in place of 2026-1" in err
    assert "nothing is written" in err
    assert dump() == {}
    siyu("referral publish --by ann", str(rules))
    before = dump()
    code, _, err = siyu("referral publish --check", str(rules))
    assert (code, "spring is published already" in err) == (0, True)
    rules.write_text(json.dumps({**RULES, "rate_bp": 1}), encoding="utf-8")
    assert siyu("referral publish --check", str(rules))[0] == 1
    rules.write_text(json.dumps({**RULES, "rate_bp": 0}), encoding="utf-8")
    assert siyu("referral publish --check", str(rules))[0] == 2
    assert dump() == before


def test_a_mistake_is_mended_by_another_version_for_the_same_instant(
    siyu: Terminal, tmp_path: Path
) -> None:
    siyu("referral publish --by ann", str(written(tmp_path, **RULES)))
    later = {**RULES, "version": "summer", "effective_from": "2080-06-01T00:00:00+08:00"}
    siyu("referral publish --by ann", str(written(tmp_path, **later)))
    fix = written(tmp_path, **{**RULES, "version": "fix", "rate_bp": 900})
    code, _, err = siyu("referral publish --by bob", str(fix))
    assert code == 0
    assert f"fix decides about what is paid from {BEGINS} on, in place of spring" in err
    assert "spring was to begin at the same instant: it never decides about anything" in err
    assert "until 2080-06-01T00:00:00+08:00, when summer begins" in err
    assert programmes.load().in_force(datetime.fromisoformat(BEGINS)).version == "fix"
    listed = siyu.json("referral programmes")["programmes"]
    assert [one["replaced_by"] for one in listed] == [None, "fix", None, None]
    _, _, err = siyu("referral publish --by ann", str(written(tmp_path, **RULES)))
    assert f"fix was published later for {BEGINS}: spring never decides" in err


def test_rules_that_are_only_tried_need_no_name(siyu: Terminal, tmp_path: Path) -> None:
    path = written(tmp_path, rate_bp=300)
    code, _, err = siyu("referral simulate --rules", str(path))
    assert (code, "simulated what what-if would have come to" in err) == (0, True)
    assert "at face value, redeemed or not" in err
    code, _, err = siyu("referral publish --by ann", str(path))
    assert (code, "version: is missing" in err) == (2, True)
