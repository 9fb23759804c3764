"""Scenario 25: no log holds a person or a secret, whatever happens and in whatever form."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from infra.local.template import functions
from siyu.runtime import logger, metrics
from siyu.wechat import tokens
from tests.acceptance import private
from tests.acceptance.whole_day import (
    WITH_BUCKET,
    engine_that_repeats,
    the_others,
    the_person,
    wechat_that_repeats,
)
from tests.collector import COLLECTOR
from tests.faults import line
from tests.functions.bucket import bucket
from tests.functions.callbacks import print_metrics
from tests.functions.import_events import SAMPLE
from tests.leaks import scan
from tests.support import dump
from tests.template.reading import template

KNOWN = {**private.person(), **private.secrets()}


@pytest.fixture(autouse=True)
def wide_open(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Metrics are printed as on Lambda, and our own logger says all it could."""
    print_metrics(monkeypatch)
    before = logger.log_level
    logger.setLevel(logging.DEBUG)
    yield
    logger.setLevel(before)
    metrics.clear_metrics()


def nobody(logged: str, made: dict[str, str]) -> None:
    """The log holds nothing of anybody's, and it holds something."""
    assert private.found_in(logged, {**KNOWN, **made}) == []
    assert [str(leak) for leak in scan(logged)] == []
    assert "request_refused" in logged


def test_a_day_of_every_function_leaves_nobody_in_the_log(output: Callable[[], str]) -> None:
    made = the_person()
    with bucket() as files:
        files.put("incoming/till/day_file.csv", SAMPLE.read_bytes())
        called = the_others()
    logged = output()
    nobody(logged, made)
    assert made.keys() == {"session", "coupon", "export"}
    assert called == {
        function.handler.partition(".")[0] for function in functions(template()).values()
    }
    assert '{"_aws":' in logged


def test_the_person_was_really_there(output: Callable[[], str]) -> None:
    """Else the scan would find nothing because nothing was said: the answers and the table know."""
    made = the_person()
    assert made.keys() == {"session", "coupon", "export"}
    kinds = {item["kind"]["S"] for item in dump().values()}
    assert kinds >= {"QUARANTINE", "ORDER", "ERASURE", "FACT", "DELIVERY"}, kinds
    assert "event_quarantined" in output()


def conflict(number: int, operation: str) -> str | None:
    return "conflict" if operation[0] == "T" and number % 2 else None


TROUBLES: dict[str, Callable[[], AbstractContextManager[object]]] = {
    "conflicts": lambda: line(conflict),
    "time-outs": lambda: line(lambda _number, _operation: "lost before"),
    "answers that are lost": lambda: line(lambda number, _: "lost after" if number % 3 else None),
    "refusals that repeat the request": engine_that_repeats,
    "some refusals that repeat the request": lambda: engine_that_repeats(3),
}


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(one, marks=pytest.mark.slow if one == "answers that are lost" else ())
        for one in TROUBLES
    ],
)
def test_an_engine_in_trouble_leaves_nobody_in_the_log(
    trouble: str, output: Callable[[], str]
) -> None:
    with TROUBLES[trouble]():
        made = the_person()
        the_others(without=WITH_BUCKET)
    nobody(output(), made)


def as_a_refusal(said: str) -> tuple[int, bytes]:
    return 200, json.dumps({"errcode": 40013, "errmsg": said, "openid": said}).encode()


def as_busy(said: str) -> tuple[int, bytes]:
    return 200, json.dumps({"errcode": -1, "errmsg": said}).encode()


def as_text(said: str) -> tuple[int, bytes]:
    return 502, said.encode()


@pytest.mark.parametrize("reply", [as_a_refusal, as_busy, as_text])
def test_a_wechat_that_repeats_what_it_was_asked_leaves_nobody_in_the_log(
    reply: Callable[[str], tuple[int, bytes]],
    wechat_at: Callable[[str], None],
    output: Callable[[], str],
) -> None:
    tokens._cached.clear()
    with wechat_that_repeats(reply) as origin:
        wechat_at(origin)
        made = the_person()
    nobody(output(), made)


def test_a_silent_wechat_leaves_nobody_in_the_log(
    wechat_at: Callable[[str], None], output: Callable[[], str]
) -> None:
    wechat_at("http://127.0.0.1:9")
    made = the_person()
    nobody(output(), made)


def measure(text: str) -> None:
    metrics.add_metadata("who", text)
    metrics.add_metric("Joined", "Count", 1)
    metrics.flush_metrics()


def fail(text: str) -> None:
    try:
        KNOWN[f"no {text}"]
    except KeyError:
        print(traceback.format_exc())


WAYS: dict[str, Callable[[str], object]] = {
    "a print": print,
    "our logger": lambda text: logger.info("joined", who=text),
    "our logger at DEBUG": logger.debug,
    "a library's logger at DEBUG": lambda text: logging.getLogger("some.library").debug(text),
    "a metric": measure,
    "an exception": fail,
}


@pytest.mark.parametrize("way", WAYS)
def test_the_scan_finds_what_is_planted(way: str, output: Callable[[], str]) -> None:
    """Each thing, in each of its forms, in the middle of something else, by each way there is."""
    for name, value in KNOWN.items():
        for form, shown in private.forms(value).items():
            WAYS[way](f"before{shown}after")
            found = private.found_in(output(), {name: value})
            assert any(said.startswith(name) for said in found), (name, form)
    COLLECTOR.look()  # what is planted here is no leak that the product made
