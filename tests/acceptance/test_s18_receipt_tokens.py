"""Scenario 18: a receipt token that is forged, damaged, over or revoked; and one claimed twice."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from botocore.httpsession import URLLib3Session

from siyu.domain import base32
from siyu.domain.codes import issued_code, mint, receipt_code
from siyu.domain.issued_codes import IssuedKind
from siyu.domain.keys import store_code_key
from siyu.services import show_member
from siyu.storage import codes
from siyu.storage.codes import StoreKeys
from siyu.storage.transaction import Transaction
from tests.functions.calls import body, call, load, refused, with_fields
from tests.services.shop import (
    ISSUED_KEY,
    MASTER_KEY,
    STORE,
    TODAY,
    issue,
    paid,
    receipt,
    scan,
    settle,
)
from tests.support import NOW, at_once, dump, kinds, standin


def signup(**fields: Any) -> Any:
    return call("scan_signup", with_fields(load("scan_signup/receipt"), **fields))


@contextmanager
def calls_counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every HTTP call of the SDK."""
    made: list[str] = []
    send = URLLib3Session.send

    def counting(session: Any, request: Any) -> Any:
        made.append(request.url)
        return send(session, request)

    with monkeypatch.context() as patched:
        patched.setattr(URLLib3Session, "send", counting)
        yield made


def revoke_store_key(version: int) -> None:
    write = Transaction()
    codes.put_keys(write, StoreKeys(STORE, version + 1, (version,), 1))
    write.commit()


def bit_flips(token: str) -> Iterator[str]:
    """Each of the token's 150 bits turned over, one at a time."""
    for place, char in enumerate(token):
        for bit in range(5):
            value = base32.decode(char) ^ 1 << bit
            yield token[:place] + base32.ALPHABET[value] + token[place + 1 :]


def test_a_forged_mac_and_every_flipped_bit_get_the_same_404() -> None:
    token = receipt(1)
    stolen = store_code_key(b"another master key", "brand", STORE, 1)
    first = signup(token=mint(receipt_code(STORE, TODAY, 1), stolen))
    refused(first, 404, "code_not_valid")
    answers = [scan_answer(one) for one in bit_flips(token)]
    assert len(answers) == 150
    assert all(answer == first for answer in answers)
    assert kinds() == {}


def scan_answer(token: str) -> Any:
    # Another address each time: the limit of one address is another scenario.
    event = with_fields(load("scan_signup/receipt"), token=token)
    event["requestContext"]["http"]["sourceIp"] = f"198.51.100.{sum(map(ord, token)) % 250}"
    return call("scan_signup", event)


def test_expired_and_revoked_ones_look_the_same() -> None:
    forged = signup(token="0" * 30)
    expired = signup(token=receipt(1, TODAY - timedelta(days=61)))
    revoke_store_key(1)
    revoked = signup(token=receipt(1))
    assert forged == expired == revoked
    refused(revoked, 404, "code_not_valid")
    assert kinds() == {"KEYS": 1}


def test_unknown_forged_and_expired_tokens_take_the_same_steps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No partner is asked and no table is read, so there is nothing to measure from outside."""
    last_day = TODAY - timedelta(days=1)
    tokens = {
        "no token": "x",
        "forged": "0" * 30,
        "expired receipt": receipt(1, TODAY - timedelta(days=61)),
        "expired code": mint(issued_code(STORE, last_day, 1), ISSUED_KEY),
    }
    answers = set()
    with calls_counted(monkeypatch) as calls:
        for token in tokens.values():
            answers.add(json.dumps(signup(token=token), sort_keys=True))
    assert len(answers) == 1
    assert calls == []
    assert standin.asked("jscode2session") == 0


def test_a_revoked_code_is_refused_and_others_of_its_store_work() -> None:
    poster, door = issue(1, kind=IssuedKind.POSTER), issue(2)
    assert codes.revoke(poster[1:14], NOW)
    refused(signup(token=poster), 404, "code_not_valid")
    assert body(signup(token=door, login_code="openid-ann.2"))["member"]["joined"]


def test_a_stolen_tills_version_is_revoked_and_the_stores_doors_stay_open() -> None:
    door = issue(1)
    revoke_store_key(1)
    refused(signup(token=receipt(1)), 404, "code_not_valid")
    assert body(signup(token=door, login_code="openid-ann.2"))["member"]["joined"]


def test_a_new_key_opens_what_it_signs_after_the_old_one_is_revoked() -> None:
    revoke_store_key(1)
    second = store_code_key(MASTER_KEY, "brand", STORE, 2)
    token = mint(receipt_code(STORE, TODAY, 1, key_version=2), second)
    assert body(signup(token=token))["claim"] == {"status": "pending"}


def test_two_members_claim_one_receipt_at_once() -> None:
    paid("1", 10_000, receipt_token=receipt(1))
    ann, bob = scan(receipt(8), "ann"), scan(receipt(9), "bob")
    outcomes = at_once(2, lambda number: scan(receipt(1), ("ann", "bob")[number]))
    settle()
    winners = [one for one in outcomes if not isinstance(one, Exception)]
    assert len(winners) == 1
    nets = [show_member.show_member(one.member_id).figures.net_minor for one in (ann, bob)]
    assert sorted(nets) == [0, 10_000]


def test_fifty_at_once_make_one_claim_and_one_coupon_and_forty_nine_409s() -> None:
    """And who comes later, through the function, is told nothing about who has it."""
    paid("1", 10_000, buyer_id="b", receipt_token=receipt(1))
    outcomes = at_once(50, lambda number: scan(receipt(1), f"shopper{number}"))
    names = Counter(type(one).__name__ for one in outcomes)
    assert names == {"SignedUp": 1, "AlreadyClaimedError": 49}
    assert (kinds()["COUPON"], kinds()["RECEIPT"]) == (1, 1)
    late = signup(token=receipt(1), login_code="openid-late.1")
    refused(late, 409, "already_claimed")
    owner = next(i["claimed_by"]["S"] for i in dump().values() if "claimed_by" in i)
    assert owner not in json.dumps(late)
