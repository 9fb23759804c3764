"""The scanner finds what must not be logged and nothing else; a planted leak fails its test."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from infra.local.engine import ROOT
from siyu.domain import base32
from siyu.domain.codes import mint, receipt_code
from tests.collector import Collector, secrets_of
from tests.leaks import SHAPES, scan

WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PLANTED = {
    "phone number": ["13800138000", "+8613800138000", "86-138 0013 8000"],
    "openid": ["oGZUI0egBJY1zhBYw2KhdUfwVJJE", "o6_bmjrPTlm6_2sgVt7hMZOPfL2M"],
    "external_userid": ["wmEJiCwAAA9KG2qlQCGrmGa0-9DpQtFw"],
    "identity of a test": ["openid-ann", "union-openid-ann", "wm-ann", "shopper12", "welcome-1"],
    "login code": ["openid-bob.code1"],
    "session key": ["tiihtNczf5v6AKRyjwEUhQ=="],
    "JSON Web Token": [
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIwMDAwMDAwMDAwMEExIn0.c2lnbmF0dXJlc2lnbmF0dXJl"
    ],
    "webhook secret": [WEBHOOK_SECRET],
    "webhook signature": ["v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4="],
    "private key": ["-----BEGIN RSA PRIVATE KEY-----"],
    "access token": ["access_token=6f1e7a"],
    "token of a code": [mint(receipt_code("A1B", date(2026, 11, 22), 1), bytes(32))],
    "delivery address": ["上海市徐汇区淮海中路 1000 号", "学院路 1 + 2 号", "123 Shipping Street"],
    "address": ["192.0.2.7"],
}
# What log lines are full of.
HARMLESS = [
    '{"timestamp":"2026-11-22 12:00:00,123+0800","correlation_id":"JKJaXmPLvHcESHA="}',
    '{"function_request_id":"8286a188-ba32-4475-8077-530cd35c09a9"}',
    '{"member":"00000000000A1","order_key":"shop#1001","delivery_id":"msg_1~0a1b2c3d4e5f60718293"}',
    '{"_aws":{"Timestamp":1795300000000},"NetSalesMinor":[90000.0]}',
    '{"sequence_number":"4421584500000000017450439091","message_id":"m1"}',
    '{"location":"lambda_handler:41","function_arn":"arn:aws:lambda:us-east-1:000000000000:f"}',
    "http://127.0.0.1:13800/ union_of openid pending welcome_failed wecom_refused code_not_valid",
]


def test_every_shape_is_planted() -> None:
    assert PLANTED.keys() == SHAPES.keys()


@pytest.mark.parametrize("kind", PLANTED)
def test_what_is_planted_is_found_wherever_it_stands(kind: str) -> None:
    for value in PLANTED[kind]:
        for text in (value, json.dumps({"cause": f"no {value}"}), f"a\nb '{value}',\nc"):
            assert kind in {leak.kind for leak in scan(text)}, (kind, text)


@pytest.mark.parametrize("line", HARMLESS)
def test_what_lines_are_made_of_is_no_leak(line: str) -> None:
    assert scan(line) == []


def test_a_member_id_and_a_coupon_code_are_not_taken_for_a_token() -> None:
    for length in (12, 13, 29, 31):
        assert scan(base32.encode(2**50 - 1, length)) == []


def test_a_leak_tells_its_line() -> None:
    (leak,) = scan("one\ntwo 13800138000 2\nthree")
    assert (leak.found, leak.line) == ("13800138000", "two 13800138000 2")


def test_known_values_are_found_whatever_their_shape() -> None:
    (leak,) = scan("x\nthe secret is hunter-2!", ["hunter-2!"])
    assert (leak.kind, leak.line) == ("value of a test", "the secret is hunter-2!")


def test_the_secrets_of_the_tests_are_known_and_no_names_of_theirs() -> None:
    account = {"id": "ww1436e0e65a779aee", "secret": "of-wecom", "token": "of-callbacks"}
    sources = {"shop": [WEBHOOK_SECRET], "intl": {"kind": "shopify", "secrets": ["of-shopify"]}}
    fields = {"master_key": "of-the-brand", "webhooks": sources, "wecom": account}
    known = ["of-the-brand", WEBHOOK_SECRET, "of-shopify", "of-wecom", "of-callbacks"]
    assert list(secrets_of(fields)) == known


def test_a_collector_reads_what_a_process_wrote_until_it_has_ended(tmp_path: Path) -> None:
    class Ended:
        def alive(self) -> bool:
            return False

    log = tmp_path / "OrderWorkerFunction-Orders.log"
    log.write_text("Traceback: no openid-ann here\n", encoding="utf-8")
    collector = Collector(logs=[(Ended(), log.open("rb"))])
    assert [leak.found for leak in collector.look()] == ["openid-ann"]
    assert (collector.logs, collector.look()) == ([], [])


def test_of_what_a_test_prints_only_metrics_are_looked_at() -> None:
    printed = 'openid-ann\n{"_aws": {}, "reason": "openid-bob"}\n'
    assert [leak.found for leak in Collector().look(printed)] == ["openid-bob"]


SUITE = """
def test_good() -> None:
    from siyu.runtime import logger
    logger.info("event_recorded", order_key="shop#1")

def test_bad() -> None:
    from siyu.runtime import logger
    logger.info("event_recorded", buyer="openid-ann")
"""


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_planted_leak_fails_its_test_and_no_other(tmp_path: Path, workers: str) -> None:
    """In one process, and in the workers of pytest-xdist."""
    (tmp_path / "test_planted.py").write_text(SUITE, encoding="utf-8")
    command = ["-m", "pytest", "-q", "-p", "tests.collector", "-n", workers, str(tmp_path)]
    done = subprocess.run(
        [sys.executable, *command, "--rootdir", str(tmp_path), "-c", "/dev/null"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1, done.stderr
    assert "2 passed, 1 error" in done.stdout
    assert "test_planted.py::test_bad" in done.stdout
    assert "test_planted.py::test_good" not in done.stdout
    assert "identity of a test 'openid-ann'" in done.stdout
