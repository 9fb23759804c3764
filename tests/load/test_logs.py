"""Logs of a run that hold somebody."""

from __future__ import annotations

from pathlib import Path

from tests.load.logs import leaked

SECRET = {"webhooks": {"shop": ["a-key-of-the-shop"]}, "short": "a"}


def test_a_visitor_and_a_key_in_a_log_are_found(tmp_path: Path) -> None:
    (tmp_path / "functions.log").write_text("hello openid-12\nand a-key-of-the-shop\n")
    kinds = [one.split()[:5] for one in leaked(tmp_path, SECRET)]
    assert [" ".join(words) for words in kinds] == [
        "functions.log: identity of a test",
        "functions.log: value of a test",
    ]


def test_what_the_product_did_not_write_is_not_its_leak(tmp_path: Path) -> None:
    (tmp_path / "driver.log").write_text("openid-12")
    (tmp_path / "functions.log").write_text('{"message":"scan_accepted","member":"0A1B2C3D4E5F6"}')
    assert leaked(tmp_path, SECRET) == []
