"""What holds of the ledger after every step: sums, and what is owed once everything is told."""

from __future__ import annotations

from collections import Counter
from datetime import date

from tests.simulation import model
from tests.simulation.books import SALE, Books, require
from tests.simulation.table import Table

ACCOUNTS = ("pending", "released")
TOTALS = {"pending": "pending", "released": "released", "earn": "earned", "reverse": "reversed"}


def check_partition(table: Table, pk: str) -> None:
    """A shard of a member's ledger: balances and credits are the sums of its entries."""
    member = pk.split("#")[1]
    part = table.parts[pk]
    sums: Counter[str] = Counter()
    by_order: Counter[tuple[str, str]] = Counter()
    for sk, entry in part.items():
        if not sk.startswith("E#"):
            continue
        amount, kind = entry["amount_minor"], entry["entry_kind"]
        require(amount > 0, "an entry moves something", entry)
        for account in ACCOUNTS:
            name = f"member:{member}:{account}"
            sums[account] += amount * ((entry["credit"] == name) - (entry["debit"] == name))
        sums[kind] += amount
        by_order[entry["order_key"], kind] += amount
    balance = part.get("BALANCE", {})
    for kind, name in TOTALS.items():
        stored = balance.get(f"{name}_minor", 0)
        require(stored == sums[kind], "a balance is the sum of its entries", pk, name, stored)
    for order in sorted({order for order, _ in by_order}):
        credit = table.get(f"O#{order}", "CREDIT") or {}
        kept = by_order[order, "earn"] - by_order[order, "reverse"]
        mine = credit.get("referrer_id") == member
        said = credit["earned_minor"] - credit["reversed_minor"] if mine else 0
        require(said == kept, "a credit is the sum of its entries", order, member, said, kept)


def check_credit(books: Books, key: str, released_on: date | None) -> None:
    """Everything is told about an order: the ledger holds what is owed, no more and no less."""
    told, member = books.told[key], books.owner.get(key)
    credit = books.table.get(f"O#{key}", "CREDIT")
    if told.payment_id is not None:
        require(credit is None, "what is counted in a sale earns nothing by itself", key)
        return
    binding = books.table.get(f"M#{member}", "REFERRER") if member else None
    earned, kept = model.target(told, binding["bound_at"]) if binding else (0, 0)
    if credit is None:
        require(earned == 0, "what is owed is credited", key, earned, kept)
        return
    has, back = credit["earned_minor"], credit["reversed_minor"]
    if credit["referee_id"] != member:
        # It was somebody else's sale before, and nobody is owed anything for it any more.
        require(has == back and earned == 0, "a credit moves with its sale", key, credit, earned)
        return
    require(binding, "no credit without a referrer", key, credit)
    require(0 <= has - back == kept, "kept is the share of the net", key, has, back, kept)
    if key.startswith(SALE):
        # Sources may tell less and more in turn: then as much more is earned as is taken back.
        require(has >= earned, "earned is at least the share of what was paid", key, has, earned)
    elif earned:
        require(has == earned, "earned is the share of what was paid", key, has, earned)
    if credit["state"] == "released":
        due = date.fromisoformat(credit["release_on"])
        require(released_on and due <= released_on, "a hold is kept", key, credit, released_on)
