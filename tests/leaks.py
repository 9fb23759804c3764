"""What a log must never hold: personal data and secrets, by their shapes and by what tests use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from siyu.domain.base32 import ALPHABET

# Beyond it a line says more of the test than of the leak.
SHOWN_CHARS = 300


@dataclass(frozen=True, slots=True)
class Leak:
    """Something that must not be there: what it is, what was found, and the line it is in."""

    kind: str
    found: str
    line: str

    def __str__(self) -> str:
        return f"{self.kind} {self.found!r} in: {self.line[:SHOWN_CHARS]}"


# In front of and behind a match nothing that would make it a part of something longer: a UUID, a
# hash and a sequence number have digits enough to be a phone number somewhere in their middle.
_ALONE = r"(?<![0-9A-Za-z_.+/=-])(?:{})(?![0-9A-Za-z_.+/=-])"
SHAPES = {
    # Mainland mobile numbers, with or without +86 or spaces.
    "phone number": (
        r"(?<![0-9A-Za-z.-])(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![0-9A-Za-z]|\.\d)"
    ),
    # As WeChat makes them: `o` and 27 characters; letters alone would be a word of ours.
    "openid": _ALONE.format(r"o(?=[A-Za-z_-]*\d)(?=[a-z0-9_-]*[A-Z])[A-Za-z0-9_-]{27}"),
    # As WeCom makes them: who an added contact is.
    "external_userid": _ALONE.format(
        r"w[mo](?=[A-Za-z_-]*\d)(?=[a-z0-9_-]*[A-Z])[A-Za-z0-9_-]{30}"
    ),
    # As the tests and the stand-in of WeChat name people.
    "identity of a test": r"\b(?:openid|union|wm|wx|pending|welcome)-[a-z0-9][\w-]*|\bshopper\d+\b",
    "login code": r"\b[\w-]+\.code\d+\b",
    # 16 bytes in base64, as WeChat makes them.
    "session key": r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{22}==(?!=)",
    "JSON Web Token": r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}",
    "webhook secret": r"\bwhsec_[A-Za-z0-9+/=]{8,}",
    "webhook signature": r"\bv1,[A-Za-z0-9+/]{40,}=*",
    "private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "access token": r"\baccess_token=[^\s&\"'*]+",
    # Receipts, doors, posters and referral codes are tokens of one length (siyu.domain.codes).
    "token of a code": rf"(?<![0-9A-Za-z_/+=-])[{ALPHABET}]{{30}}(?![0-9A-Za-z_/+=-])",
    # Where goods go in the tests.
    "delivery address": (
        r"淮海中路|学院路|Shipping Street|\\u6dee\\u6d77\\u4e2d\\u8def|\\u5b66\\u9662\\u8def"
    ),
    # Documentation addresses are what tests call from; our own machine's is none of a person.
    "address": r"(?<![\d.])(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d{1,3}(?![\d.])",
}
_PATTERNS = {kind: re.compile(shape, re.ASCII) for kind, shape in SHAPES.items()}


def scan(text: str, known: Iterable[str] = ()) -> list[Leak]:
    """Every leak of a text; `known` are values that must not be in it, whatever their shape."""
    return [*_shapes(text), *_known(text, known)]


def _shapes(text: str) -> Iterator[Leak]:
    for kind, pattern in _PATTERNS.items():
        for match in pattern.finditer(text):
            yield Leak(kind, match[0], _line(text, match.start()))


def _known(text: str, known: Iterable[str]) -> Iterator[Leak]:
    for value in known:
        if value in text:
            yield Leak("value of a test", value, _line(text, text.index(value)))


def _line(text: str, at: int) -> str:
    """The line around a place."""
    end = text.find("\n", at)
    return text[text.rfind("\n", 0, at) + 1 : end if end >= 0 else len(text)]
