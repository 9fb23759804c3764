"""The operations on the ledger, as services make them: read, decide, and write with conditions."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from siyu.domain import holds as tills
from siyu.domain.credits import Credit, reconcile, release
from siyu.domain.holds import Hold, ShownCode, Wish
from siyu.domain.ledger import Balance, Entry
from siyu.domain.programmes import PROGRAMME
from siyu.domain.referrals import Target
from siyu.storage import credit_items, holds, keys, ledger
from siyu.storage.transaction import StaleReadError, Transaction
from tests.jepsen.history import FAIL, INFO, OK, Op
from tests.support import NOW

MEMBERS = ("JEPSEN0000001", "JEPSEN0000002", "JEPSEN0000003")
STORE = "JEP"
DAY = date(2026, 12, 7)
BITS = 48


@dataclass(frozen=True)
class Transfer:
    """All entries of one transaction by member, about one order or hold. Of those with the same
    `guard`, the version of an item that they write, one at most may take effect."""

    about: str
    entries: Mapping[str, Sequence[Entry]]
    guard: str


Written = Callable[[Transaction], None]
Plan = tuple[Transfer, Written]


def amount(chance: random.Random) -> int:
    """Big enough that no two sums of some transfers are the same."""
    return chance.getrandbits(BITS) + 1


def order_key(number: int) -> str:
    return f"jepsen#{number}"


def earn(order: str, member_id: str, minor: int) -> Plan:
    """The credit of an order that nobody has credited yet."""
    opened = Credit(order, member_id, "JEPSEN0FRIEND", PROGRAMME.version, DAY, DAY)
    return _credit(*reconcile(opened, Target(minor, 0)))


def reverse(order: str, chance: random.Random) -> Plan | None:
    """Take back some of an order's credit."""
    credit = credit_items.find(order)
    if credit is None or credit.kept_minor < 2:
        return None
    more = chance.randrange(1, credit.kept_minor)
    target = Target(credit.earned_minor, credit.reversed_minor + more)
    return _credit(*reconcile(credit, target))


def let_go(order: str) -> Plan | None:
    """Release an order's credit."""
    credit = credit_items.find(order)
    if credit is None or not credit.due or credit.kept_minor == 0:
        return None
    return _credit(*release(credit, PROGRAMME, credit.release_on))


def hold(hold_id: str, pays: Mapping[str, int]) -> Plan:
    """Hold credit of some accounts of one person for a till, whether or not they have it."""
    total = sum(pays.values())
    wish = Wish(STORE, hold_id, ShownCode(MEMBERS[0], hold_id, NOW), total, total)
    has = {member_id: Balance(released_minor=minor) for member_id, minor in pays.items()}
    return _hold(*tills.make(keys.hold_key(STORE, hold_id), wish, has, NOW))


def settle(hold_id: str, chance: random.Random) -> Plan | None:
    """Capture some of a hold, or void it, or take back what was captured."""
    found = holds.find(keys.hold_key(STORE, hold_id))
    if found is None or found.state == tills.VOIDED:
        return None
    if found.state == tills.CAPTURED or chance.random() < 0.4:
        return _hold(*tills.void(found, NOW))
    return _hold(*tills.capture(found, chance.randrange(1, found.amount_minor)))


def _credit(credit: Credit, entries: Sequence[Entry]) -> Plan:
    guard = f"{credit.order_key} version {credit.version}"
    posted = {credit.referrer_id: tuple(entries)}
    transfer = Transfer(credit.order_key, posted, guard)
    return transfer, lambda write: credit_items.put(write, credit)


def _hold(made: Hold, posted: Mapping[str, Sequence[Entry]]) -> Plan:
    guard = f"{made.hold_key} version {made.version}"
    entries = {member_id: tuple(theirs) for member_id, theirs in posted.items() if theirs}
    return Transfer(made.hold_key, entries, guard), lambda write: holds.put(write, made)


def post(plan: Plan) -> None:
    """Commit a transfer with what it is about. Raises StaleReadError and all that a line can do."""
    transfer, also = plan
    write = Transaction()
    also(write)
    ledger.book_all(write, transfer.about, transfer.entries, NOW)
    write.commit()


def attempt(plan: Plan) -> tuple[str, None]:
    """Post a transfer; how that ended.

    A condition that fails may have failed because of this very transfer, whose first answer was
    lost: then it stands.
    """
    try:
        post(plan)
    except StaleReadError:
        return _look(plan[0]), None
    except Exception:  # noqa: BLE001 - whatever it was, nobody knows what became of the write
        return INFO, None
    return OK, None


def _look(transfer: Transfer) -> str:
    try:
        return OK if standing(transfer) else FAIL
    except Exception:  # noqa: BLE001 - then nobody knows
        return INFO


def standing(transfer: Transfer) -> bool:
    """Whether exactly these entries are in the ledger."""
    return all(
        set(theirs) <= {entry for entry, _ in ledger.entries_of(member_id)}
        for member_id, theirs in transfer.entries.items()
    )


def read_op(kind: str, member_id: str) -> Any:
    """What a reader of the product sees: a balance, its shards, or the entries."""
    if kind == "balance":
        return ledger.balance_of([member_id])[member_id]
    if kind == "shards":
        return ledger.shards_of(member_id)
    return [entry for entry, _ in ledger.entries_of(member_id)]


def transfer_of(op: Op) -> Transfer:
    """What an operation tried to write."""
    assert isinstance(op.asked, Transfer)
    return op.asked
