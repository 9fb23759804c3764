"""The nightly functions: as of the night they were planned for, however late or often they run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from siyu.domain.calendar import business_date
from siyu.domain.ledger import Balance
from siyu.services.show_member import show_member
from tests.functions.callbacks import counted, print_metrics
from tests.functions.calls import ANN, BOB, Event, call, join, load
from tests.services.shop import door, paid, receipt, settle
from tests.support import dump, kinds


def night(function: str, at: str) -> Event:
    answer: Event = call(function, {"scheduled_for": at})
    return answer


@pytest.fixture
def credited() -> None:
    """Bob bought on 22 November for 100.00, referred by Ann: 5.00 are due on 7 December."""
    ann = join(ANN, door(), "openid-ann")
    paid("1", 10_000, buyer_id="b", receipt_token=receipt(1))
    join(BOB, receipt(1), "openid-bob", ann.referral_code)
    settle()


@pytest.mark.usefixtures("credited")
def test_a_credit_is_released_in_the_night_of_its_day_and_once() -> None:
    too_early = call("referral_release", load("referral_release/nightly"))
    nothing = dict.fromkeys(("HoldLapsed", "CreditRefused", "CreditReleased", "CreditExpired"), 0)
    assert too_early == {"as_of": "2026-11-23", **nothing}
    assert night("referral_release", "2026-12-06T15:59:59Z")["CreditReleased"] == 0
    released = night("referral_release", "2026-12-06T16:00:00Z")
    assert released == {"as_of": "2026-12-07", **nothing, "CreditReleased": 1}
    assert show_member(ANN).balance == Balance(released_minor=500, earned_minor=500)
    before = dump()
    assert night("referral_release", "2026-12-06T16:00:00Z")["CreditReleased"] == 0
    assert dump() == before


@pytest.mark.usefixtures("credited")
def test_the_night_reports_and_labels_everybody_once() -> None:
    told = call("segment_nightly", load("segment_nightly/nightly"))
    (report,) = told["schemes"]
    assert (told["as_of"], report["as_of"], report["scheme"]) == (*["2026-11-23"] * 2, "default")
    assert (report["members"], report["population"], report["changed"]) == (2, 1, 2)
    assert report["stages"]["first_purchase"] == {"members": 1, "net_minor": 10_000}
    assert report["stages"]["new"] == {"members": 1, "net_minor": 0}
    assert kinds()["SEGMENT"] == 3
    before = dump()
    assert call("segment_nightly", load("segment_nightly/nightly")) == told
    assert dump() == before


@pytest.mark.usefixtures("credited")
def test_a_night_that_a_later_one_has_overtaken_reports_nothing_and_writes_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    print_metrics(monkeypatch)
    night("segment_nightly", "2026-11-24T18:30:00Z")
    assert counted(capsys.readouterr().out) == {"MemberSegmented": 2, "LabelChanged": 2}
    before = dump()
    late = call("segment_nightly", load("segment_nightly/nightly"))
    assert late == {"as_of": "2026-11-23", "schemes": []}
    assert counted(capsys.readouterr().out) == {}
    assert dump() == before


def test_a_night_of_a_day_that_has_not_begun_is_refused_and_writes_nothing() -> None:
    tomorrow = business_date(datetime.now(UTC)) + timedelta(days=1)
    before = dump()
    with pytest.raises(ValueError, match="has not begun"):
        night("segment_nightly", f"{tomorrow}T00:00:00+08:00")
    with pytest.raises(ValueError, match="has not begun"):
        call("segment_part", {"step": "begin", "as_of": tomorrow.isoformat()})
    assert dump() == before


@pytest.mark.parametrize("function", ["referral_release", "segment_nightly"])
@pytest.mark.parametrize(
    ("event", "error"),
    [
        ({}, KeyError),
        ({"scheduled_for": "<aws.scheduler.scheduled-time>"}, ValueError),
        ({"scheduled_for": "2026-11-22T18:00:00"}, ValueError),
    ],
)
def test_a_night_without_its_instant_fails_aloud(
    function: str, event: Event, error: type[Exception]
) -> None:
    with pytest.raises(error):
        call(function, event)
    assert kinds() == {}
