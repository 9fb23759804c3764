"""On which devices a member is seen: whose friends come from one of them brought themselves."""

from collections.abc import Collection
from datetime import datetime

from siyu.domain.members import MOST_DEVICES
from siyu.storage import members
from siyu.storage.members import Identity
from siyu.storage.transaction import Transaction


def note_devices(
    write: Transaction,
    member_id: str,
    fresh: Collection[Identity],
    seen_on: Collection[str],
    place: tuple[Identity, str | None, datetime],
) -> None:
    """Note with an account the identities that lead to it as of `write`, and the `place` of a scan:
    the openid, the mark of a device, and when.

    A device alone is not worth a transaction, and a few of them tell enough: what a scan writes
    anyway takes it along. None is ever dropped, else what was refused would be let through.
    """
    openid, device, now = place
    further = device is not None and device not in seen_on and len(seen_on) <= MOST_DEVICES
    if write.empty or not (fresh or further):
        return
    seen = (device, now) if device is not None and further else None
    members.name_identities(write, member_id, fresh, seen)
    if seen is not None and openid not in fresh:
        members.see_device(write, member_id, openid, seen[0])
