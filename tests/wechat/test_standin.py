"""The stand-in's server, and the accounts that a local run gives it."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from infra.local.secret_store import load_or_create
from infra.local.standins.server import Server
from infra.local.wiring import accounts_json
from siyu.wechat.callback import decrypt, encrypt

SEND = "/cgi-bin/externalcontact/send_welcome_msg"


def ask(server: Server, path: str, data: bytes | None = None) -> dict[str, Any]:
    with urllib.request.urlopen(f"{server.origin}{path}", data, timeout=5) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def test_the_server_lists_the_welcomes_that_were_sent(server: Server) -> None:
    body = json.dumps({"welcome_code": "one", "text": {"content": "欢迎"}}).encode()
    path = f"{SEND}?access_token={server.state.token('wecom')}"
    assert ask(server, path, body)["errcode"] == 0
    assert ask(server, "/_standin/sent") == {"sent": [{"welcome_code": "one", "text": "欢迎"}]}


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff"])
def test_a_body_that_is_no_object_has_its_own_errcode(server: Server, body: bytes) -> None:
    assert ask(server, SEND, body)["errcode"] == 47001


@pytest.mark.parametrize("body", [None, b"{}"])
def test_an_unknown_path_is_not_found(server: Server, body: bytes | None) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404") as error:
        ask(server, "/other", body)
    error.value.close()


def test_the_local_secret_has_accounts_that_a_callback_can_use(tmp_path: Path) -> None:
    path, properties = tmp_path / "secret.json", {"SecretString": '{"wecom": null}'}
    first = load_or_create(path, properties, ["shop"])
    assert load_or_create(path, properties, ["shop"]) == first
    for name in ("wecom", "official_account"):
        account = first[name]
        assert re.fullmatch(r"[A-Za-z0-9]{32}", account["token"])
        assert re.fullmatch(r"[A-Za-z0-9]{43}", account["aes_key"])
        encrypted = encrypt(account["aes_key"], account["id"], b"hello")
        assert decrypt(account["aes_key"], account["id"], encrypted) == b"hello"


def test_the_stand_in_knows_the_accounts_of_the_local_secret(tmp_path: Path) -> None:
    secret = load_or_create(tmp_path / "secret.json", {}, [])
    accounts = json.loads(accounts_json("wxlocal", secret))
    assert accounts["mini_program"] == {"id": "wxlocal", "secret": secret["wechat_secret"]}
    for name in ("wecom", "official_account"):
        assert accounts[name] == {key: secret[name][key] for key in ("id", "secret")}
