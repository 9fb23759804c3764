"""Ask for an audience, and look what became of it."""

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from siyu.domain.asked_audience import DONE, Audience
from siyu.domain.audience import Query
from siyu.errors import AudienceRefusedError, NotFoundError
from siyu.services.read_audience import basis_of
from siyu.storage import audience_files, audiences

LISTED = 50
_ID_BYTES = 10
_AN_ID = re.compile(r"[a-z2-7]{16}")


def ask_for(body: Mapping[str, Any], by: str, now: datetime, key: str | None) -> Audience:
    """Ask for an audience by its query's JSON, which was checked; the stream sets its export in
    motion. Scheme and lines are kept with it: a later night does not change what was asked.

    The same `key` of the same operator is the same audience. Raises AudienceRefusedError when it
    came with another query, and when no night has published the scheme.
    """
    asked_id = _id(by, key)
    standing = audiences.find(asked_id) if key else None
    if standing is not None and standing.ends_at <= now:
        # Deleted, and not overwritten: the stream exports what is inserted.
        audiences.drop(standing, now)
        standing = None
    if standing is None:
        basis = basis_of(Query.of_body(body).scheme)
        asked = Audience(asked_id, body, basis, by, now)
        if audiences.create(asked):
            return asked
        standing = find(asked_id, now)
    if standing.query != body:
        raise AudienceRefusedError("idempotency_key_used", "the key came with another query before")
    return standing


def find(audience_id: str, now: datetime) -> Audience:
    """What became of one. Raises NotFoundError."""
    found = audiences.find(audience_id) if _AN_ID.fullmatch(audience_id) else None
    if found is None or found.ends_at <= now:
        raise NotFoundError("no such audience")
    return found


def latest(now: datetime) -> list[Audience]:
    """The last ones, the latest first."""
    return [one for one in audiences.latest(LISTED) if one.ends_at > now]


def file_of(one: Audience) -> tuple[str, str] | None:
    """The key of its file and a link to it that works for some minutes; None before it is done."""
    if one.state != DONE:
        return None
    return audience_files.members_key(one.audience_id), audience_files.link(one.audience_id)


def _id(by: str, key: str | None) -> str:
    """16 letters and digits, by an operator's key or by chance."""
    drawn = secrets.token_bytes(_ID_BYTES)
    if key is not None:
        drawn = hashlib.sha256(f"{by}\0{key}".encode()).digest()[:_ID_BYTES]
    return base64.b32encode(drawn).decode().lower()
