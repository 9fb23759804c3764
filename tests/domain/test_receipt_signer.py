"""The till's signer, the published page and the server say the same."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook

from siyu.domain import base32
from siyu.domain.codes import EPOCH, CodeKind, mint, read, receipt_code, verify
from siyu.domain.standard_webhooks import verify as verify_webhook
from siyu.errors import SignatureError

ROOT = Path(__file__).resolve().parents[2]
SIGNER = ROOT / "events" / "receipt" / "sign.py"
PAGE = ROOT / "docs" / "receipt-code.md"
LAST_DAY = EPOCH + timedelta(days=2**15 - 1)


def load() -> ModuleType:
    spec = spec_from_file_location("receipt_signer", SIGNER)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


signer = load()


def table(first_column: str) -> list[list[str]]:
    """The rows of the page's table that begins with a column of this name."""
    lines = iter(PAGE.read_text(encoding="utf-8").splitlines())
    assert any(line.startswith(f"| {first_column} |") for line in lines)
    next(lines)
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip(" `") for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    return rows


VECTORS, REFUSED = table("Key"), table("Token")


# As the server has it: a key for each store and version, another one for a store not on the page.
KEYS = {(store, int(version)): bytes.fromhex(key) for key, store, _, _, version, _ in VECTORS}
ANOTHER_KEY = b"another store's key".ljust(32)


def accepted(token: str) -> bool:
    code = read(token)
    if code is None or code.kind is not CodeKind.RECEIPT:
        return False
    return verify(token, code, KEYS.get((code.store, code.key_version), ANOTHER_KEY))


@pytest.mark.parametrize("row", VECTORS, ids=[row[-1] for row in VECTORS])
def test_signer_and_server_make_the_tokens_of_the_page(row: list[str]) -> None:
    key, store, day, serial, version, token = row
    secret, when = bytes.fromhex(key), date.fromisoformat(day)
    assert signer.token(secret, store, when, int(serial), int(version)) == token
    assert mint(receipt_code(store, when, int(serial), int(version)), secret) == token
    assert accepted(token)


@pytest.mark.parametrize("token", [row[0] for row in REFUSED])
def test_the_server_refuses_what_the_page_says_it_refuses(token: str) -> None:
    assert not accepted(token)


def test_the_page_has_enough_to_go_by() -> None:
    assert len(VECTORS) >= 6
    assert len(REFUSED) >= 3
    assert len({row[0] for row in VECTORS}) == len(KEYS)
    assert len({row[0] for row in REFUSED}) == len(REFUSED)


@settings(max_examples=500)
@given(
    key=st.binary(min_size=32, max_size=32),
    store=st.text(base32.ALPHABET, min_size=3, max_size=3),
    day=st.dates(EPOCH + timedelta(days=1), LAST_DAY),
    serial=st.integers(0, 2**35 - 1),
    version=st.integers(0, 7),
)
def test_signer_and_server_agree(
    key: bytes, store: str, day: date, serial: int, version: int
) -> None:
    token = signer.token(key, store, day, serial, version)
    code = receipt_code(store, day, serial, version)
    assert token == mint(code, key)
    assert read(token) == code


@settings(max_examples=500)
@given(
    store=st.text(max_size=4) | st.text(base32.ALPHABET + "abcILOU", min_size=3, max_size=3),
    day=st.dates(),
    serial=st.integers(-2, 2) | st.integers(2**35 - 2, 2**35 + 2),
    version=st.integers(-1, 9),
)
def test_what_the_signer_signs_the_server_signs_alike(
    store: str, day: date, serial: int, version: int
) -> None:
    key = b"k" * 32
    try:
        token = signer.token(key, store, day, serial, version)
    except ValueError:
        return
    assert token == mint(receipt_code(store, day, serial, version), key)


GIVEN = {
    "--key": VECTORS[0][0],
    "--store": "A1B",
    "--day": "2026-11-22",
    "--serial": "123",
}


def run(**changed: str) -> subprocess.CompletedProcess[str]:
    options = {**GIVEN, **{f"--{name}": value for name, value in changed.items()}}
    words = [word for option in options.items() for word in option]
    command = [sys.executable, "-I", str(SIGNER), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)


def test_the_command_prints_the_token_or_the_link() -> None:
    (_, _, _, _, _, first), (key, *_, version, token) = VECTORS[0], VECTORS[2]
    assert run().stdout == f"{first}\n"
    assert run(key=key, version=version).stdout == f"{token}\n"
    link = run(link="https://shop.example/r/")
    assert (link.returncode, link.stderr) == (0, "")
    assert link.stdout == f"https://shop.example/r/{first}\n"
    assert link.stdout in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"key": "00" * 31}, "32 bytes"),
        ({"key": "xy" * 32}, "hexadecimal"),
        ({"store": "a1b"}, "3 characters"),
        ({"store": "A1"}, "3 characters"),
        ({"store": "A1O"}, "3 characters"),
        ({"day": "22.11.2026"}, "--day"),
        ({"day": "2026-02-30"}, "--day"),
        ({"day": "2000-01-01"}, "2000-01-02"),
        ({"day": "2089-09-18"}, "2089-09-17"),
        ({"serial": "34359738368"}, "34359738367"),
        ({"serial": "x"}, "--serial"),
        ({"version": "8"}, "0 and 7"),
    ],
)
def test_the_command_says_what_is_wrong_and_never_shows_the_key(
    changed: dict[str, str], said: str
) -> None:
    done = run(**changed)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert changed.get("key", GIVEN["--key"]) not in done.stderr


def test_a_missing_option_is_named() -> None:
    done = subprocess.run(
        [sys.executable, "-I", str(SIGNER)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert all(option in done.stderr for option in GIVEN)


def test_the_signer_is_one_short_file_of_old_python_without_dependencies() -> None:
    source = SIGNER.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 60
    tree = ast.parse(source, feature_version=(3, 6))
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert not any(isinstance(node, ast.ImportFrom) for node in ast.walk(tree))
    assert imported == {"argparse", "datetime", "hashlib", "hmac"}
    assert imported <= sys.stdlib_module_names


@pytest.mark.parametrize("part", ["Part", "Part of a capture"])
def test_a_signed_request_of_the_page_holds_and_no_other_does(part: str) -> None:
    """Checked with another implementation of the standard than ours."""
    told = dict(table(part))
    headers = {name: value for name, value in told.items() if name.startswith("webhook-")}
    at = datetime.fromtimestamp(int(told["webhook-timestamp"]), UTC)
    body = told["body"].encode()
    assert verify_webhook(headers, body, [told["secret"]], at) == told["webhook-id"]
    signed = Webhook(told["secret"]).sign(told["webhook-id"], at, told["body"])
    assert signed == told["webhook-signature"]
    with pytest.raises(SignatureError):
        verify_webhook(headers, body + b" ", [told["secret"]], at)
