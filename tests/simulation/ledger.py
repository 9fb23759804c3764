"""What holds of the ledger after every step: sums, and what is owed once everything is told."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Any

from tests.simulation.books import SALE, Books, require
from tests.simulation.commits import STATES, Commits, verdict_of
from tests.simulation.owed import Owed, owed
from tests.simulation.table import Table

TOTALS = {
    "earned": {"earn": 1},
    "reversed": {"reverse": 1},
    "spent": {"capture": 1, "void of a sale": -1},
    "expired": {"expire": 1, "restore": -1},
}


def check_owner(table: Table, name: str, commits: Commits) -> None:
    """All shards of an account, of a member's or of the brand's."""
    if ":" in name:
        shards = (table.get(f"L#{name}#{number}", "ACCOUNT") or {} for number in range(16))
        stored = sum(shard.get("balance_minor", 0) for shard in shards)
        stands = commits.stands[name]
        require(stored == stands, "an account is the sum of its entries", name, stored, stands)
        return
    by_order: Counter[tuple[str, str]] = Counter()
    for number in range(4):
        part = table.parts.get(f"L#{name}#{number}", {})
        entries = [item for sk, item in part.items() if sk.startswith("E#")]
        _check_shard(name, part.get("BALANCE", {}), entries)
        for entry in entries:
            if "order_key" in entry:
                about, amount = entry["order_key"], entry["amount_minor"]
                by_order[about, entry["entry_kind"]] += amount
                waits = f"member:{name}:pending"
                by_order[about, "waits"] += amount * (
                    (entry["credit"] == waits) - (entry["debit"] == waits)
                )
    for order in sorted({order for order, _ in by_order}):
        _check_entries(table, order, name, by_order)


def _check_shard(member: str, balance: dict[str, Any], entries: list[dict[str, Any]]) -> None:
    """A balance is the sum of its entries, and its states and totals agree."""
    sums: Counter[str] = Counter()
    for entry in entries:
        amount, kind = entry["amount_minor"], entry["entry_kind"]
        for state in STATES:
            account = f"member:{member}:{state}"
            sums[state] += amount * ((entry["credit"] == account) - (entry["debit"] == account))
        sums[kind + " of a sale" * entry["debit"].startswith("store:")] += amount
    for total, kinds in TOTALS.items():
        sums[total] = sum(sign * sums[kind] for kind, sign in kinds.items())
    for total in (*STATES, *TOTALS):
        stored = balance.get(f"{total}_minor", 0)
        require(stored == sums[total], "a balance is the sum of its entries", member, total, stored)
    left = sums["earned"] - sums["reversed"] - sums["spent"] - sums["expired"]
    require(left == sum(sums[state] for state in STATES), "states and totals agree", member, sums)


def _check_entries(
    table: Table, order: str, member: str, by_order: Counter[tuple[str, str]]
) -> None:
    credit = table.get(f"O#{order}", "CREDIT") or {}
    mine = credit.get("referrer_id") == member
    kept = by_order[order, "earn"] - by_order[order, "reverse"]
    said = credit["earned_minor"] - credit["reversed_minor"] if mine else 0
    require(said == kept, "a credit is the sum of its entries", order, member, said, kept)
    waits = kept if mine and credit["state"] == "pending" else 0
    require(by_order[order, "waits"] == waits, "what waits is what was not released", order, credit)
    over = by_order[order, "expire"] - by_order[order, "restore"]
    said = credit.get("expired_minor", 0) if mine else 0
    require(0 <= said == over <= kept, "what expired was kept", order, member, said, over)


def check_blocked(credit: dict[str, Any]) -> None:
    """At every step, whatever is still to be told."""
    kept = credit["earned_minor"] - credit["reversed_minor"]
    require(kept >= 0, "no credit is below nothing", credit)
    blocked = verdict_of(credit) == "block"
    require(not blocked or kept == 0, "a blocked credit keeps nothing", credit)


def check_credit(books: Books, key: str, released_on: date | None) -> None:
    """Everything is told about an order: the ledger holds what is owed, no more and no less."""
    told = books.told[key]
    credit = books.table.get(f"O#{key}", "CREDIT")
    if told.payment_id is not None:
        require(
            _over(credit or {}), "what is counted in a sale earns nothing by itself", key, credit
        )
        return
    wanted = owed(books, key)
    if credit is None:
        require(not (wanted and wanted.worth), "what is owed is credited", key, wanted)
        return
    has, back = credit["earned_minor"], credit["reversed_minor"]
    if wanted is None:
        require(has == back, "nobody is owed anything for it any more", key, credit)
        return
    if not _about(credit, wanted):
        # What is worth nothing where it belongs now stays, empty, where it was.
        gone = has == back and wanted.worth == 0
        require(gone, "a credit moves with its sale, and with its rules", key, credit, wanted)
        return
    _check_verdict(key, credit, wanted)
    _check_ruled(books, key, credit)
    _check_amounts(books, key, credit, wanted)
    due = date.fromisoformat(credit["release_on"])
    let_go = key.startswith(SALE) and _let_go(books, key, credit)
    # Where it is refused nothing is kept of it, and it lies nowhere.
    refused = wanted.holds(credit.get("ruling")) == "block"
    if "by_parts" in credit:
        require(let_go or refused, "little that was released lets no more go", key, credit)
    elif credit["state"] == "released":
        require(released_on and due <= released_on, "a hold is kept", key, credit, released_on)
    else:
        require(
            refused or not let_go,
            "what was released of its orders is released of a sale",
            key,
            credit,
        )
        require(due == wanted.release_on, "a hold lasts as the rules say", key, credit, wanted)


def _let_go(books: Books, key: str, credit: dict[str, Any]) -> bool:
    """Whether no more is granted for a sale than was released of its orders by themselves, as one
    source tells of them; each of them may have been rounded down."""
    pair = credit["referee_id"], credit["referrer_id"]
    lots = Counter[str]()
    for name in books.tellers(key):
        if amount := books.let_go[name, *pair]:
            lots[name.partition("#")[0]] += amount + 1
    return bool(credit["granted_minor"] < max(lots.values(), default=0))


def _check_ruled(books: Books, key: str, credit: dict[str, Any]) -> None:
    """What somebody decided about the two people, of the credit or of an order that turns out to
    tell of its sale, and it says something about what is doubted now, goes on to hold until
    somebody decides again: also if it was about others in between."""
    pair = credit["referee_id"], credit["referrer_id"]
    for name in {key, *books.tellers(key)}:
        said = books.said.get((name, *pair))
        if said is None or said["overdue"]:
            continue
        if verdict_of(credit | {"ruling": said}) == said["verdict"]:
            holds = credit.get("ruling", {**said, "overdue": True})
            later = datetime.fromisoformat(holds["at"]) >= datetime.fromisoformat(said["at"])
            again = later or holds["verdict"] == said["verdict"]
            require(again and not holds["overdue"], "a decision goes on to hold", said, credit)


def _check_amounts(books: Books, key: str, credit: dict[str, Any], wanted: Owed) -> None:
    """Kept is the share of the net of what was granted, and all is granted that no cap holds."""
    told, has, back = books.told[key], credit["earned_minor"], credit["reversed_minor"]
    blocked = wanted.holds(credit.get("ruling")) == "block"
    earned = 0 if blocked else min(wanted.worth, credit["granted_minor"])
    if not blocked and credit["granted_minor"] < wanted.worth:
        caps = wanted.caps()
        full = any(
            sum(_used(books.table, pk) for pk in counters) >= most
            for counters, most in caps.items()
        )
        freed = not books.freed.isdisjoint(pk for counters in caps for pk in counters)
        parted = not books.society.parted.isdisjoint(wanted.accounts)
        require(
            full or freed or parted, "only a full cap holds something back", key, credit, wanted
        )
    kept = earned * max(told.net, 0) // told.paid_minor
    require(has - back == kept, "kept is the share of the net", key, credit, earned, kept)
    require(kept <= max(told.net, 0), "no credit without a paid net amount", key, credit)
    require(has >= earned, "earned is at least the share of what was paid", key, credit, earned)
    if not key.startswith(SALE) and has > earned:
        require(back > 0, "more is earned only where more is taken back", key, credit, earned)


def _over(credit: dict[str, Any]) -> bool:
    """Whether nothing stands of a credit, and nothing is counted for it."""
    return not any(credit.get(name) for name in ("granted_minor", "grants")) and credit.get(
        "earned_minor"
    ) == credit.get("reversed_minor")


def _about(credit: dict[str, Any], wanted: Owed) -> bool:
    named = tuple(credit[name] for name in ("referrer_id", "referee_id", "programme"))
    binding = wanted.binding
    return named == (binding["referrer_id"], binding["referee_id"], wanted.rules["version"])


def _check_verdict(key: str, credit: dict[str, Any], wanted: Owed) -> None:
    verdict, reasons = credit.get("decision", ("approve", []))
    said, meant = (verdict, frozenset(reasons)), (wanted.verdict, wanted.reasons)
    require(said == meant, "the verdict follows from what is known", key, credit, wanted)
    evidence = credit.get("evidence", {})
    require(evidence == wanted.evidence, "what is known is kept", key, evidence, wanted.evidence)


def _used(table: Table, pk: str) -> int:
    return int((table.get(pk, "CAP") or {}).get("used_minor", 0))
