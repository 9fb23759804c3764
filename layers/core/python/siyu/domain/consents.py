"""Consents: what a member agreed to, per purpose and wording, kept as facts and never rewritten.

PIPL asks for a record of who agreed to which wording for which purpose, and for a withdrawal as
easy as the consent. The state of a purpose is its latest fact; without one there is no consent.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Purpose(StrEnum):
    """What a consent is for; each is asked for by itself."""

    MEMBERSHIP = "membership"
    MARKETING = "marketing"
    PROFILING = "profiling"
    GUIDE_CONTACT = "guide_contact"
    DATA_SHARING = "data_sharing"


@dataclass(frozen=True, slots=True)
class Consent:
    """One decision. `text_hash` is the SHA-256 of the wording shown; `address_mark` a keyed hash of
    where it came from, gone after erasure."""

    purpose: Purpose
    granted: bool
    policy_version: str
    text_hash: str
    channel: str
    at: datetime
    address_mark: str | None = None


def profiling_refused(consents: Iterable["Consent"]) -> bool:
    """Whether a person wants no profile: then the night leaves them out (PIPL article 24)."""
    decided = standing(consents).get(Purpose.PROFILING)
    return decided is not None and not decided.granted


def standing(consents: Iterable[Consent]) -> dict[Purpose, Consent]:
    """The latest decision per purpose; of two at one instant the withdrawal counts."""
    latest: dict[Purpose, Consent] = {}
    for consent in sorted(consents, key=lambda one: (one.at, not one.granted)):
        latest[consent.purpose] = consent
    return latest
