"""One code, one hold: whoever has seen a code that was used gets nothing by it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from siyu.api import session
from siyu.services.verify_till import till_secret
from siyu.storage import keys
from tests.faults import line
from tests.functions.callbacks import counted, print_metrics
from tests.functions.calls import ANN, BOB, TIMESTAMP, body, call, join, load, refused
from tests.functions.tills import HOLDS, NAME, capture, code, hold, states, void
from tests.services.purse import earn
from tests.services.shop import STORE, receipt
from tests.support import NOW, at_once, dump

DAY = 86_400
NEXT = "till-1-0009"


@pytest.fixture(autouse=True)
def ann() -> None:
    join(ANN, receipt(1), "openid-ann")
    earn(ANN, "a1", 1_000)


def statuses(answers: list[Any]) -> list[int]:
    return sorted(answer["statusCode"] for answer in answers)


def test_a_code_that_a_hold_was_made_with_makes_no_other() -> None:
    shown = code()
    first = hold(100, shown=shown)
    before = dump()
    refused(hold(100, NEXT, shown), 409, "code_used")
    elsewhere = {"path": HOLDS.replace(STORE, "B2C"), "secret": till_secret("B2C", 1)}
    refused(hold(100, NAME, shown, **elsewhere), 409, "code_used")
    assert hold(100, shown=shown) == first
    assert hold(100, shown=shown, later=3_600) == first
    assert dump() == before


def test_a_used_code_does_not_tell_what_there_is_left() -> None:
    shown = code()
    hold(600, shown=shown)
    assert hold(400, NEXT, shown) == hold(401, NEXT, shown)


@pytest.mark.parametrize("settled", [lambda: capture(100), void])
def test_a_code_stays_used_when_its_hold_is_settled(settled: Callable[[], Any]) -> None:
    shown = code()
    hold(600, shown=shown)
    assert settled()["statusCode"] == 200
    refused(hold(100, NEXT, shown), 409, "code_used")
    assert hold(100, NEXT)["statusCode"] == 200


def test_a_refused_wish_uses_up_no_code() -> None:
    shown = code()
    refused(hold(1_001, shown=shown), 409, "credit_not_enough", spendable_minor=1_000)
    assert hold(1_000, shown=shown)["statusCode"] == 200


def test_ten_tills_at_once_with_one_code_hold_once() -> None:
    shown = code()

    def till(number: int) -> Any:
        while (answer := hold(10, f"t{number}", shown))["statusCode"] == 503:
            pass
        return answer

    answers = at_once(10, till)
    assert statuses(answers) == [200] + [409] * 9
    refusals: list[Any] = [one for one in answers if isinstance(one, dict)]
    told = {body(one)["type"] for one in refusals if one["statusCode"] == 409}
    assert told == {"urn:siyu:problem:code_used"}
    assert states() == (990, 10, 0)


def test_one_till_that_asks_ten_times_at_once_with_one_code_is_answered_alike() -> None:
    shown = code()

    def till(_: int) -> Any:
        while (answer := hold(600, shown=shown))["statusCode"] == 503:
            pass
        return answer

    assert statuses(at_once(10, till)) == [200] * 10
    assert states() == (400, 600, 0)


@pytest.mark.parametrize("moment", range(1, 5))
@pytest.mark.parametrize("name", [NAME, NEXT])
def test_a_code_that_is_used_meanwhile_by_the_same_or_another_request(
    name: str, moment: int
) -> None:
    shown = code()

    def meanwhile(number: int, _: str) -> None:
        if number == moment:
            hold(400, name, shown)

    with line(meanwhile) as calls:
        answer = hold(400, shown=shown)
    assert len(calls.calls) > moment
    if name == NAME:
        assert answer["statusCode"] == 200
    else:
        refused(answer, 409, "code_used")
    assert states() == (600, 400, 0)


def test_every_code_has_a_mark_of_its_own_and_one_without_pays_nothing() -> None:
    shown = [body(call("member_wallet", load("member_wallet/code")))["wallet_code"] for _ in "ab"]
    for number, one in enumerate(shown):
        assert hold(100, f"t{number}", one)["statusCode"] == 200
    bare = session.issue(ANN, NOW, "wallet", timedelta(minutes=5)).token
    for shown_code in (bare, code(more={"jti": ""})):
        refused(hold(100, NEXT, shown_code), 404, "code_not_valid")


def test_a_code_is_whose_it_was_made_for_whatever_else_it_says() -> None:
    said = {"jti": "mark", "sub": BOB, "aud": "member", "iss": "other", "iat": "0", "exp": "0"}
    claims = session.claims_of(code(more=said), NOW, "wallet")
    assert (claims["sub"], claims["jti"]) == (ANN, "mark")


def test_that_a_code_was_used_is_known_an_hour_longer_than_the_code_holds() -> None:
    hold(100, shown=code(more={"jti": "mark"}))
    assert dump()[keys.window("wallet", "mark", 0)]["ttl"] == {"N": str(TIMESTAMP + 300 + 3_600)}


def test_what_was_taken_in_is_given_back_for_sixty_days_and_no_longer() -> None:
    for name in ("h1", "h2"):
        hold(100, name)
        capture(100, name)
    assert void("h1", later=60 * DAY)["statusCode"] == 200
    before = dump()
    refused(void("h2", later=60 * DAY + 1), 409, "too_late")
    assert dump() == before
    assert void("h1", later=90 * DAY)["statusCode"] == 200
    assert states() == (900, 0, 100)


def test_a_hold_that_still_stands_is_given_back_however_late() -> None:
    hold(600)
    assert void(later=90 * DAY)["statusCode"] == 200
    assert states() == (1_000, 0, 0)


def test_a_refused_hold_is_counted(
    monkeypatch: pytest.MonkeyPatch, output: Callable[[], str]
) -> None:
    print_metrics(monkeypatch)
    shown = code()
    hold(100, shown=shown)
    hold(100, NEXT, shown)
    hold(1_001)
    assert counted(output()) == {"CreditHeld": 1, "HoldRefused": 2}
