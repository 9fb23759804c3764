"""What tests of contacts say a lot: a friend was added, a follower came, the stream followed."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

import siyu.secrets
from siyu.domain.contacts import (
    CUSTOMER,
    ContactEvent,
    Followed,
    FriendAdded,
    FriendEnded,
    Relation,
    Unfollowed,
)
from siyu.secrets import secrets
from siyu.services import export_member, identities
from siyu.services.follow_contact import Greet, follow_contact
from siyu.services.known_member import known
from siyu.services.link_waiting import link_waiting
from siyu.storage import relations
from tests import support
from tests.support import NOW

GUIDE = "li"
ANN_AT_WECOM = "wm-ann"
ANN_AT_PROVIDER = "wx-ann"
ANN_FOLLOWS = "fan~ann"
ANN = "union-ann"
_deliveries = count()


def added(external_id: str = ANN_AT_WECOM, at: datetime = NOW, **more: Any) -> FriendAdded:
    fields = {"delivery": f"c{next(_deliveries)}", "guide": GUIDE, **more}
    return FriendAdded(at=at, external_id=external_id, **fields)


def ended(external_id: str = ANN_AT_WECOM, at: datetime = NOW, by: str = CUSTOMER) -> FriendEnded:
    return FriendEnded(f"c{next(_deliveries)}", at, GUIDE, external_id, by)


def followed(openid: str = ANN_FOLLOWS, at: datetime = NOW, state: str = "") -> Followed:
    return Followed(f"c{next(_deliveries)}", at, openid, state)


def unfollowed(openid: str = ANN_FOLLOWS, at: datetime = NOW) -> Unfollowed:
    return Unfollowed(f"c{next(_deliveries)}", at, openid)


def greet_nobody(_: FriendAdded) -> None:
    """For tests that are not about the welcome."""


def follow(event: ContactEvent, greet: Greet = greet_nobody) -> bool:
    return follow_contact(event, NOW, greet)


def later(seconds: int) -> datetime:
    return NOW + timedelta(seconds=seconds)


def settle_contacts() -> None:
    """Do what the table's stream sets in motion when an identity appears."""
    for item in support.dump().values():
        if item["kind"]["S"] == "IDENTITY":
            identity = (item["identity_kind"]["S"], item["identity_index"]["S"])
            link_waiting(identity, item["member_id"]["S"], NOW)


def relations_of(member_id: str) -> list[Relation]:
    """All relations of a person, as everybody who asks for them finds them."""
    found = export_member.relations_of(known(member_id))
    return sorted(found, key=lambda one: (one.kind, one.guide or ""))


def told_of(external_id: str = ANN_AT_WECOM) -> Relation:
    """The one relation told of a WeCom contact."""
    (relation,) = relations.at(identities.wecom_contact(external_id))
    return relation


def members_there_are() -> set[str]:
    """The persons: accounts that were merged into another do not count."""
    profiles = [item for item in support.dump().values() if item["kind"]["S"] == "PROFILE"]
    return {item["member_id"]["S"] for item in profiles if "up" not in item}


def be_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let WeCom's account be a service provider's for one test."""
    wecom = secrets().wecom
    assert wecom is not None
    change_secrets(monkeypatch, wecom=replace(wecom, provider=True))


def change_secrets(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    kept = (time.monotonic(), replace(secrets(), **changes))
    monkeypatch.setattr(siyu.secrets, "_cached", kept)
