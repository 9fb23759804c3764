"""What a run of cold starts is held to, and what a runtime is told."""

from __future__ import annotations

import json
from threading import Thread
from urllib.request import Request, urlopen

import pytest

from infra.coldstart import report
from infra.coldstart.runtime_api import NEXT, RESPONSE, ColdStartError, RuntimeApi
from infra.coldstart.sample import Sample, check


def sample(init: float = 100, first: float = 10, second: float = 2) -> Sample:
    return Sample(init, 0, first, 0, second, 0, 50)


def missed(function: str, one: Sample, rounds: int = report.FULL_ROUNDS) -> list[str]:
    samples = {"bare": [sample(30)] * rounds, function: [one] * rounds}
    return [target.what for target in report.targets(samples) if not target.met]


def test_a_receiver_has_less_to_spend_than_the_others() -> None:
    assert missed("order_webhook", sample(195)) == []
    assert missed("order_webhook", sample(196)) == ["INIT, x bare"]
    assert missed("scan_signup", sample(270)) == []
    assert missed("scan_signup", sample(271)) == ["INIT, x bare"]


def test_the_first_invocation_costs_little_beyond_its_work() -> None:
    what = ["first invocation, cpu ms"]
    assert missed("scan_signup", sample(first=20, second=19)) == []
    assert missed("scan_signup", sample(first=21, second=19)) == what
    assert missed("audience_export", sample(first=120, second=100)) == []
    assert missed("audience_export", sample(first=121, second=100)) == what
    assert missed("segment_nightly", sample(first=500)) == []


def test_few_rounds_are_held_to_looser_limits_and_say_so() -> None:
    assert missed("scan_signup", sample(330), rounds=3) == []
    assert missed("scan_signup", sample(340), rounds=3) == ["INIT, x bare"]
    samples = {"bare": [sample(30)] * 3, "scan_signup": [sample(340)] * 3}
    told = "\n".join(report.text(samples))
    assert "limits are 1.25 times as wide" in told
    assert "MISSED scan_signup: INIT, x bare is 11.3, allowed 11.2" in told


@pytest.mark.parametrize("answer", [{"statusCode": 404}, {"batchItemFailures": [{}]}])
def test_an_answer_that_is_no_success_is_no_measurement(answer: dict[str, object]) -> None:
    with pytest.raises(ColdStartError):
        check("scan_signup", json.dumps(answer).encode())


def test_a_runtime_waits_for_its_event_and_answers_it() -> None:
    api = RuntimeApi("scan_signup", 5)
    root = f"http://{api.address}/2018-06-01/runtime/invocation"
    got: list[tuple[str, object]] = []

    def runtime() -> None:
        with urlopen(f"{root}/next") as question:
            name = question.headers["Lambda-Runtime-Invoked-Function-Arn"]
            got.append((name, json.load(question)))
        urlopen(Request(f"{root}/1/response", b'{"statusCode": 200}')).close()
        urlopen(Request(f"{root}/1/error", b"{}")).close()

    thread = Thread(target=runtime)
    thread.start()
    try:
        api.hear(NEXT)
        assert not got
        api.send({"a": 1})
        assert api.hear(RESPONSE).body == b'{"statusCode": 200}'
        with pytest.raises(ColdStartError, match="scan_signup said error"):
            api.hear(NEXT)
    finally:
        thread.join()
        api.close()
    assert got == [("arn:aws:lambda:us-east-1:000000000000:function:scan_signup", {"a": 1})]
