"""Friends and followers: whatever comes first, and however often, one person ends with both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.codes import issued_code, mint
from siyu.domain.contacts import CUSTOMER, GUIDE, Attribution, ContactEvent, FriendAdded, Relation
from siyu.errors import UnavailableError, UnprocessableEventError
from siyu.services import identities, manage_store
from siyu.services.known_member import known
from siyu.services.link_waiting import link_waiting
from siyu.services.look_up_contact import look_up_contact
from siyu.services.sealing import seal
from siyu.services.welcome_friend import welcome_friend
from siyu.settings import settings
from siyu.storage import codes, members
from siyu.storage.member_items import ProfileItem
from siyu.storage.transaction import Transaction
from siyu.wechat import client, tokens
from tests import support
from tests.faults import KilledError, at_call, line
from tests.services.contacts import (
    ANN,
    ANN_AT_PROVIDER,
    ANN_AT_WECOM,
    ANN_FOLLOWS,
    added,
    be_provider,
    change_secrets,
    ended,
    follow,
    followed,
    later,
    members_there_are,
    relations_of,
    settle_contacts,
    told_of,
    unfollowed,
)
from tests.services.shop import ISSUED_KEY, STORE, door, issue, receipt, scan
from tests.support import NOW, dump, kinds

YESTERDAY = date(2026, 11, 21)


@pytest.fixture(autouse=True)
def forget() -> None:
    support.forget_login_codes()


@pytest.fixture
def silent_wecom(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody answers where WeCom should be."""
    monkeypatch.setenv("WECOM_API_URL", "http://127.0.0.1:9")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


def join() -> str:
    return scan(door(), "ann", unionid=ANN).member_id


def test_a_member_who_adds_a_guide_has_a_friend_at_once() -> None:
    ann = join()
    assert follow(added(state=(token := issue(7))))
    (relation,) = relations_of(ann)
    assert (relation.kind, relation.guide, relation.active) == ("friend", "li", True)
    assert (relation.store, relation.code_key) == (STORE, token[1:14])


def test_a_friend_who_becomes_a_member_was_a_friend_before() -> None:
    follow(added())
    assert kinds() == {"DELIVERY": 1, "RELATION": 1, "LINK": 1}
    ann = join()
    assert relations_of(ann) == []
    settle_contacts()
    (relation,) = relations_of(ann)
    assert relation.since == NOW
    assert "LINK" not in kinds()


def steps(friend: str = ANN_AT_WECOM) -> dict[str, Callable[[], object]]:
    friend_event, follower_event = added(friend), followed()
    return {
        "joined": join,
        "friend": lambda: follow(friend_event),
        "follower": lambda: follow(follower_event),
    }


@pytest.mark.parametrize("at_once", [True, False], ids=["settled at the end", "settled each time"])
@pytest.mark.parametrize("order", list(permutations(steps())), ids=" ".join)
def test_in_whatever_order_they_come_one_member_has_both_relations(
    order: tuple[str, ...], at_once: bool
) -> None:
    story = steps()
    for name in order:
        story[name]()
        if not at_once:
            settle_contacts()
    for name in order:  # again, in no special order
        story[name]()
    settle_contacts()
    (ann,) = members_there_are()
    assert [relation.kind for relation in relations_of(ann)] == ["follower", "friend"]
    assert {name for name in kinds() if name in ("LINK", "MERGE", "REVIEW")} == set()
    named = {identity for account in known(ann).accounts for identity in account.identities}
    assert set(members.owners(named)) == named
    assert {kind for kind, _ in named} == {"openid", "unionid", "wecom"}


def provider_steps() -> dict[str, Callable[[], object]]:
    event = added(ANN_AT_PROVIDER)
    sealed = {}

    def joined() -> None:
        ann = join()
        sealed[ann] = seal(f"{ANN}|ann", ann)

    def looked_up() -> None:
        for member_id, ids in sealed.items():
            look_up_contact(member_id, ids, NOW)

    return {"joined": joined, "asked": looked_up, "friend": lambda: follow(event)}


