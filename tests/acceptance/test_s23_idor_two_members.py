"""Scenario 23: two members, each with all that a member can have, and each with the other's ids.

Every place of the OpenAPI document that can hold an id is tried with the other's, while all other
places hold one's own; and all at once. A place that nobody has told about fails the first test.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode

import pytest

from siyu.api import console, credit_id, session
from siyu.domain.keys import session_key
from siyu.services import codes, identities
from siyu.services.link_phone import link_phone
from siyu.services.show_wallet import show_statement
from siyu.services.verify_till import till_secret
from tests.acceptance.matrix import (
    CALLBACKS,
    CONSOLE,
    LINKS,
    LOGINS,
    PUBLIC,
    ROUTES,
    SESSION,
    SIGNED,
    Route,
    ask,
    body_of,
    wallet_code,
)
from tests.acceptance.slots import IDENTIFYING, NOBODYS, RULES, Slot, identifiers, slots
from tests.acceptance.test_s23_idor_jwt_matrix import token
from tests.acceptance.test_s23_idor_senders import signed
from tests.functions.calls import ANN, BOB, batch, call, join, message
from tests.services.purse import earn, hold
from tests.services.shop import MASTER_KEY, paid, receipt, settle
from tests.support import NOW, dump, forget_login_codes, standin

PHONE = ("POST", "/v1/me/phone")
OTHER_BRAND = session_key(MASTER_KEY, "other", "1")


@dataclass(frozen=True, slots=True)
class Person:
    """A member and the numbers that are theirs alone."""

    name: str
    member_id: str
    serial: int
    phone: str
    owed: int

    @property
    def spent(self) -> tuple[str, str]:
        """Codes of theirs that WeChat took already: a login's and the phone button's."""
        return f"openid-{self.name}.spent", f"phone.{self.phone}.spent"


PEOPLE = (
    Person("ann", ANN, 1, "13800138000", 765_432),
    Person("bob", BOB, 2, "13900139000", 654_321),
)


@pytest.fixture
def coupons() -> dict[str, str]:
    """Lets both have everything; their coupons by name."""
    made = {}
    for one in PEOPLE:
        name, token_of = one.name, receipt(one.serial)
        joined = join(one.member_id, token_of, f"openid-{name}", unionid=f"union-{name}")
        paid(f"{name}s-order", one.owed, buyer_id=f"buyer-{name}", receipt_token=token_of)
        settle()
        link_phone(one.member_id, f"+86{one.phone}", NOW)
        for number in (1, 2):
            earn(one.member_id, f"{name}s-credit-{number}", one.owed)
        hold(one.member_id, 987, f"{name}s-hold")
        assert joined.coupon is not None
        made[name] = joined.coupon.code
    lost = [message("order.lost", one.name, order_id=f"{one.name}s-event") for one in PEOPLE]
    assert call("order_worker", batch(*lost)) == {"batchItemFailures": []}
    return made


def id_of(one: Person, slot: Slot, coupon: str, *, fresh: bool) -> str:
    """What names this person, or what is theirs, in a place; `fresh` where they act themselves."""
    name, ends = one.name, f"{one.name}s"
    forged = token(OTHER_BRAND, sub=one.member_id, aud="export", iss="other")
    by_name = {
        "audience": "a" * 16,
        "buyer_id": f"buyer-{name}",
        "code": codes.referral_token(one.member_id),
        "coupon_code": coupon,
        "credit": credit_id.encode(f"shop#{ends}-credit-1"),
        "cursor": show_statement(one.member_id, 1, None).after,
        "device_id": f"device-{name}",
        "event_id": f"20261122T040000000Z-m{one.serial}",
        "hold": f"{ends}-hold",
        # In front of a session not even a fresh login of somebody else counts.
        "login_code": f"openid-{name}.1" if fresh or slot.route in SESSION else one.spent[0],
        "member": one.member_id,
        "openid": f"openid-{name}",
        "order_id": f"{ends}-order",
        "payment_id": f"{ends}-payment",
        "receipt_token": receipt(one.serial),
        "referral_code": codes.referral_token(one.member_id),
        "referrer": one.member_id,
        "refund_id": f"{ends}-refund",
        "token": forged if slot.route in LINKS else receipt(one.serial),
        "unionid": f"union-{name}",
        "wallet_code": wallet_code(one.member_id),
    }
    if slot.route == PHONE and slot.last == "code":
        return f"phone.{one.phone}.1" if fresh else one.spent[1]
    return str(by_name[slot.last])


def fill(route: Route, values: dict[Slot, str]) -> dict[str, Any]:
    """How to ask, with these values in their places."""
    content = json.loads(body_of(route, BOB, "x") or "{}") if route not in CALLBACKS else {}
    for slot, value in values.items():
        if slot.place == "body":
            *above, last = slot.name.split(".")
            inner = content
            for step in above:
                inner = inner.setdefault(step, {})
            inner[last] = value
    asked, parts = (
        {slot.name: value for slot, value in values.items() if slot.place == place}
        for place in ("query", "path")
    )
    text = json.dumps(content) if content else ""
    return {"text": text, "query": urlencode(asked), "parts": parts}


ASKERS = ("nobody", "the other", "an operator of another brand", "a till of another store")


def headers_of(asker: str, one: Person, route: Route, text: str) -> dict[str, str] | None:
    """How an asker introduces themselves; None where they have no way to."""
    if asker == "nobody":
        return {}
    if asker == "a till of another store":
        return signed(till_secret("B2C", 1), text) if route in SIGNED else None
    bearer = session.issue(one.member_id, NOW).token
    if asker == "an operator of another brand":
        bearer = token(OTHER_BRAND, sub="cat", aud=console.AUDIENCE, iss="other")
    return {"authorization": f"Bearer {bearer}"}


def allowed(asker: str, route: Route, tried: set[str]) -> set[int]:
    """The statuses of an answer to somebody who tries these places with the other's ids."""
    if route in PUBLIC:
        return {200}
    if route == LOGINS[0] and "login_code" not in tried:
        # A receipt that is somebody's stays theirs; a friend's code or a device may be named.
        return {409} if "token" in tried else {200}
    if asker == "the other" and tried == {"cursor"} and route in SESSION:
        return {200, 422}
    if asker == "the other" and tried == {"code"} and route == PHONE:
        return {422}
    return {401, 403, 404}


