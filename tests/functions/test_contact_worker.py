"""The contacts queue: a message is followed, ignored, kept in quarantine or comes again."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from siyu.services.sealing import seal
from siyu.settings import settings
from siyu.storage.transaction import ATTEMPTS
from siyu.wechat import tokens
from siyu.wechat.callback import encrypt
from tests import support
from tests.faults import line
from tests.functions.callbacks import (
    WECOM,
    contact,
    counted,
    follower,
    friend,
    print_metrics,
    queued,
    received,
)
from tests.functions.calls import batch, call
from tests.functions.make_events import changed
from tests.services.aside import set_aside
from tests.services.contacts import ANN, be_provider, change_secrets, relations_of, told_of
from tests.services.shop import STORE, door, issue, receipt, scan
from tests.support import NOW, dump, kinds


@pytest.fixture(autouse=True)
def metrics_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    print_metrics(monkeypatch)


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody answers where WeCom and WeChat should be."""
    for name in ("WECOM_API_URL", "WECHAT_API_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


def work(*messages: str) -> list[str]:
    """Give the worker a batch; the ids it asks for again."""
    answer = call("contact_worker", batch(*messages))
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def of_account(fields: dict[str, str]) -> str:
    return queued(fields, "official_account")


@pytest.mark.parametrize("change", ["add_external_contact", "add_half_external_contact"])
def test_a_guide_has_a_new_friend_by_the_stores_code(
    change: str, output: Callable[[], str]
) -> None:
    assert work(queued(contact(change, "wm-ann", State=issue(7)))) == []
    relation = told_of("wm-ann")
    assert (relation.guide, relation.since, relation.store) == ("li", NOW, STORE)
    assert counted(output()) == {"ContactFriendAdded": 1}


@pytest.mark.parametrize(
    ("change", "by"), [("del_external_contact", "guide"), ("del_follow_user", "customer")]
)
def test_either_side_may_end_it(change: str, by: str, output: Callable[[], str]) -> None:
    at = NOW + timedelta(seconds=1)
    assert work(queued(friend()), queued(contact(change, "wm-ann", at))) == []
    relation = told_of("wm-ann")
    assert (relation.active, relation.ended_at, relation.ended_by) == (False, at, by)
    assert counted(output()) == {"ContactFriendAdded": 1}


@pytest.mark.parametrize(
    ("event", "prefix"), [("subscribe", "qrscene_"), ("SCAN", ""), ("subscribe", None)]
)
def test_the_official_account_has_a_follower(
    event: str, prefix: str | None, output: Callable[[], str]
) -> None:
    ann = scan(door(), "ann", unionid=ANN).member_id
    key = "" if prefix is None else prefix + issue(7)
    assert work(of_account(follower(event, key=key))) == []
    (relation,) = relations_of(ann)
    assert (relation.kind, relation.since, relation.active) == ("follower", NOW, True)
    assert relation.store == (None if prefix is None else STORE)
    assert counted(output()) == {"ContactFollowed": 1}
    later = NOW + timedelta(seconds=1)
    assert work(of_account(follower("unsubscribe", at=later))) == []
    (relation,) = relations_of(ann)
    assert (relation.active, relation.ended_at) == (False, later)


IGNORED = {
    "edited": queued(contact("edit_external_contact", "wm-ann")),
    "transfer": queued(contact("transfer_fail", "wm-ann")),
    "group": queued({"MsgType": "event", "Event": "change_external_chat", "ChangeType": "create"}),
    "tag": queued({"Event": "change_external_tag", "ChangeType": "add_external_contact"}),
    "message": of_account({"MsgType": "text", "Content": "你好", "FromUserName": "fan~ann"}),
    "menu": of_account({"MsgType": "event", "Event": "CLICK", "EventKey": "x"}),
    "nothing": queued({}),
    "the other's": queued(follower("subscribe")),
    "the one's": of_account(friend()),
}


@pytest.mark.parametrize("message", IGNORED.values(), ids=IGNORED.keys())
def test_an_event_that_is_no_business_of_ours_is_done_at_once(
    message: str, output: Callable[[], str]
) -> None:
    assert work(message) == []
    assert kinds() == {}
    assert counted(output()) == {"ContactEventIgnored": 1}


def encrypted(message: bytes, receive_id: str = WECOM.account_id) -> str:
    text = encrypt(WECOM.aes_key, receive_id, message)
    return json.dumps({"account": "wecom", "received_at": NOW.isoformat(), "encrypted": text})


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in friend().items() if key != name}


def lookup(**fields: Any) -> str:
    return json.dumps({"account": "wecom", "lookup": fields})


BOMB = b'<!DOCTYPE xml [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><xml><Event>&b;</Event></xml>'
UNREADABLE = {
    "no JSON": ("{", "not_a_message"),
    "a list": ("[]", "not_a_message"),
    "no account": ('{"encrypted": "x"}', "not_a_message"),
    "another account": (queued(friend()).replace('"wecom"', '"shop"'), "not_a_message"),
    "no time zone": (queued(friend()).replace("+00:00", ""), "not_a_message"),
    "no sealed ids": (lookup(member_id="0" * 13), "not_a_message"),
    "sealed for nobody": (lookup(member_id="0" * 13, sealed="AAAA"), "not_sealed"),
    "somebody else's": (encrypted(b"<xml/>", "wwother"), "not_a_callback"),
    "not encrypted": (queued(friend()).replace('pted": "', 'pted": "A'), "not_a_callback"),
    "no XML": (encrypted(b"hello"), "not_a_callback"),
    "entity bomb": (encrypted(BOMB), "not_a_callback"),
    "no guide": (queued(without("UserID")), "not_a_callback"),
    "no contact": (queued(without("ExternalUserID")), "not_a_callback"),
    "no time": (queued(without("CreateTime")), "not_a_callback"),
    "odd time": (queued({**friend(), "CreateTime": "1.7e9"}), "not_a_callback"),
    "long guide": (queued({**friend(), "UserID": "x" * 129}), "not_a_callback"),
    "no follower": (of_account(follower("subscribe", "")), "not_a_callback"),
}


