"""What tills hold of members' credit, and which holds wait for the day they lapse."""

from collections.abc import Iterator
from datetime import date

from siyu.domain.calendar import to_utc
from siyu.domain.holds import STANDS, Hold, ShownCode
from siyu.storage import keys
from siyu.storage.code_items import WindowItem
from siyu.storage.items import Gsi2, Item
from siyu.storage.ledger_items import HoldItem
from siyu.storage.reading import read
from siyu.storage.transaction import Transaction
from siyu.storage.windows import KEPT_SECONDS

CODE = "wallet"


def find(hold_key: str) -> Hold | None:
    """A hold by its name across all stores; 1 read unit."""
    where = keys.hold(hold_key)
    item = read([where]).get(HoldItem, where)
    return _to_hold(item) if item else None


def find_with_code(hold_key: str, mark: str) -> tuple[Hold | None, bool]:
    """A hold, and whether a hold was made with the code of this mark; 2 read units, and no
    snapshot: the other may have come to be in between."""
    hold, code = keys.hold(hold_key), keys.window(CODE, mark, 0)
    found = read([hold, code])
    item = found.get(HoldItem, hold)
    return _to_hold(item) if item else None, found.get(WindowItem, code) is not None


def use_code(write: Transaction, code: ShownCode) -> None:
    """Note that a code was used; kept until some time after it has ended by itself."""
    ttl = int(code.ends_at.timestamp()) + KEPT_SECONDS
    write.create("code", WindowItem(*keys.window(CODE, code.mark, 0), used=1, ttl=ttl))


def put(write: Transaction, hold: Hold) -> None:
    """Write a hold over the version before its own; it is kept for ever, so that a till's id of a
    hold names one only."""
    item = HoldItem(
        *keys.hold(hold.hold_key),
        hold_key=hold.hold_key,
        member_id=hold.member_id,
        store=hold.store,
        parts=[list(part) for part in hold.parts],
        spend_minor=hold.spend_minor,
        captured_minor=hold.captured_minor or None,
        state=hold.state,
        held_at=to_utc(hold.held_at),
        lapses_on=hold.lapses_on.isoformat(),
        version=hold.version,
    )
    if hold.state == STANDS:
        item.GSI2PK, item.GSI2SK = keys.waiting(keys.LAPSE, hold.lapses_on, hold.hold_key)
    write.replace("hold", item)


def lapsing(day: date, shard: int) -> Iterator[str]:
    """The names of the holds in one shard that lapse on `day` or before, oldest first; the index
    may lag a moment behind."""
    until = keys.waiting_until(day) >= Gsi2.GSI2SK
    for item in Item.gsi2.query(keys.waiting_pk(keys.LAPSE, shard), until):
        if isinstance(item, HoldItem):
            yield item.hold_key


def _to_hold(item: HoldItem) -> Hold:
    return Hold(
        hold_key=item.hold_key,
        hold_id=keys.hold_parts(item.hold_key)[1],
        store=item.store,
        member_id=item.member_id,
        parts=tuple((member_id, int(amount)) for member_id, amount in item.parts),
        spend_minor=int(item.spend_minor),
        held_at=item.held_at,
        lapses_on=date.fromisoformat(item.lapses_on),
        state=item.state,
        captured_minor=int(item.captured_minor or 0),
        version=int(item.version),
    )
