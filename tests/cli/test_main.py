"""The command's words, its exit codes, and what it never prints."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from infra.local.process import free_port
from infra.local.stack import ENV_FILE
from siyu.services.link_phone import link_phone
from siyu.services.match_people import suspect
from siyu.storage import codes
from tests.cli.terminal import ORIGIN, Terminal
from tests.services.shop import receipt, scan

# The command reads the clock, so what it looks at must not lie in its future.
NOW = datetime.now(UTC)


def create(siyu: Terminal, line: str = "--kind store") -> Any:
    return siyu.json(f"codes create --store a1b --origin {ORIGIN}/ {line}")


def test_a_code_is_made_found_by_what_somebody_types_and_revoked(
    siyu: Terminal, tmp_path: Path
) -> None:
    line = "--kind guide --guide lily --benefit spring --value 2000 --valid-days 14 --quota 5"
    made = create(siyu, f"{line} --until 2080-01-01 --out {tmp_path}")
    token = made["token"]
    assert made["link"] == f"{ORIGIN}/r/{token}"
    assert made["friend_link"]
    assert (tmp_path / "code.svg").read_text().startswith("<svg")
    assert (tmp_path / "code.png").read_bytes().startswith(b"\x89PNG")
    typed = "-".join(token.lower()[at : at + 5] for at in range(0, 30, 5)).replace("0", "o")
    shown = siyu.json("codes show", typed)
    assert (shown["key"], shown["state"], shown["quota"]) == (made["key"], "open", 5)
    assert (shown["benefit"], shown["value_minor"], shown["valid_until"]) == (
        *("spring", 2000),
        "2080-01-01",
    )
    assert siyu("codes revoke", f" {token[:15]} {token[15:]}")[0] == 0
    assert siyu.json("codes show", made["key"])["state"] == "revoked"


def test_a_list_says_how_each_code_stands(siyu: Terminal) -> None:
    for line in ("", "--from 2080-01-01", "--until 2020-01-01"):
        create(siyu, f"--kind poster {line}")
    assert [one["state"] for one in siyu.json("codes list A1B")] == ["open", "not begun", "over"]
    _, out, _ = siyu("codes list A1B")
    assert out.count("poster") == 3
    assert siyu("codes list B2C")[1:] == ("", "siyu: no codes were made for store B2C\n")


def test_a_wrong_code_is_told_with_all_its_reasons(siyu: Terminal) -> None:
    code, out, err = siyu(f"codes create --kind guide --store A1 --value 5 --origin {ORIGIN}")
    assert (code, out) == (2, "")
    assert [line.split()[1] for line in err.splitlines()] == ["store", "value_minor", "no"]


@pytest.mark.parametrize("typed", ["0" * 13, "0" * 30, "A1B", receipt(1)])
def test_what_was_not_issued_is_not_found(siyu: Terminal, typed: str) -> None:
    for word in ("show", "revoke"):
        assert siyu(f"codes {word} {typed}")[0] == 1


@pytest.mark.parametrize(
    "line",
    [
        "codes show U!",
        "codes list A1",
        "codes create --kind door --store A1B --origin https://shop.example",
        "codes create --kind store --store A1B --origin https://shop.example/x",
        "codes create --kind store --store A1B --origin shop.example",
        "codes batch nowhere.csv --origin https://shop.example --out x --name A/B",
        "codes batch nowhere.csv --origin https://shop.example --out x",
        "store revoke A1B --version 8",
        "members merge 0000000000000 0000000000001 --by me",
        "codes list A1B --local --stack siyu",
        "codes revoke",
        "codes revoke 0000000000000 --list codes.csv",
        "codes revoke --list nowhere.csv",
        "coupons issue 0000000000000 --benefit summer",
    ],
)
def test_bad_input_is_two(siyu: Terminal, line: str) -> None:
    assert siyu(line)[0] == 2


def test_keys_are_shown_rotated_and_revoked(siyu: Terminal) -> None:
    first = siyu.json("store keys a1b")
    assert (first["version"], len(first["receipt_key"])) == (1, 64)
    assert first["request_secret"].startswith("whsec_")
    assert "secrets" in siyu("store keys A1B")[2]
    create(siyu)
    code, _, err = siyu("store revoke A1B --version 1")
    assert (code, "rotate first" in err) == (1, True)
    assert siyu.json("store rotate A1B") == {"store": "A1B", "current": 2, "revoked": []}
    code, out, err = siyu("store revoke A1B --version 1")
    assert (code, out) == (0, "store: A1B\ncurrent: 2\nrevoked: 1\n")
    assert "receipts and requests of version 1 are refused" in err
    assert [one["state"] for one in siyu.json("codes list A1B")] == ["open"]
    assert siyu.json("store keys A1B")["receipt_key"] != first["receipt_key"]
    assert "stand still" in siyu("store revoke A1B --version 2 --force")[2]


def test_reviews_are_read_decided_and_taken_back(siyu: Terminal) -> None:
    older, younger = (scan(receipt(n), f"o{n}").member_id for n in (1, 2))
    suspect(older, younger, "phone", NOW)
    (review,) = siyu.json("members reviews")
    assert {review["member"], review["other"]} == {older, younger}
    assert siyu(f"members approve {review['review']} --by", "shop manager")[0] == 0
    shown = siyu.json(f"members show {older}")
    assert {one["account"] for one in shown["accounts"]} == {older, younger}
    (merge,) = shown["merges"]
    assert (merge["proof"], merge["merged_by"]) == ("review: phone", "shop manager")
    assert siyu(f"members reject {review['review']} --by me")[0] == 1
    undo = f"members undo {merge['merged']} --by me --because mistake"
    assert siyu(undo)[0] == 0
    assert siyu(undo)[0] == 1
    assert siyu.json(f"members show {older}")["merges"] == []
    assert siyu.json(f"members merge {older} {younger} --by me --because asked")["into"]
    again = siyu(f"members merge {older} {younger} --by me --because asked")
    assert again == (0, "", "siyu: they were one person already\n")


def test_a_rejected_review_is_off_the_list(siyu: Terminal) -> None:
    one, other = (scan(receipt(n), f"o{n}").member_id for n in (1, 2))
    suspect(one, other, "receipt", NOW)
    (review,) = siyu.json("members reviews")
    assert siyu(f"members reject {review['review']} --by me")[0] == 0
    assert siyu("members reviews")[1:] == ("", "siyu: nothing waits for a decision\n")


def test_a_member_is_shown_without_phone_or_anything_worth_money(siyu: Terminal) -> None:
    joined = scan(receipt(1), "openid-of-ann")
    link_phone(joined.member_id, "+8613800138000", NOW)
    assert joined.coupon is not None
    for more in ([], ["--json"]):
        code, out, _ = siyu(f"members show {joined.member_id}", *more)
        assert code == 0
        assert "welcome" in out
        assert "openid, phone" in out
        for secret in ("13800138000", "openid-of", joined.coupon.code, joined.referral_code):
            assert secret not in out


def outside(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as a process that knows of no engine."""
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = [sys.executable, "-m", "infra.cli", *arguments]
    return subprocess.run(
        command, env={**clean, **environment}, capture_output=True, text=True, check=False
    )


