"""Scenario 15: two customers add the same guide in the same second; a retry is one of them."""

from __future__ import annotations

from siyu.services import identities
from siyu.storage import relations
from tests.functions.callbacks import friend, post, received
from tests.functions.calls import batch, call
from tests.services.contacts import later
from tests.services.shop import issue
from tests.support import NOW, at_once, kinds


def send(fields: dict[str, str], seconds: int = 0) -> None:
    """WeCom signs and encrypts each delivery anew, a retry too."""
    assert call("contact_callback", post(fields, at=later(seconds)))["statusCode"] == 200


def work(*messages: str) -> None:
    assert call("contact_worker", batch(*messages)) == {"batchItemFailures": []}


def customers() -> tuple[dict[str, str], dict[str, str]]:
    """Same guide, same second, same code, and `sys` as the sender: only the customer differs."""
    state = issue(7)
    ann, bob = friend("wm-ann", State=state), friend("wm-bob", State=state)
    assert {name for name in ann if ann[name] != bob[name]} == {"ExternalUserID"}
    return ann, bob


def test_both_are_friends() -> None:
    for fields in customers():
        send(fields)
    work(*received())
    assert kinds() == {"CODE": 1, "DELIVERY": 2, "RELATION": 2, "LINK": 2}
    for external_id in ("wm-ann", "wm-bob"):
        (relation,) = relations.at(identities.wecom_contact(external_id))
        assert (relation.guide, relation.since, relation.active) == ("li", NOW, True)


def test_a_retry_of_one_is_dropped_whether_it_comes_at_once_or_later() -> None:
    ann, bob = customers()
    for fields in (ann, bob, ann):
        send(fields)
    messages = received()
    assert len(set(messages)) == 3
    work(*messages)
    send(ann, seconds=120)
    work(*received())
    assert kinds() == {"CODE": 1, "DELIVERY": 2, "RELATION": 2, "LINK": 2}
    (relation,) = relations.at(identities.wecom_contact("wm-ann"))
    assert relation.version == 1


def test_deliveries_that_are_worked_off_at_the_same_time_are_one() -> None:
    ann, bob = customers()
    for fields in (ann, bob, ann, bob):
        send(fields)
    messages = received()
    at_once(4, lambda number: call("contact_worker", batch(messages[number])))
    assert kinds() == {"CODE": 1, "DELIVERY": 2, "RELATION": 2, "LINK": 2}


def test_the_same_customer_a_second_later_or_by_another_code_is_another_event() -> None:
    for fields in (
        friend(),
        friend(at=later(1)),
        friend(State=issue(7)),
        friend(UserID="wang"),
        {**friend(), "ChangeType": "add_half_external_contact"},
    ):
        send(fields)
    work(*received())
    assert kinds() == {"CODE": 1, "DELIVERY": 5, "RELATION": 2, "LINK": 1}
