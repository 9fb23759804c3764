"""Scenario 23: every route, asked by everybody who may not have what they ask for.

The routes are those of the OpenAPI document, so a new one is in the matrix or fails it. Signatures
are in test_s23_idor_senders.py, the ids of other members in test_s23_idor_two_members.py.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import jwt
import pytest

import siyu.secrets
from siyu.api import console, session
from siyu.aws import client
from siyu.domain.keys import session_key
from tests.acceptance.matrix import (
    CALLBACKS,
    CHECKS,
    CONSOLE,
    LINKS,
    LOGINS,
    NUMBER,
    OWED,
    PUBLIC,
    ROUTES,
    SESSION,
    SIGNED,
    Route,
    ask,
    body_of,
    refused,
    wallet_code,
)
from tests.functions.calls import ANN, BOB, TIMESTAMP, body
from tests.services.shop import MASTER_KEY, receipt
from tests.support import NOW, SECRETS, dump

KEY = session_key(MASTER_KEY, "brand", "1")


def token(key: Any = KEY, algorithm: str = "HS256", kid: Any = "1", **claims: Any) -> str:
    """Bob's session but for what is given; a claim of None is left out."""
    payload = {"sub": BOB, "aud": "member", "iss": "brand", "iat": TIMESTAMP, "exp": TIMESTAMP + 60}
    merged = {name: value for name, value in {**payload, **claims}.items() if value is not None}
    return jwt.encode(merged, key, algorithm, headers={"kid": kid})


def unsigned(algorithm: str) -> str:
    """Bob's session under an algorithm that signs nothing."""
    _, claims, signature = token().split(".")
    forged = base64.urlsafe_b64encode(json.dumps({"alg": algorithm, "kid": "1"}).encode())
    return f"{forged.decode().rstrip('=')}.{claims}.{signature if algorithm != 'none' else ''}"


# A public key is known to everybody; as an HMAC secret it signs for everybody.
PUBLIC_KEY = base64.b64encode(b"-----BEGIN PUBLIC KEY----- MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE")
TOKENS = {
    "empty": "",
    "no token at all": "x",
    "algorithm none": unsigned("none"),
    "algorithm None": unsigned("None"),
    "algorithm RS256": unsigned("RS256"),
    "algorithm HS512": token(KEY + KEY, "HS512"),
    "another secret": token(b"k" * 32),
    "a public key as secret": token(PUBLIC_KEY),
    "the key id as secret": token(b"1".ljust(32, b"\0")),
    "the master key as secret": token(MASTER_KEY),
    "another brand's key": token(session_key(MASTER_KEY, "other", "1")),
    "expired": token(exp=TIMESTAMP),
    "from the future": token(iat=TIMESTAMP + 61, exp=TIMESTAMP + 3600),
    "no expiry": token(exp=None),
    "no subject": token(sub=None),
    "no audience": token(aud=None),
    "no issuer": token(iss=None),
    "an audience of somebody else's": token(aud="guide"),
    "an issuer of somebody else's": token(iss="other"),
    "a key id nobody knows": token(kid="9"),
    "a key id that is a path": token(kid="../../dev/null"),
    "a key that was rotated out": token(session_key(MASTER_KEY, "brand", "0"), kid="0"),
    "a key that is not in use yet": token(session_key(MASTER_KEY, "brand", "2"), kid="2"),
}


def test_every_route_is_in_the_matrix() -> None:
    known = [*SESSION, *CONSOLE, *LINKS, *SIGNED, *CHECKS, *CALLBACKS, *LOGINS, *PUBLIC]
    assert sorted(known) == sorted(ROUTES)


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_without_any_proof_nobody_gets_anything(route: Route, bobs: str) -> None:
    """The page and the picture behind a code are for everybody, and say nothing."""
    stored = dump()
    answer = ask(route, bobs)
    # Eve logs in as herself: her scan meets Bob's receipt.
    statuses = {409} if route == LOGINS[0] else {404, 200} if route in PUBLIC else {401, 404}
    refused(answer, statuses, bobs, stored=stored)


@pytest.mark.parametrize("name", TOKENS)
def test_a_session_that_does_not_hold_opens_no_route(name: str, bobs: str) -> None:
    stored = dump()
    for route in [*SESSION, *CONSOLE]:
        answer = ask(route, bobs, headers={"authorization": f"Bearer {TOKENS[name]}"})
        refused(answer, {401}, bobs, stored=stored)
        assert body(answer)["type"] == "urn:siyu:problem:not_signed_in", route


@pytest.mark.parametrize("name", [name for name, text in TOKENS.items() if text])
def test_a_link_that_does_not_hold_leads_nowhere(name: str, bobs: str) -> None:
    """The same forgeries, made out for an export where the audience is not the point."""
    stored = dump()
    refused(ask(LINKS[0], bobs, token=TOKENS[name]), {404}, bobs, stored=stored)


