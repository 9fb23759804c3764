"""What transfers move, and what reads say of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, replace

from siyu.domain.ledger import Entry, change_for, is_members, moved_by
from siyu.storage import keys
from tests.jepsen.history import FAIL, INFO, NEVER, OK, Op
from tests.jepsen.subsets import Vector, plus
from tests.jepsen.transfers import transfer_of

TRANSFER, BALANCE, SHARDS, ENTRIES = "transfer", "balance", "shards", "entries"
SNAPSHOT, FINAL = "snapshot", "final"
READS = (BALANCE, SHARDS, ENTRIES, SNAPSHOT, FINAL)
Places = frozenset[str]
"""Items, by their partition keys."""


def entries_in(op: Op) -> set[Entry]:
    """All that a transfer tried to write."""
    return {entry for theirs in transfer_of(op).entries.values() for entry in theirs}


def one_by_content(ops: Iterable[Op]) -> list[Op]:
    """Transfers of the same entries are one, which several may have tried: a release, whoever asks
    for it. It began with the first of them and was over when somebody was told yes."""
    found: dict[frozenset[Entry], Op] = {}
    for op in ops:
        known = found.setdefault(frozenset(entries_in(op)), replace(op, ended=NEVER))
        known.invoked = min(known.invoked, op.invoked)
        known.ended = min(known.ended, op.ended) if op.outcome == OK else known.ended
        known.outcome = min(known.outcome, op.outcome, key=(OK, INFO, FAIL).index)
    return list(found.values())


def moves_of(op: Op) -> dict[str, Vector]:
    """By how much a transfer moves each item."""
    transfer, everything = transfer_of(op), entries_in(op)
    moved = {
        keys.ledger_shard(member_id, transfer.about): astuple(change_for(member_id, entries))
        for member_id, entries in transfer.entries.items()
    }
    for name in {side for one in everything for side in (one.debit, one.credit)}:
        if not is_members(name):
            moves = sum(moved_by(entry, name) for entry in everything)
            moved[keys.account(name, transfer.about).pk] = (moves,)
    return moved


def in_all(moves: Mapping[str, Vector], places: Places) -> Vector:
    """By how much a transfer moves some items of one kind together; it moves one of them."""
    first, *others = (vector for place, vector in moves.items() if place in places)
    for vector in others:
        first = plus(first, vector)
    return first


def shards(member_id: str) -> Places:
    """The items that an account's balance is the sum of."""
    return frozenset(key.pk for key in keys.balances(member_id))


def whole(read: Op) -> bool:
    """Whether a read saw all items at one moment."""
    return read.kind in (SNAPSHOT, FINAL)


def parts_of(read: Op) -> Iterator[tuple[Places, Vector]]:
    """What a read of balances says, item by item or of several together."""
    if read.kind == BALANCE:
        yield shards(read.asked), astuple(read.answer)
    elif read.kind == SHARDS:
        for place, balance in read.answer.items():
            yield frozenset({place}), astuple(balance)
    elif whole(read):
        for place, vector in read.answer["balances"].items():
            yield frozenset({place}), vector


def listed(read: Op, transfers: Iterable[Op]) -> Iterator[tuple[Places, frozenset[int]]]:
    """Which transfers a reader of an account's entries has seen, shard by shard."""
    entries, where = set(read.answer), dict[int, str]()
    for op in transfers:
        transfer = transfer_of(op)
        if entries & set(transfer.entries.get(read.asked, ())):
            where[op.number] = keys.ledger_shard(read.asked, transfer.about)
    for place in shards(read.asked):
        yield frozenset({place}), frozenset(n for n, one in where.items() if one == place)
