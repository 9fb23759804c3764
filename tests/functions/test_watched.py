"""Every request of a function is held against its own policy, whichever thread sends it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from siyu.aws import client
from siyu.settings import settings
from tests.policies import watched

READER, OTHER = "code_landing", "scan_signup"


def forbidden() -> None:
    """Something that no reader of codes may do."""
    key = {"PK": {"S": "O#shop#1"}, "SK": {"S": "ORDER"}}
    client("dynamodb").delete_item(TableName=settings().table_name, Key=key)


def broken() -> None:
    forbidden()
    raise ZeroDivisionError


def test_what_the_policy_refuses_fails_in_the_functions_own_thread_and_in_its_pool() -> None:
    with pytest.raises(AssertionError, match="code_landing may not"), watched(READER):
        forbidden()
    with (
        pytest.raises(AssertionError, match="code_landing may not"),
        watched(READER),
        ThreadPoolExecutor(1) as pool,
    ):
        pool.submit(forbidden).result()


def test_what_a_failed_run_asked_for_is_not_laid_to_the_next() -> None:
    with pytest.raises(ZeroDivisionError), watched(READER):
        broken()
    with watched(READER):
        pass


def test_a_request_that_may_be_of_either_of_two_functions_is_not_let_pass() -> None:
    here, done = threading.Event(), threading.Event()

    def run_other() -> None:
        with watched(OTHER):
            here.set()
            done.wait()

    with ThreadPoolExecutor(2) as pool, watched(READER):
        other = pool.submit(run_other)
        here.wait()
        try:
            with pytest.raises(AssertionError, match="nobody can tell whose"):
                pool.submit(forbidden).result()
        finally:
            done.set()
        other.result()