def test_help_names_every_command() -> None:
    told = outside("--help")
    assert (told.returncode, told.stderr) == (0, "")
    assert "exit codes" in told.stdout
    for group in ("codes", "coupons", "store", "members"):
        assert outside(group, "--help").returncode == 0
        assert group in told.stdout


def test_without_a_place_it_asks_for_one() -> None:
    told = outside("codes", "list", "A1B")
    assert (told.returncode, told.stdout) == (2, "")
    assert "say where: --stack NAME or --local" in told.stderr


def test_a_run_that_is_not_there_cannot_be_reached(tmp_path: Path) -> None:
    told = outside("codes", "list", "A1B", "--data", str(tmp_path))
    assert (told.returncode, "make dev" in told.stderr) == (3, True)


@pytest.mark.parametrize("words", ["store keys A1B", "codes list A1B", "store rotate A1B"])
def test_a_run_that_was_killed_cannot_be_reached(tmp_path: Path, words: str) -> None:
    left = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    for name in ("AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_SECRETS_MANAGER"):
        left[name] = f"http://127.0.0.1:{free_port()}"
    (tmp_path / ENV_FILE).write_text(json.dumps(left), encoding="utf-8")
    told = outside("--data", str(tmp_path), *words.split())
    assert (told.returncode, told.stdout) == (3, "")
    assert told.stderr.startswith("siyu: ")
    assert "Traceback" not in told.stderr


def test_ctrl_c_says_how_to_go_on(siyu: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(store: str) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(codes, "of_store", stopped)
    code, _, err = siyu("codes list A1B")
    assert (code, "goes on" in err) == (130, True)