@pytest.mark.parametrize(("message", "reason"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_cannot_be_read_is_kept_as_it_is_and_stops_nobody(
    message: str, reason: str, output: Callable[[], str]
) -> None:
    assert work(message, queued(friend("wm-bob"))) == []
    ((kept, text),) = set_aside()
    assert (text, kept.reason) == (message, reason)
    assert kinds() == {"QUARANTINE": 1, "DELIVERY": 1, "RELATION": 1, "LINK": 1}
    assert "wm-ann" not in text + kept.detail
    assert counted(output()) == {"EventQuarantined": 1, "ContactFriendAdded": 1}


def test_what_is_left_of_an_account_that_was_given_up_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    change_secrets(monkeypatch, wecom=None)
    assert work(queued(friend())) == []
    assert [kept.reason for kept, _ in set_aside()] == ["not_a_callback"]


def test_in_a_mixed_batch_only_what_failed_comes_again(silent: None) -> None:
    end = queued(contact("del_follow_user", "wm-bob"))
    assert work(queued(friend()), end, of_account(follower("subscribe")), "{") == ["m1", "m3"]
    assert kinds() == {"DELIVERY": 1, "RELATION": 1, "QUARANTINE": 1}


def test_a_write_that_lost_its_race_too_often_comes_again() -> None:
    seen = []

    def fault(_: int, operation: str) -> str | None:
        seen.append(operation)
        return "conflict" if seen.count("TransactWriteItems") in range(1, ATTEMPTS + 1) else None

    with line(lambda number, name: fault(number, name) if name[0] == "T" else None):
        assert work(queued(friend())) == ["m1"]
    assert kinds() == {}
    assert work(queued(friend())) == []
    assert kinds() == {"DELIVERY": 1, "RELATION": 1, "LINK": 1}


def test_a_new_members_contact_is_looked_up_where_wecom_names_no_unionid(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    be_provider(monkeypatch)
    assert work(queued(friend("wx-ann"))) == []
    ann = scan(door(), "ann", unionid=ANN).member_id
    sealed = base64.b64encode(seal(f"{ANN}|ann", ann)).decode()
    assert work(lookup(member_id=ann, sealed=sealed)) == []
    assert [relation.kind for relation in relations_of(ann)] == ["friend"]


def test_a_lookup_that_wecom_does_not_answer_comes_again(silent: None) -> None:
    ann = scan(door(), "ann", unionid=ANN).member_id
    sealed = base64.b64encode(seal(f"{ANN}|ann", ann)).decode()
    tokens._cached.clear()
    assert work(lookup(member_id=ann, sealed=sealed)) == ["m1"]


def test_nothing_personal_and_nothing_secret_gets_into_the_log(
    output: Callable[[], str], silent: None
) -> None:
    now = datetime.now(UTC)
    sealed = base64.b64encode(seal(f"{ANN}|ann", "0" * 13)).decode()
    messages = [
        queued(friend(at=now, WelcomeCode="welcome-1", State=issue(7))),
        of_account(follower("subscribe", key=f"qrscene_{issue(8)}")),
        queued({**friend(), "UserID": ""}),
        lookup(member_id="1" * 13, sealed=sealed),
    ]
    assert work(*messages) == ["m1", "m2"]
    logged = output()
    assert "event_failed" in logged
    assert "event_quarantined" in logged
    assert "welcome_failed" in logged
    private = ["wm-ann", "fan~ann", "welcome-1", issue(7), issue(8), sealed, ANN, WECOM.secret]
    texts = [*private, WECOM.aes_key, *(json.loads(one).get("encrypted", "") for one in messages)]
    assert [text for text in texts if text and text in logged] == []


def test_wecom_knows_what_was_followed() -> None:
    """The tests above would pass against nobody too, were the lookups left out."""
    work(queued(friend("wm-zoe")))
    assert support.standin.contact("zoe") == "wm-zoe"


def follow_stream() -> None:
    """Give the table's items to the stream's reader, as if all were new."""
    images = [item for item in dump().values() if item["kind"]["S"] in {"LOOKUP", "IDENTITY"}]
    event = changed(*(("INSERT", image) for image in images))
    assert call("member_changes", event) == {"batchItemFailures": []}


def test_a_providers_member_and_friend_find_each_other_by_the_table_and_the_queue_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Signup, stream, queue, WeCom's pending id, friend: nothing is handed on by the test."""
    be_provider(monkeypatch)
    received()
    member_id = scan(receipt(1), "ann", unionid="union-ann").member_id
    follow_stream()
    asked = received()
    assert len(asked) == 1
    assert "union-ann" not in asked[0]
    assert work(*asked) == []
    assert work(queued(friend("wx-ann"))) == []
    follow_stream()
    (relation,) = relations_of(member_id)
    assert (relation.kind, relation.guide) == ("friend", "li")


def test_who_is_no_providers_asks_nothing() -> None:
    received()
    scan(receipt(1), "ann", unionid="union-ann")
    follow_stream()
    assert received() == []
    assert "LOOKUP" not in kinds()
