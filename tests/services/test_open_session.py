"""Who comes back is let in by whatever WeChat vouches for, and nobody else is."""

import pytest

from siyu.errors import NotFoundError
from siyu.services.erase_member import erase_member
from siyu.services.open_session import open_session
from siyu.services.show_member import show_member
from siyu.storage import people
from siyu.wechat.login import Login
from tests.faults import DEATHS, KilledError, at_call, line
from tests.services.shop import door, receipt, scan
from tests.support import NOW, at_once, dump, empty_table, kinds


def test_a_member_gets_their_own_account() -> None:
    ann, bob = scan(receipt(1), "ann"), scan(receipt(2), "bob")
    assert open_session(Login("ann"), NOW) == ann.member_id
    assert open_session(Login("bob"), NOW) == bob.member_id


def test_a_stranger_is_refused_and_leaves_nothing() -> None:
    with pytest.raises(NotFoundError):
        open_session(Login("ann", "union-ann"), NOW)
    assert kinds() == {}


def test_a_unionid_told_for_the_first_time_is_kept() -> None:
    ann = scan(receipt(1), "ann").member_id
    assert open_session(Login("ann", "union-ann"), NOW) == ann
    # Another app of the brand's knows the unionid only.
    assert open_session(Login("ann-elsewhere", "union-ann"), NOW) == ann
    person = people.load(ann)
    assert person is not None
    assert sorted(kind for kind, _ in person.accounts[0].identities) == [
        "openid",
        "openid",
        "unionid",
    ]


def test_a_login_that_leads_to_two_accounts_makes_them_one_person() -> None:
    old = scan(receipt(1), "ann", unionid="union-ann").member_id
    new = scan(receipt(2), "ann-2").member_id
    assert open_session(Login("ann-2", "union-ann"), NOW) == new
    assert show_member(new).person.member_ids == show_member(old).person.member_ids
    assert len(show_member(new).person.accounts) == 2


def test_who_comes_back_is_not_written_to() -> None:
    scan(receipt(1), "ann", unionid="union-ann")
    before = dump()
    with line() as calls:
        open_session(Login("ann", "union-ann"), NOW)
    assert (calls.calls, dump()) == (["BatchGetItem"], before)


def test_an_erased_member_is_a_stranger() -> None:
    ann = scan(receipt(1), "ann", unionid="union-ann").member_id
    erase_member(ann, NOW)
    for login in (Login("ann"), Login("ann", "union-ann"), Login("other", "union-ann")):
        with pytest.raises(NotFoundError):
            open_session(login, NOW)


def test_one_who_comes_back_many_times_at_once_gets_the_unionid_once() -> None:
    ann = scan(receipt(1), "ann").member_id
    found = at_once(20, lambda _: open_session(Login("ann", "union-ann"), NOW))
    assert set(found) == {ann}
    assert kinds()["IDENTITY"] == 2


def test_a_session_and_an_erasure_at_once_leave_no_way_back() -> None:
    """Whichever comes first: an identity that is linked late must not survive."""
    for _ in range(5):
        empty_table()
        ann = scan(receipt(1), "ann").member_id

        def work(number: int, ann: str = ann) -> None:
            if number == 0:
                erase_member(ann, NOW)
            else:
                open_session(Login("ann", f"union-{number}"), NOW)

        at_once(6, work)
        assert "IDENTITY" not in kinds()


@pytest.mark.parametrize("accident", DEATHS)
def test_killed_at_any_call_and_done_again_ends_the_same(accident: str) -> None:
    def prepare() -> None:
        empty_table()
        scan(receipt(1), "ann", unionid="union-ann")
        scan(door(), "ann-2")

    prepare()
    with line() as calls:
        open_session(Login("ann-2", "union-ann"), NOW)
    for number in range(1, len(calls.calls) + 1):
        prepare()
        with line(at_call(number, accident)), pytest.raises(KilledError):
            open_session(Login("ann-2", "union-ann"), NOW)
        again = open_session(Login("ann-2", "union-ann"), NOW)
        assert len(show_member(again).person.accounts) == 2
        assert kinds()["MERGE"] == 1
