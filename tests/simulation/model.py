"""The rules of docs/domain-rules.md once more: plain folds over facts, no line of siyu.domain.

A fact is the JSON of a FACT item's body. Instants are aware datetimes, amounts minor units.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

SAID_ONCE = ("buyer_key", "receipt", "store_id", "guide_id", "till_id", "payment_id", "lines")
SAME = ("amount_minor",)
STANDALONE = "~refund:"


class ContradictionError(Exception):
    """Facts that cannot stand beside each other."""


@dataclass
class Told:
    """An order, or a sale, as its facts tell it."""

    key: str
    paid: dict[str, Any] | None = None
    paid_at: datetime | None = None
    refunds: dict[str, int] = field(default_factory=dict)
    refund_buyer: str | None = None
    earliest: dict[str, datetime] = field(default_factory=dict)

    @property
    def standalone(self) -> bool:
        return self.key.partition("#")[2].startswith(STANDALONE)

    @property
    def paid_minor(self) -> int:
        return int(self.paid["amount_minor"]) if self.paid else 0

    @property
    def payment_id(self) -> str | None:
        return self.paid.get("payment_id") if self.paid else None

    @property
    def given_back(self) -> int:
        """A cancelled order is void: all of it went back, and refunds are part of that."""
        refunded = sum(self.refunds.values())
        return max(refunded, self.paid_minor) if "cancelled" in self.earliest else refunded

    @property
    def net(self) -> int:
        return self.paid_minor - self.given_back

    @property
    def identities(self) -> list[str]:
        """Who bought, as `<kind>#<index>`."""
        buyer = self.refund_buyer if self.standalone else (self.paid or {}).get("buyer_key")
        return [*(self.paid or {}).get("people", ()), *([f"buyer#{buyer}"] if buyer else ())]

    @property
    def contribution(self) -> tuple[date, int, int] | None:
        """Day, orders and net that a member has from it; None while its sale is unknown."""
        if self.payment_id is not None:
            return None
        if self.paid_at is not None:
            return business_day(self.paid_at), int(self.net > 0), self.net
        if self.standalone and "refunded" in self.earliest:
            return business_day(self.earliest["refunded"]), 0, self.net
        return None


def business_day(instant: datetime) -> date:
    """Shanghai, UTC+8 all year."""
    return (instant + timedelta(hours=8)).date()


def fold(key: str, facts: Iterable[Mapping[str, Any]]) -> Told:
    """The order behind its facts. Raises ContradictionError."""
    told = Told(key)
    for fact in facts:
        at = datetime.fromisoformat(fact["occurred_at"])
        kind = fact["type"].removeprefix("order.")
        told.earliest[kind] = min(at, told.earliest.get(kind, at))
        if kind == "paid":
            told.paid = _together(told.paid, fact)
        elif kind == "refunded":
            name, amount = fact["refund_id"], int(fact["amount_minor"])
            told.refunds[name] = max(amount, told.refunds.get(name, 0))
            buyer = fact.get("buyer_key")
            if told.refund_buyer and buyer and buyer != told.refund_buyer:
                raise ContradictionError(f"{key}: two buyers of one refund")
            told.refund_buyer = told.refund_buyer or buyer
    told.paid_at = told.earliest.get("paid")
    return told


def _together(known: dict[str, Any] | None, fact: Mapping[str, Any]) -> dict[str, Any]:
    if known is None:
        return dict(fact)
    differ = [name for name in SAME if known.get(name) != fact.get(name)]
    differ += [
        name
        for name in SAID_ONCE
        if known.get(name) and fact.get(name) and known[name] != fact[name]
    ]
    if differ:
        raise ContradictionError(f"two sales: {', '.join(differ)}")
    people = sorted({*known.get("people", ()), *fact.get("people", ())})
    return {**known, **fact, **({"people": people} if people else {})}


def sale(key: str, parts: Mapping[str, Told]) -> Told:
    """One payment told by several sources: the best source's amount, the most that went back."""
    by_source = _by_source(parts)
    best = by_source[best_source(parts)]
    whole = Told(key, {"amount_minor": sum(told.paid_minor for told in best)})
    back = sum(told.given_back for told in best)
    for some in by_source.values():
        gone, had = (
            sum(x) for x in zip(*((t.given_back, t.paid_minor) for t in some), strict=True)
        )
        back = max(back, whole.paid_minor if gone >= had else min(gone, whole.paid_minor))
    whole.paid_at = min(told.paid_at for told in best if told.paid_at)
    whole.refunds = {"all": back} if back else {}
    return whole


def best_source(parts: Mapping[str, Told]) -> str:
    """The source that says what was paid: one that knows the sale, else the first by name."""
    by_source = _by_source(parts)

    def rank(source: str) -> tuple[bool, str]:
        return all((told.paid or {}).get("payment_only") for told in by_source[source]), source

    return min(by_source, key=rank)


def eligible(told: Told, patterns: list[str]) -> int:
    """What an order was paid for goods that no pattern excludes; all of it without lines."""
    out = [re.compile(re.escape(one).replace(r"\*", ".*").replace(r"\?", ".")) for one in patterns]
    lines = (told.paid or {}).get("lines", ())
    kept = [one for one in lines if not any(pattern.fullmatch(one["sku"]) for pattern in out)]
    total, rest = (sum(line["amount_minor"] for line in some) for some in (lines, kept))
    if lines and not kept:
        return 0
    return int(told.paid_minor * rest // total) if total else told.paid_minor


def _by_source(parts: Mapping[str, Told]) -> Mapping[str, list[Told]]:
    by_source: defaultdict[str, list[Told]] = defaultdict(list)
    for name, told in parts.items():
        by_source[name.partition("#")[0]].append(told)
    return by_source


def best_owned(
    parts: Mapping[str, Told], owner: Mapping[str, str], leads: Mapping[str, int]
) -> str | None:
    """Of the orders that tell of a sale the one that says whose it is: who knows the sale before
    who sees the payment, a name for WeChat before a shop's number, and that before a paper."""

    def rank(key: str) -> tuple[bool, int, str]:
        return bool((parts[key].paid or {}).get("payment_only")), leads.get(key, 0), key

    return min((key for key in parts if key in owner), key=rank, default=None)
