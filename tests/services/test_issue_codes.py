"""A code is made once for whoever asks, is signed with a key no till has, and opens a door."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from siyu.domain.codes import issued_code
from siyu.domain.coupons import Benefit
from siyu.domain.issued_codes import CodeSpec, IssuedCode, IssuedKind
from siyu.errors import CodeNotValidError
from siyu.services import issue_codes, manage_store
from siyu.services.issue_codes import issue, origins
from siyu.services.show_member import show_member
from siyu.storage import codes
from siyu.wechat import wecom
from siyu.wechat.client import ErrcodeError
from tests.faults import DEATHS, KilledError, at_call, line
from tests.services.shop import STORE, scan
from tests.support import NOW, dump, kinds

POSTER = CodeSpec(IssuedKind.POSTER, STORE, label="window")
GUIDE = CodeSpec(IssuedKind.GUIDE, STORE, guide="lily")


def test_an_issued_token_opens_the_door_and_gives_what_the_code_promises() -> None:
    benefit = Benefit("spring", 2_000, 10_000, 14)
    spec = CodeSpec(IssuedKind.GUIDE, STORE, "lily", "moments", benefit=benefit, quota=1)
    issued = issue(spec, NOW)
    ann, bob = scan(issued.token, "ann"), scan(issued.token, "bob")
    assert ann.coupon is not None
    assert (ann.coupon.benefit, ann.coupon.value_minor) == ("spring", 2_000)
    assert (bob.joined, bob.benefit) == (True, "quota_reached")
    touch = show_member(ann.member_id).person.member.first_touch
    assert (touch.kind, touch.code, touch.guide) == ("guide", issued.code.key, "lily")
    assert codes.find(issued.code.key) == replace(issued.code, used=1)


def test_days_of_a_code_are_kept_by_the_scan() -> None:
    spec = replace(POSTER, valid_from=date(2026, 11, 23), valid_until=date(2026, 11, 24))
    token = issue(spec, NOW).token
    with pytest.raises(CodeNotValidError):
        scan(token, "ann")
    assert scan(token, "ann", now=NOW + timedelta(days=1)).joined
    with pytest.raises(CodeNotValidError):
        scan(token, "bob", now=NOW + timedelta(days=3))


def test_a_revoked_code_looks_like_one_that_never_was() -> None:
    issued = issue(POSTER, NOW)
    assert codes.revoke(issued.code.key, NOW)
    with pytest.raises(CodeNotValidError):
        scan(issued.token, "ann")


def test_the_same_origin_gets_the_same_code_and_another_one_another() -> None:
    first = issue(POSTER, NOW, "batch#row#0")
    assert issue(POSTER, NOW + timedelta(days=1), "batch#row#0") == first
    others = {issue(POSTER, NOW, "batch#row#1").token, issue(POSTER, NOW).token}
    assert len({first.token, *others, issue(POSTER, NOW).token}) == 4
    assert kinds() == {"CODE": 4}


def test_rows_go_by_their_content_wherever_they_stand() -> None:
    other = replace(POSTER, label="door")
    one, two, three = origins("b", [POSTER, other, POSTER])
    assert len({one, two, three}) == 3
    assert list(origins("b", [other, POSTER, POSTER])) == [two, one, three]
    assert not {one, two, three} & set(origins("c", [POSTER, other, POSTER]))


def test_a_serial_that_somebody_has_is_passed_over_for_good() -> None:
    taken = issued_code(STORE, None, issue_codes._serial("b#row#0", 0))
    assert codes.create(IssuedCode(taken.key, 1, GUIDE, NOW), "somebody else")
    issued = issue(POSTER, NOW, "b#row#0")
    assert issued.code.key != taken.key
    assert issue(POSTER, NOW, "b#row#0") == issued
    assert codes.find(taken.key) == IssuedCode(taken.key, 1, GUIDE, NOW)


def test_a_lost_answer_makes_no_second_code() -> None:
    with line(at_call(1, "lost after")) as calls:
        issued = issue(POSTER, NOW)
    assert calls.calls[:2] == ["PutItem", "PutItem"]
    assert kinds() == {"CODE": 1}
    assert scan(issued.token, "ann").joined


@pytest.mark.parametrize("accident", DEATHS)
def test_a_kill_at_its_one_call_leaves_the_code_to_be_made_again(accident: str) -> None:
    with line(at_call(1, accident)) as calls, pytest.raises(KilledError):
        issue(POSTER, NOW, "b#row#0")
    assert calls.calls == ["PutItem"]
    issued = issue(POSTER, NOW, "b#row#0")
    assert kinds() == {"CODE": 1}
    assert codes.find(issued.code.key) == issued.code


def test_whatever_becomes_of_a_stores_tills_its_codes_are_made_and_hold() -> None:
    old = issue(POSTER, NOW, "b#row#0")
    for version in range(1, 8):
        manage_store.revoke(STORE, version, force=True)
    assert issue(POSTER, NOW, "b#row#0") == old
    new = issue(POSTER, NOW)
    assert scan(old.token, "ann").joined
    assert scan(new.token, "bob").joined


def test_a_guide_gets_one_contact_way_that_carries_the_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, str]] = []
    real = wecom.add_contact_way

    def counted(user_id: str, state: str) -> wecom.ContactWay:
        asked.append((user_id, state))
        return real(user_id, state)

    monkeypatch.setattr(wecom, "add_contact_way", counted)
    issued = issue_codes.befriend(issue(GUIDE, NOW, "b#row#0"))
    assert asked == [("lily", issued.token)]
    again = issue_codes.befriend(issue(GUIDE, NOW, "b#row#0"))
    issue_codes.befriend(issue(POSTER, NOW))
    assert (again, len(asked)) == (issued, 1)
    assert scan(issued.token, "ann").friend_link == issued.code.friend_link is not None
    (item,) = (one for one in dump().values() if "friend_config" in one)
    assert item["friend_config"]["S"]


def test_a_guide_whom_wecom_refuses_has_a_code_without_contact_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(user_id: str, state: str) -> wecom.ContactWay:
        raise ErrcodeError(40031)

    monkeypatch.setattr(wecom, "add_contact_way", refused)
    issued = issue(GUIDE, NOW)
    with pytest.raises(ErrcodeError):
        issue_codes.befriend(issued)
    assert scan(issued.token, "ann").friend_link is None
