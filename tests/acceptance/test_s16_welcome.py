"""Scenario 16: a new friend is welcomed within 20 seconds, once, even by a cold function."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from siyu.services import identities
from siyu.services.welcome_friend import Welcome, welcome_friend
from siyu.settings import settings
from siyu.storage import relations
from siyu.wechat import tokens
from tests import support
from tests.faults import KilledError, at_call, line
from tests.functions.callbacks import counted, friend, print_metrics, queued
from tests.functions.calls import batch, call
from tests.services.contacts import ANN, added, settle_contacts
from tests.services.shop import door, issue, scan
from tests.support import NOW, kinds
from tests.wechat.partner import Partner, Reply, partner

DEADLINE_SECONDS = 20
TOKEN: Reply = {"errcode": 0, "access_token": "one", "expires_in": 7200}
CONTACT: Reply = {"errcode": 0, "external_contact": {"unionid": ANN}}
SENDS = "/cgi-bin/externalcontact/send_welcome_msg"
COLD = (
    "import json, sys\n"
    "from infra.local.invoke import Context, load_handler\n"
    "handler = load_handler('contact_worker.handler.lambda_handler')\n"
    "print(json.dumps(handler(json.load(sys.stdin), Context('F', 30))))\n"
)


@pytest.fixture(autouse=True)
def metrics_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    print_metrics(monkeypatch)


@contextmanager
def wecom_says(monkeypatch: pytest.MonkeyPatch, *replies: Reply) -> Iterator[Partner]:
    """A WeCom that says just this."""
    with partner(*replies) as said, monkeypatch.context() as changed:
        changed.setenv("WECOM_API_URL", said.origin)
        settings.cache_clear()
        yield said
    settings.cache_clear()
    tokens._cached.clear()


def event(seconds_ago: float = 0, welcome_code: str = "w1", external_id: str = "wm-ann") -> str:
    """The receiver's message about a friend of a moment ago, by the machine's clock."""
    at = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    fields = friend(external_id, at, State=issue(7), WelcomeCode=welcome_code)
    return queued(fields, at=at)


def work(*messages: str) -> None:
    assert call("contact_worker", batch(*messages)) == {"batchItemFailures": []}


def welcomed() -> list[str]:
    return [one["welcome_code"] for one in support.standin.sent()]


def test_a_new_friend_is_welcomed_in_chinese_and_by_the_brands_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    work(event())
    (welcome,) = support.standin.sent()
    assert "brand" in welcome["text"]
    assert "您好" in welcome["text"]
    assert counted(capsys.readouterr().out) == {"ContactFriendAdded": 1, "WelcomeSent": 1}


def test_a_cold_function_is_in_time() -> None:
    """From nothing: a new process, its imports, its clients and its token."""
    took = []
    for number in range(5):
        message = event(welcome_code=f"cold-{number}", external_id=f"wm-cold{number}")
        started = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-c", COLD],
            input=json.dumps(batch(message)),
            capture_output=True,
            text=True,
            check=True,
        )
        took.append(time.monotonic() - started)
        assert json.loads(done.stdout.splitlines()[-1]) == {"batchItemFailures": []}
    assert welcomed() == [f"cold-{number}" for number in range(5)]
    assert max(took) < DEADLINE_SECONDS / 2


def test_nothing_but_one_read_and_the_token_goes_before_the_welcome(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scan(door(), "ann", unionid=ANN)
    before_welcome = []
    with wecom_says(monkeypatch, TOKEN, {"errcode": 0}, CONTACT) as said:

        def fault(_: int, operation: str) -> None:
            if SENDS not in said.paths():
                before_welcome.append(operation)

        message = event()
        with line(fault):
            work(message)
    assert before_welcome == ["BatchGetItem"]
    assert said.paths() == ["/cgi-bin/gettoken", SENDS, "/cgi-bin/externalcontact/get"]
    assert json.loads(said.requests[1][2])["welcome_code"] == "w1"


@pytest.mark.parametrize("seconds", [DEADLINE_SECONDS, DEADLINE_SECONDS + 1, 3600])
def test_a_late_event_sends_none_and_says_so(
    seconds: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with wecom_says(monkeypatch, TOKEN, CONTACT) as said:
        work(event(seconds))
    assert SENDS not in said.paths()
    assert counted(capsys.readouterr().out) == {"ContactFriendAdded": 1, "WelcomeMissed": 1}
    assert kinds()["RELATION"] == 1


def test_an_event_without_welcome_code_sends_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """WeCom gives no code where somebody has set a welcome in its own console."""
    with wecom_says(monkeypatch, TOKEN, CONTACT) as said:
        work(event(welcome_code=""))
    assert SENDS not in said.paths()
    assert counted(capsys.readouterr().out) == {"ContactFriendAdded": 1}


def test_a_welcome_that_was_sent_already_is_not_tried_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with wecom_says(monkeypatch, TOKEN, {"errcode": 41051}, CONTACT) as said:
        work(event())
    assert said.paths().count(SENDS) == 1
    assert counted(capsys.readouterr().out) == {"ContactFriendAdded": 1}
    assert kinds()["RELATION"] == 1


def test_while_another_app_is_sending_it_is_tried_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    work(event(welcome_code="busy2"))
    assert welcomed() == ["busy2"]
    assert counted(capsys.readouterr().out)["WelcomeSent"] == 1


def test_the_deadline_ends_the_trying(monkeypatch: pytest.MonkeyPatch) -> None:
    with wecom_says(monkeypatch, TOKEN, {"errcode": 41096}) as said:
        started = time.monotonic()
        work(event(DEADLINE_SECONDS - 2.5))
    assert time.monotonic() - started < 4
    assert 1 <= said.paths().count(SENDS) < 5


@pytest.mark.parametrize("reply", [{"errcode": -1}, {"errcode": 45009}, {"errcode": 41050}, b"<"])
def test_whatever_becomes_of_the_welcome_the_friend_is_a_friend(
    reply: Reply, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = scan(door(), "ann", unionid=ANN)
    replies = [reply] * (2 if reply == {"errcode": -1} else 1)
    with wecom_says(monkeypatch, TOKEN, *replies, CONTACT):
        work(event())
    settle_contacts()
    owned = identities.wecom_contact("wm-ann")
    assert [relation.active for relation in relations.at(owned)] == [True]
    assert support.dump()[(f"I#wecom#{owned[1]}", "IDENTITY")]["member_id"]["S"] == ann.member_id


def test_a_repeat_is_welcomed_no_more() -> None:
    message = event()
    work(message, message)
    work(message)
    assert welcomed() == ["w1"]


def test_killed_anywhere_and_delivered_again_wecom_takes_one_welcome_only() -> None:
    finished, number = False, 0
    while not finished:
        support.empty_table()
        support.forget_login_codes()
        message, number = event(), number + 1
        try:
            with line(at_call(number, "killed after")) as broken:
                work(message)
            finished = len(broken.calls) < number
        except KilledError:
            work(message)
        assert welcomed() == ["w1"]
        assert kinds() == {"CODE": 1, "DELIVERY": 1, "RELATION": 1, "LINK": 1}
    assert number == 4


@pytest.mark.parametrize(
    ("seconds", "outcome"), [(0, Welcome.SENT), (19.9, Welcome.SENT), (20, Welcome.MISSED)]
)
def test_the_deadline_is_the_one_wecom_sets(seconds: float, outcome: Welcome) -> None:
    new = added(welcome_code="w1")
    assert welcome_friend(new, NOW + timedelta(seconds=seconds)) is outcome
