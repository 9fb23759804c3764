"""Our tokens against PyJWT's, and everything that is none."""

from __future__ import annotations

import base64
import json
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.domain import tokens
from siyu.errors import NotSignedInError

KEY, OTHER = b"k" * 32, b"o" * 32
CLAIMS = {"sub": "ann", "iat": 1, "exp": 2}
TEXT = st.text(max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
# PyJWT looks at what these say; ours leaves it to the caller.
LOOKED_AT = {"iss", "aud", "sub", "jti", "iat", "nbf", "exp"}
ALL = st.dictionaries(TEXT.filter(lambda name: name not in LOOKED_AT), VALUES, max_size=5)
KEYS = st.binary(min_size=32, max_size=64)
KEY_IDS = st.text(min_size=1, max_size=8)


def part(content: Any) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def key_of(key_id: str) -> bytes | None:
    return {"1": KEY, "2": OTHER}.get(key_id)


def made(header: Any, payload: Any = CLAIMS, key: bytes = KEY) -> str:
    """A token with any header, rightly signed for it."""
    signed = f"{part(header)}.{part(payload)}"
    return f"{signed}.{tokens._signature(signed, key)}"


@given(claims=ALL, key=KEYS, key_id=KEY_IDS)
def test_ours_are_those_of_pyjwt_to_the_byte(
    claims: dict[str, Any], key: bytes, key_id: str
) -> None:
    ours = tokens.sign(claims, key, key_id)
    assert ours == jwt.encode(claims, key, "HS256", headers={"kid": key_id})
    assert jwt.decode(ours, key, algorithms=["HS256"]) == claims


@given(claims=ALL, key=KEYS, key_id=KEY_IDS)
def test_those_of_pyjwt_are_read(claims: dict[str, Any], key: bytes, key_id: str) -> None:
    theirs = jwt.encode(claims, key, "HS256", headers={"kid": key_id})
    assert tokens.verified(theirs, {key_id: key}.get) == claims
    with pytest.raises(NotSignedInError):
        tokens.verified(theirs, lambda _: key + b"!")


@given(text=st.text(max_size=80) | st.text("eyJ0.-_=", max_size=80))
def test_any_text_is_refused_and_never_more_than_that(text: str) -> None:
    with pytest.raises(NotSignedInError):
        tokens.verified(text, key_of)


@given(place=st.integers(0), letter=st.sampled_from("AZaz09-_."))
def test_a_token_with_another_letter_is_refused(place: int, letter: str) -> None:
    token = tokens.sign(CLAIMS, KEY, "1")
    place %= len(token)
    changed = token[:place] + letter + token[place + 1 :]
    if changed != token:
        with pytest.raises(NotSignedInError):
            tokens.verified(changed, key_of)


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none", "kid": "1"},
        {"alg": "hs256", "kid": "1"},
        {"alg": "HS512", "kid": "1"},
        {"alg": "RS256", "kid": "1"},
        {"alg": ["HS256"], "kid": "1"},
        {"alg": "HS256", "kid": "1", "crit": ["exp"]},
        {"alg": "HS256", "kid": "3"},
        {"alg": "HS256", "kid": "2"},
        {"alg": "HS256"},
        {"alg": "HS256", "kid": None},
        {"alg": "HS256", "kid": 1},
        {"alg": "HS256", "kid": True},
        {"alg": "HS256", "kid": ["1"]},
        ["HS256"],
        b"{",
        b"\xff",
        b"[" * 5_000,
    ],
)
def test_a_header_that_is_not_ours_is_refused_however_it_is_signed(header: Any) -> None:
    with pytest.raises(NotSignedInError):
        tokens.verified(made(header), key_of)


@pytest.mark.parametrize("payload", [["sub"], "ann", b"{", b"\xff", b"[" * 5_000, b"9" * 5_000])
def test_what_holds_no_object_is_refused_though_it_is_signed(payload: Any) -> None:
    with pytest.raises(NotSignedInError):
        tokens.verified(made({"alg": "HS256", "kid": "1"}, payload), key_of)


def test_the_same_signature_written_in_another_way_is_refused() -> None:
    token = tokens.sign(CLAIMS, KEY, "1")
    for other in (token + "=", token[:-1] + chr(ord(token[-1]) + 1), token + ".", " " + token):
        with pytest.raises(NotSignedInError):
            tokens.verified(other, key_of)
    assert tokens.verified(token, key_of) == CLAIMS


def test_the_other_key_opens_what_it_signed() -> None:
    assert tokens.verified(tokens.sign(CLAIMS, OTHER, "2"), key_of) == CLAIMS
