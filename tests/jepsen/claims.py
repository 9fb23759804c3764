"""Single entries whose ids are asked for again and again, and what is wrong with the answers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from siyu.domain.ledger import (
    PENDING,
    Balance,
    Entry,
    EntryKind,
    change_for,
    is_members,
    member_account,
    moved_by,
    programme_account,
)
from siyu.storage import accounts, ledger
from siyu.storage.transaction import StaleReadError, Transaction
from tests.jepsen.history import FAIL, INFO, NEVER, OK, History, Op
from tests.jepsen.judge import Verdict
from tests.jepsen.transfers import MEMBERS
from tests.jepsen.views import ENTRIES, FINAL
from tests.support import NOW

CLAIM = "claim"
CREATED, FOUND, REFUSED, NOTHING = "created", "found", "refused", "nothing"
"""Written now; it stood already; another content stood; a condition failed and nothing stood."""
BRAND = programme_account("jepsen")


@dataclass(frozen=True)
class Claim:
    """An entry that is to stand under its id."""

    member_id: str
    entry: Entry


def claim(number: int, version: int = 0) -> Claim:
    """The claim of an id with one of its contents: the amount differs, and who pays whom."""
    member_id, name = MEMBERS[number % len(MEMBERS)], f"claim#{number}"
    mine, minor = member_account(member_id, PENDING), 1_000 * (number + 1) + version
    kind, sides = EntryKind.EARN, (BRAND, mine)
    if version % 2:
        kind, sides = EntryKind.REVERSE, (mine, BRAND)
    return Claim(member_id, Entry(name, kind, *sides, minor, order_key=name))


def post(wanted: Claim) -> tuple[str, str | None]:
    """Post the entry; how that ended, and what was found where it did not come as asked."""
    write, name = Transaction(), wanted.entry.entry_id
    ledger.book(write, wanted.member_id, name, [wanted.entry], NOW)
    try:
        write.commit()
    except StaleReadError:
        return _look(wanted)
    except Exception:  # noqa: BLE001 - whatever it was, nobody knows what became of the write
        return INFO, None
    return OK, CREATED


def _look(wanted: Claim) -> tuple[str, str | None]:
    try:
        there = [one for one in entries(wanted.member_id) if one.entry_id == wanted.entry.entry_id]
    except Exception:  # noqa: BLE001 - then nobody knows
        return INFO, None
    if not there:
        return FAIL, NOTHING
    return (OK, FOUND) if there == [wanted.entry] else (FAIL, REFUSED)


def entries(member_id: str) -> list[Entry]:
    """All entries of an account."""
    return [entry for entry, _ in ledger.entries_of(member_id)]


def everything() -> dict[str, Any]:
    """What a last read says of all accounts."""
    return {
        "entries": [entry for one in MEMBERS for entry in entries(one)],
        "balances": ledger.balance_of(MEMBERS),
        "brand": accounts.account_of(BRAND),
    }


def judge_claims(history: History) -> Verdict:
    """What is wrong with a history of claims and reads of entries."""
    verdict = Verdict()
    tries = defaultdict[str, list[Op]](list)
    for op in history.of(CLAIM):
        tries[op.asked.entry.entry_id].append(op)
    reads = list(history.of(ENTRIES, FINAL, outcome=OK))
    for name in tries:
        verdict.errors += _of_one_id(name, tries[name], reads)
    verdict.errors += _invented(tries.keys(), reads)
    finals = list(history.of(FINAL, outcome=OK))
    for final in finals:
        verdict.errors += _sums(final)
    for one, other in pairwise(finals):
        verdict.errors += _quiet(one, other, history)
    verdict.judged = len(reads) + len(tries)
    return verdict


def _of_one_id(name: str, tries: Sequence[Op], reads: Sequence[Op]) -> Iterator[str]:
    reads = [one for one in reads if one.kind == FINAL or one.asked == tries[0].asked.member_id]
    seen = [(read, one) for read in reads for one in listed(read) if one.entry_id == name]
    said = [op for op in tries if op.outcome == OK]
    stands = {one for _, one in seen} | {op.asked.entry for op in said}
    if len(stands) > 1:
        yield f"{name} stands in {len(stands)} versions"
    if [op.answer for op in said].count(CREATED) > 1:
        yield f"{name} was created twice"
    if any(count > 1 for count in Counter(read.number for read, _ in seen).values()):
        yield f"{name} was listed twice in one read"
    for op in tries:
        if op.answer == NOTHING or (op.answer == REFUSED and stands <= {op.asked.entry}):
            yield f"{name}: claim {op.number} was refused for no reason"
    yield from _in_time(name, tries, reads, seen)


def _in_time(
    name: str, tries: Sequence[Op], reads: Sequence[Op], seen: Sequence[tuple[Op, Entry]]
) -> Iterator[str]:
    """What somebody was told of an id holds for all who look later, and nobody looks ahead."""
    told = [op for op in tries if op.outcome == OK] + [read for read, _ in seen]
    since = min((one.ended for one in told), default=NEVER)
    saw = {read.number for read, _ in seen}
    for read in reads:
        if read.invoked > since and read.number not in saw:
            yield f"{name} was gone when read {read.number} looked"
    for read, entry in seen:
        asked = [op.invoked for op in tries if op.asked.entry == entry]
        if min(asked, default=NEVER) > read.ended:
            yield f"{name} was seen by read {read.number} before anybody asked for it"


def listed(read: Op) -> list[Entry]:
    """The entries that a read told of."""
    told: list[Entry] = read.answer["entries"] if read.kind == FINAL else read.answer
    return told


def _invented(names: Any, reads: Sequence[Op]) -> Iterator[str]:
    for name in {one.entry_id for read in reads for one in listed(read)} - set(names):
        yield f"{name} was posted by nobody"


def _sums(final: Op) -> Iterator[str]:
    """No entry counts twice, or not at all."""
    everything = listed(final)
    for member_id, shown in final.answer["balances"].items():
        theirs = change_for(member_id, [one for one in everything if _owner(one) == member_id])
        if shown != theirs:
            yield f"{member_id} has {_some(shown)}, the entries say {_some(theirs)}"
    brand = sum(moved_by(entry, BRAND) for entry in everything)
    if final.answer["brand"] != brand:
        yield f"the brand has {final.answer['brand']}, the entries say {brand}"


def _quiet(one: Op, other: Op, history: History) -> Iterator[str]:
    """Between two reads with nobody at work only what was asked for in between may appear."""
    between = {op.asked.entry.entry_id for op in history.of(CLAIM) if op.invoked > one.ended}
    for entry in set(listed(other)) - set(listed(one)):
        if entry.entry_id not in between:
            yield f"{entry.entry_id} came back when nobody asked for it"


def _owner(entry: Entry) -> str:
    (mine,) = (side for side in (entry.debit, entry.credit) if is_members(side))
    return mine.split(":")[1]


def _some(balance: Balance) -> str:
    return f"{balance.pending_minor} of {balance.earned_minor} - {balance.reversed_minor}"