def rows_of(one: Person) -> dict[Any, Any]:
    """What the table holds of a person, but for a receipt of theirs that is looked into."""
    return {
        key: item
        for key, item in dump().items()
        if one.member_id in str((key, item)) and key[1] != "REVIEW"
    }


@cache
def indexes(name: str, phone: str) -> tuple[str, ...]:
    """Under what a person is found in the table."""
    return (
        identities.mini_program_openid(f"openid-{name}")[1],
        identities.unionid(f"union-{name}")[1],
        identities.phone(f"+86{phone}")[1],
    )


def private(one: Person, coupon: str) -> set[str]:
    known = {one.member_id, coupon, one.phone, f"openid-{one.name}", f"union-{one.name}"}
    return {*known, f"{one.name}s-", str(one.owed), *indexes(one.name, one.phone)}


def test_every_place_says_whether_it_names_somebody() -> None:
    assert {str(slot) for slot in slots() if slot.last not in IDENTIFYING | NOBODYS} == set()
    assert set() == IDENTIFYING & NOBODYS
    assert set(ROUTES) >= RULES
    named = {slot.last for slot in slots()}
    assert (IDENTIFYING | NOBODYS) - named == set()


def test_every_route_that_names_somebody_is_tried() -> None:
    routes = {slot.route for slot in identifiers()}
    named = [route for route in ROUTES if "{" in route[1]]
    assert set(named) - routes == {("GET", "/v1/webhooks/{source}")}
    assert len(identifiers()) > 35
    assert len(CONSOLE) > 15


@pytest.mark.parametrize("mine", [0, 1], ids=["ann with bob's", "bob with ann's"])
@pytest.mark.parametrize("route", dict.fromkeys(slot.route for slot in identifiers()), ids=" ".join)
def test_anothers_ids_open_nothing(route: Route, mine: int, coupons: dict[str, str]) -> None:
    one, other = PEOPLE[mine], PEOPLE[1 - mine]
    places = [slot for slot in identifiers() if slot.route == route]
    theirs = {slot: id_of(other, slot, coupons[other.name], fresh=False) for slot in places}
    own = {slot: id_of(one, slot, coupons[one.name], fresh=True) for slot in places}
    stored, kept = dump(), rows_of(other)
    for tried in [*([slot] for slot in places), places]:
        how = fill(route, {**own, **{slot: theirs[slot] for slot in tried}})
        for asker in ASKERS:
            headers = headers_of(asker, one, route, how["text"])
            if headers is None:
                continue
            forget_login_codes()
            for code in other.spent:
                standin.use(code)
            answer = ask(route, "x", headers=headers, forget=False, **how)
            status = answer["statusCode"]
            where = (asker, [str(slot) for slot in tried], answer)
            assert status in allowed(asker, route, {slot.last for slot in tried}), where
            assert str(status) in ROUTES[route]["responses"], where
            said, sent = json.dumps(answer, ensure_ascii=False), json.dumps([how, route])
            leaked = {text for text in private(other, coupons[other.name]) if text in said}
            assert {text for text in leaked if text not in sent} == set(), where
            assert rows_of(other) == kept, where
            assert dump() == stored or status not in {401, 403, 404}, where
            stored = dump()