def test_a_code_to_pay_with_is_no_session(bobs: str) -> None:
    stored, bearer = dump(), {"authorization": f"Bearer {wallet_code(BOB)}"}
    for route in [*SESSION, *CONSOLE]:
        refused(ask(route, bobs, headers=bearer), {401}, bobs, stored=stored)
    refused(ask(LINKS[0], bobs, token=wallet_code(BOB)), {404}, bobs, stored=stored)


def test_a_link_is_no_session_and_a_session_no_link(bobs: str) -> None:
    stored = dump()
    link = session.issue(BOB, NOW, "export", timedelta(minutes=15)).token
    assert BOB in ask(LINKS[0], bobs, token=link)["body"]
    refused(ask(LINKS[0], bobs, token=session.issue(BOB, NOW).token), {404}, bobs, stored=stored)
    for route in [*SESSION, *CONSOLE]:
        answer = ask(route, bobs, headers={"authorization": f"Bearer {link}"})
        refused(answer, {401}, bobs, stored=stored)


def test_a_member_is_no_operator_and_an_operator_no_member(bobs: str) -> None:
    stored = dump()
    for routes, token_of in ((CONSOLE, session.issue), (SESSION, console.issue)):
        assert routes
        for route in routes:
            bearer = {"authorization": f"Bearer {token_of(BOB, NOW).token}"}
            refused(ask(route, bobs, headers=bearer), {401}, bobs, stored=stored)


@pytest.mark.parametrize("route", SESSION, ids=" ".join)
def test_a_member_who_names_another_gets_their_own(route: Route, bobs: str) -> None:
    """The other's id in the query, in headers, in a cookie and in the body."""
    own = session.issue(ANN, NOW).token
    headers = {
        "authorization": f"Bearer {own}",
        "x-member-id": BOB,
        "x-forwarded-user": BOB,
        "x-http-method-override": "GET",
        "cookie": f"member={BOB}; session={session.issue(BOB, NOW).token}",
    }
    query = f"id={BOB}&member_id={BOB}&sub={BOB}&authorization=Bearer%20{token()}"
    rows = {key: item for key, item in dump().items() if BOB in str(key)}
    plain = json.loads(body_of(route, BOB, bobs) or "{}")
    for text in (None, json.dumps({**plain, "member_id": BOB, "id": BOB, "sub": BOB})):
        answer = ask(route, bobs, text, headers=headers, query=query)
        said, status = json.dumps(answer), answer["statusCode"]
        assert status < 500
        if text is None:
            # Erasing takes a login of Ann's, and here it is Bob's.
            assert status == (401 if route[0] == "DELETE" else 200)
        # Ann proves Bob's number, or Bob's login: neither shows her anything of his.
        for private in (BOB, bobs, NUMBER[1:], "openid-bob", "bobs-", "123456", str(OWED)):
            assert private not in said
    if route != ("POST", "/v1/me/phone"):  # a fresh number makes two accounts one, rightly
        assert {key: item for key, item in dump().items() if BOB in str(key)} == rows


@pytest.mark.parametrize("route", LOGINS, ids=" ".join)
def test_a_login_decides_who_it_is_whatever_session_comes_with_it(route: Route, bobs: str) -> None:
    headers = {"authorization": f"Bearer {session.issue(BOB, NOW).token}", "x-member-id": BOB}
    fields = json.loads(body_of(route, BOB, bobs))
    fields["login_code"] = "openid-ann.1"
    if "token" in fields:
        fields["token"] = receipt(1)
    answer = ask(route, bobs, json.dumps(fields), headers=headers)
    assert answer["statusCode"] == 200
    assert BOB not in json.dumps(answer)
    issued = (body(answer).get("session") or body(answer))["token"]
    assert session.read(issued, NOW) == ANN


# Rotation


@pytest.fixture
def session_keys() -> Iterator[Any]:
    """Changes which versions of the session key the brand's secret names."""

    def put(keys: list[str] | None) -> None:
        text = json.dumps(SECRETS if keys is None else {**SECRETS, "session_keys": keys})
        client("secretsmanager").put_secret_value(
            SecretId="siyu-tests", SecretString=text, ClientRequestToken=str(uuid.uuid4())
        )
        siyu.secrets._cached = None

    yield put
    put(None)


def status(bearer: str, code: str) -> int:
    answer = ask(("GET", "/v1/me"), code, headers={"authorization": f"Bearer {bearer}"})
    return int(answer["statusCode"])


def test_a_rotation_ends_no_session_and_the_next_one_ends_the_oldest(
    session_keys: Any, bobs: str
) -> None:
    old = session.issue(BOB, NOW).token
    assert jwt.get_unverified_header(old)["kid"] == "1"
    session_keys(["2", "1"])
    new = session.issue(BOB, NOW).token
    assert jwt.get_unverified_header(new)["kid"] == "2"
    assert (status(old, bobs), status(new, bobs)) == (200, 200)
    session_keys(["2"])
    assert (status(old, bobs), status(new, bobs)) == (401, 200)
    # The old key's signature does not hold under the new key's name.
    assert status(token(KEY, kid="2"), bobs) == 401