@pytest.mark.parametrize(
    "order",
    [one for one in permutations(provider_steps()) if one.index("joined") < one.index("asked")],
    ids=" ".join,
)
def test_where_contacts_come_without_unionid_wecom_is_asked_from_both_sides(
    order: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    be_provider(monkeypatch)
    story = provider_steps()
    for _ in range(2):
        for name in order:
            story[name]()
        settle_contacts()
    (ann,) = members_there_are()
    assert [relation.kind for relation in relations_of(ann)] == ["friend"]


def test_who_is_no_contact_yet_is_asked_about_by_a_pending_id(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    be_provider(monkeypatch)
    ann = join()
    look_up_contact(ann, seal(f"{ANN}|ann", ann), NOW)
    look_up_contact(ann, seal(f"{ANN}|ann", ann), NOW)
    pending = identities.wecom_pending("pending-ann")
    assert members.owners([pending])[pending][0] == ann


def test_pending_ids_are_for_providers_only() -> None:
    follow(added(ANN_AT_PROVIDER))
    assert kinds() == {"DELIVERY": 1, "RELATION": 1}


def test_what_was_not_sealed_for_a_member_can_have_no_effect() -> None:
    ann = join()
    for sealed in (b"", b"x" * 100, seal("union-ann|ann", "0" * 13)):
        with pytest.raises(UnprocessableEventError, match="not_sealed"):
            look_up_contact(ann, sealed, NOW)


def erase(member_id: str) -> None:
    """Only the mark; whatever else an erasure does is not needed here."""
    key = (f"M#{member_id}", "PROFILE")
    ProfileItem(*key).update([ProfileItem.erased_at.set(NOW)])


def test_nothing_is_linked_to_who_was_erased_or_never_was() -> None:
    follow(added())
    ann = join()
    erase(ann)
    settle_contacts()
    assert link_waiting(identities.unionid(ANN), "0" * 13, NOW) == 0
    look_up_contact(ann, seal(f"{ANN}|ann", ann), NOW)
    look_up_contact("0" * 13, seal(f"{ANN}|ann", "0" * 13), NOW)
    assert members.owners([identities.wecom_contact(ANN_AT_WECOM)]) == {}


def link(member_id: str, identity: members.Identity) -> None:
    write = Transaction()
    members.link_identity(write, member_id, identity, "wecom", NOW)
    members.name_identities(write, member_id, [identity])
    write.commit()


def test_two_accounts_of_one_person_are_merged_when_a_callback_shows_it() -> None:
    """Ann's contact belongs to one account by a provider's word, her unionid to another."""
    follow(added())
    first = scan(door(), "ann").member_id
    second = scan(door(), "other", unionid=ANN).member_id
    assert len(members_there_are()) == 2
    link(first, identities.wecom_contact(ANN_AT_WECOM))
    again = added(at=later(60))
    for number in range(1, 100):
        try:
            with line(at_call(number, "killed after")):
                follow(again)
        except KilledError:
            continue
        break
    (ann,) = members_there_are()
    assert set(known(ann).member_ids) == {first, second}
    assert [relation.since for relation in relations_of(ann)] == [later(60)]


def test_a_contact_with_an_owner_waits_for_the_unionids_all_the_same() -> None:
    first = scan(door(), "ann").member_id
    link(first, identities.wecom_contact(ANN_AT_WECOM))
    follow(added())
    second = scan(door(), "other", unionid=ANN).member_id
    assert len(members_there_are()) == 2
    settle_contacts()
    (ann,) = members_there_are()
    assert set(known(ann).member_ids) == {first, second}


def test_a_waiting_contact_that_has_an_owner_by_now_shows_two_accounts_to_be_one() -> None:
    follow(added())
    first = scan(door(), "ann").member_id
    link(first, identities.wecom_contact(ANN_AT_WECOM))
    second = scan(door(), "other", unionid=ANN).member_id
    for _ in range(2):
        settle_contacts()
    (ann,) = members_there_are()
    assert set(known(ann).member_ids) == {first, second}
    assert "LINK" not in kinds()


MOMENTS = st.integers(0, 3).map(later)
CODES = st.sampled_from([Attribution(), Attribution("A1B", "x"), Attribution("A1B", "y")])
PARTIES = st.sampled_from([CUSTOMER, GUIDE])
TOLD = st.lists(st.tuples(MOMENTS, CODES | PARTIES), max_size=6)


def fold(told: list[tuple[datetime, Attribution | str]]) -> Relation:
    relation = Relation("friend", "li")
    for at, what in told:
        match what:
            case str():
                relation = relation.ended(at, what)
            case _:
                relation = relation.begun(at, what)
    return relation


@given(TOLD, st.data())
def test_the_same_events_make_the_same_relation_in_any_order(
    told: list[tuple[datetime, Attribution | str]], data: st.DataObject
) -> None:
    assert fold(data.draw(st.permutations(told + told[:3]))) == fold(told)
    begun = [at for at, what in told if isinstance(what, Attribution)]
    over = [at for at, what in told if isinstance(what, str)]
    assert fold(told).active == (bool(begun) and (not over or max(begun) > max(over)))


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_an_end_may_come_before_its_beginning(order: tuple[int, ...]) -> None:
    events: list[ContactEvent] = [
        added(state=issue(7)),
        ended(at=later(10), by=GUIDE),
        added(at=later(20), state=issue(8)),
        ended(at=later(30)),
    ]
    for number in order:
        assert follow(events[number])
        assert not follow(events[number])
    relation = told_of()
    assert (relation.since, relation.code_key) == (later(20), issue(8)[1:14])
    assert (relation.ended_at, relation.ended_by, relation.active) == (later(30), CUSTOMER, False)
    assert relation.version == 4


def test_an_end_alone_says_no_more_than_that() -> None:
    follow(unfollowed())
    (item,) = [one for one in dump().values() if one["kind"]["S"] == "RELATION"]
    assert item["SK"]["S"] == "R#follower"
    ann = join()
    follow(followed(at=later(-9)))
    (relation,) = relations_of(ann)
    assert (relation.since, relation.ended_by, relation.active) == (later(-9), CUSTOMER, False)


def revoked() -> str:
    token = issue(7)
    assert codes.revoke(token[1:14], NOW)
    return token


def without_item() -> str:
    return mint(issued_code(STORE, None, 99), ISSUED_KEY)


@pytest.mark.parametrize(
    "state",
    [
        lambda: "",
        lambda: "wb:1:4285486",
        lambda: "é" * 30,
        lambda: "x" * 10_000,
        lambda: issue(7)[:-1] + "!",
        lambda: receipt(1),
        revoked,
        without_item,
        lambda: issue(7, valid_until=YESTERDAY),
        lambda: issue(7, valid_from=YESTERDAY + timedelta(days=2)),
    ],
    ids=[
        "empty",
        "WeCom's own",
        "no ASCII",
        "long",
        "forged",
        "a receipt",
        "revoked",
        "never issued",
        "over",
        "not begun",
    ],
)
def test_a_state_that_is_no_code_of_ours_leaves_a_friend_unattributed(
    state: Callable[[], str],
) -> None:
    assert follow(added(state=state()))
    relation = told_of()
    assert (relation.active, relation.store, relation.code_key) == (True, None, None)


def test_a_guides_code_counts_whatever_becomes_of_the_stores_tills() -> None:
    token = issue(7)
    manage_store.revoke(STORE, 1, force=True)
    follow(added(state=token))
    assert told_of().code_key == token[1:14]


def test_a_code_counts_by_the_day_it_was_scanned() -> None:
    """However long a callback was on its way."""
    follow(added(at=NOW - timedelta(days=1), state=issue(7, valid_until=YESTERDAY)))
    assert told_of().store == STORE


def test_a_friend_is_greeted_once_and_a_repeat_is_nothing() -> None:
    greeted: list[FriendAdded] = []
    event = added()
    assert follow(event, greeted.append)
    before = dump()
    assert not follow(event, greeted.append)
    assert greeted == [event]
    assert dump() == before


def test_nobody_else_is_greeted() -> None:
    greeted: list[FriendAdded] = []
    for event in (ended(), followed(), unfollowed()):
        assert follow(event, greeted.append)
    assert greeted == []


def test_before_the_welcome_there_is_one_read_and_nothing_else() -> None:
    seen: list[tuple[list[str], str | None]] = []
    join()
    with line() as quiet:

        def greet(_: FriendAdded) -> None:
            seen.append((list(quiet.calls), support.standin.contact("ann")))

        follow(added(state=issue(7)), greet)
        assert quiet.calls[-2:] == ["BatchGetItem", "TransactWriteItems"]
    ((calls, contact),) = seen
    assert calls[-1:] == ["BatchGetItem"]
    assert contact is None


def test_who_joins_in_the_very_moment_is_found_all_the_same() -> None:
    """Between the last read and the commit: the contact must not wait where nobody looks again."""
    joined: list[str] = []

    def fault(_: int, operation: str) -> None:
        if operation == "TransactWriteItems" and not joined:
            joined.append("")
            joined[0] = join()

    with line(fault):
        follow(added())
    assert [relation.kind for relation in relations_of(joined[0])] == ["friend"]
    assert "LINK" not in kinds()


def test_a_lookup_that_wecom_does_not_answer_records_nothing_so_that_it_comes_again(
    silent_wecom: None,
) -> None:
    with pytest.raises(UnavailableError):
        follow(added())
    assert kinds() == {}


def test_a_friend_of_a_brand_that_left_wecom_is_still_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    change_secrets(monkeypatch, wecom=None)
    assert follow(added())
    assert kinds() == {"DELIVERY": 1, "RELATION": 1}


def stories() -> dict[str, Callable[[], object]]:
    """Each a beginning before which nothing happened."""
    return {
        "a member": join,
        "nobody yet": list,
        "a friend before": lambda: follow(added(at=later(-60))),
    }


@pytest.mark.parametrize("accident", ["killed before", "killed after", "lost after"])
@pytest.mark.parametrize("story", list(stories()))
@pytest.mark.parametrize("kind", ["friend", "follower", "friend ended"])
def test_killed_at_any_call_of_the_table_and_delivered_again_it_ends_the_same(
    kind: str, story: str, accident: str
) -> None:
    events: dict[str, ContactEvent] = {
        "friend": added(),
        "follower": followed(),
        "friend ended": ended(),
    }
    number, finished, outcomes = 0, False, []
    while not finished:
        support.empty_table()
        support.forget_login_codes()
        stories()[story]()
        number += 1
        try:
            with line(at_call(number, accident)) as broken:
                follow(events[kind])
            finished = len(broken.calls) < number
        except KilledError:
            follow(events[kind])
        settle_contacts()
        outcomes.append(shape())
    assert number > 2
    assert outcomes == [outcomes[-1]] * number


def shape() -> list[str]:
    """The table but for members' random ids and coupons, and times of theirs."""
    items = [item for item in dump().values() if item["kind"]["S"] not in ("WINDOW", "COUPON")]
    return sorted(
        str([item["kind"], item.get("identity_kind"), item.get("relation"), item.get("since")])
        + str([item.get("ended_at"), item.get("store"), item["PK"]["S"][:2]])
        for item in items
    )


@pytest.mark.parametrize("after", [True, False], ids=["after", "before"])
def test_killed_at_any_call_of_wecom_and_delivered_again_it_ends_the_same(
    after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = client._once
    outcomes = []
    for number in range(1, 10):
        support.empty_table()
        support.forget_login_codes()
        tokens._cached.clear()
        join()
        calls: list[str] = []

        def once(
            url: str, *rest: Any, killed_at: int = number, calls: list[str] = calls
        ) -> tuple[client.Answer, int]:
            calls.append(url)
            if len(calls) == killed_at and not after:
                raise KilledError
            answer = real(url, *rest)
            if len(calls) == killed_at:
                raise KilledError
            return answer

        monkeypatch.setattr(client, "_once", once)
        event, greet = added(welcome_code="w1"), partial(welcome_friend, now=NOW)
        try:
            follow(event, greet)
        except KilledError:
            assert follow(event, greet)
        outcomes.append(shape())
        assert [one["welcome_code"] for one in support.standin.sent()] == ["w1"]
        if len(calls) < number:
            break
    assert number == 4
    assert outcomes == [outcomes[-1]] * number


def test_a_follower_without_unionid_is_a_follower_and_nobodys() -> None:
    join()
    assert follow(followed("fan~"))
    assert kinds()["RELATION"] == 1
    assert "LINK" not in kinds()


def test_openids_of_the_official_account_and_of_the_mini_program_are_not_mixed_up() -> None:
    ann = join()
    follow(followed(f"ann~{ANN.removeprefix('union-')}"))
    owned = [kind for kind, _ in known(ann).accounts[0].identities]
    assert sorted(owned) == ["openid", "openid", "unionid"]
    assert ANN_FOLLOWS not in str(dump())
