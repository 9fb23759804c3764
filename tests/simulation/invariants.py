"""What holds after every step, whatever has been delivered, lost or killed so far."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import date
from typing import Any

from tests.simulation import model
from tests.simulation.books import SALE, Books, require
from tests.simulation.commits import Commits
from tests.simulation.ledger import check_blocked, check_credit, check_owner
from tests.simulation.stream import Awaited
from tests.simulation.table import Change, instant

NOT_OF_FACTS = {
    "PK", "SK", "kind", "GSI1PK", "GSI1SK", "order_key", "member_id", "lead", "parts", "told_at",
    "version",
}  # fmt: skip


class Invariants:
    """Checks what a step has touched, against the facts in the table."""

    def __init__(self, books: Books, commits: Commits) -> None:
        self._books = books
        self._table = books.table
        self._commits = commits
        self._uncredited: dict[str, None] = {}
        self.released_on: date | None = None
        """The latest day for which credits were released."""

    def check(self, changes: list[Change], awaited: Awaited) -> None:
        """`awaited` is what the ledger has not been told of yet."""
        society = self._books.society
        moved = society.update(changes)
        orders, members, ledgers = self._books.update(changes)
        require(
            self._books.kinds["FACT"] == self._books.kinds["DELIVERY"],
            "a fact has the delivery that brought it, and a delivery its fact",
            dict(self._books.kinds),
        )
        for key in orders:
            self._order(key)
            self._uncredited[key] = None
        for member in members:
            self._figures(member)
            # What a friend bought first decides about what they bought later.
            for one in sorted(society.person(member)):
                self._uncredited |= dict.fromkeys(self._books.owned[one])
        for name in ledgers:
            check_owner(self._table, name, self._commits)
        for change in changes:
            self._credit_or_cap(*change.key)
        if moved:
            self._uncredited |= dict.fromkeys(self._books.told)
            self._noted()
        self._credits(awaited)

    def _noted(self) -> None:
        """What is noted about a person is noted at all of their accounts, or at none."""
        for member in self._books.society.accounts:
            item = self._table.get(f"M#{member}", "STANDING") or {}
            for name in ("staff_since", "suspended_at"):
                noted = self._books.society.noted_now(member, name)
                require(noted == (name in item), "a note is about a person", member, name, item)

    def _credit_or_cap(self, pk: str, sk: str) -> None:
        if sk == "CREDIT":
            credit = self._table.parts[pk][sk]
            check_blocked(credit)
            self._uncredited[credit["order_key"]] = None
        elif sk == "CAP":
            used = self._table.parts[pk][sk]["used_minor"]
            granted = self._commits.used[pk]
            require(used == granted, "a cap counts what was granted", pk, used, granted)

    def _credits(self, awaited: Awaited) -> None:
        """Check the credits about which everything is told."""
        if awaited.persons:
            return
        society, owner = self._books.society, self._books.owner
        busy = {one for member in awaited.members for one in society.person(member)}
        for key in list(self._uncredited):
            if key not in awaited.orders and owner.get(key) not in busy:
                del self._uncredited[key]
                check_credit(self._books, key, self.released_on)

    def _order(self, key: str) -> None:
        told, item = self._books.told[key], self._table.get(f"O#{key}", "ORDER") or {}
        if key.startswith(SALE):
            wanted = _sale_fields(told, self._books.tellers(key))
            said = {name: item.get(name) for name in wanted}
            said["parts"] = {name: _of_part(one) for name, one in item.get("parts", {}).items()}
        else:
            self._delivered(key)
            wanted = _order_fields(told)
            said = {name: value for name, value in item.items() if name not in NOT_OF_FACTS}
        require(said == wanted, "an order is the fold of its facts", key, said, wanted)
        member = item.get("member_id")
        counted = told.contribution or told.payment_id
        indexed = f"M#{member}" if member and counted else None
        require(item.get("GSI1PK") == indexed, "a member's orders are found by member", key, item)
        if member is None and not key.startswith(SALE):
            self._waits(key, told)

    def _delivered(self, key: str) -> None:
        facts = {sk: one for sk, one in self._table.parts[f"O#{key}"].items() if sk[:2] == "F#"}
        require(facts, "no order without facts", key)
        source = key.partition("#")[0]
        for fact in facts.values():
            delivery = self._table.get(f"D#{source}#{fact['delivery_id']}", "DELIVERY")
            require(
                delivery and delivery["digest"] == fact["digest"],
                "a fact has the delivery that brought it",
                fact,
            )

    def _waits(self, key: str, told: model.Told) -> None:
        """An order that nobody has waits wherever its buyer may be found."""
        for identity in told.identities:
            waiting = self._table.get(f"I#{identity}", f"P#{key}")
            require(waiting, "an order without a member waits for its buyer", key, identity)

    def _figures(self, member: str) -> None:
        """An account's figures hold those of the accounts that were merged into it."""
        buckets: dict[int, tuple[int, int]] = {}
        for account in self._books.society.below(member):
            for one in self._books.owned[account].values():
                if one is not None:
                    day = one[0].toordinal()
                    orders, net = buckets.get(day, (0, 0))
                    buckets[day] = (orders + one[1], net + one[2])
        buckets = {day: bucket for day, bucket in buckets.items() if bucket != (0, 0)}
        item = self._table.parts[f"AGG#{zlib.crc32(member.encode()) % 64}"][member]
        stored = dict(_unpacked(item["b"]))
        require(stored == buckets, "figures are the sum of contributions", member, stored, buckets)
        days = [day for day, (orders, _) in buckets.items() if orders > 0]
        profile = self._table.parts[f"M#{member}"]["PROFILE"]
        counted = not {"up", "gone", "out"}.intersection(item)
        wanted = [
            member,
            item["version"],
            "" if counted else "x",
            model.business_day(instant(profile["joined_at"])).toordinal(),
            profile["first_touch_store"],
            *(min(buckets, default=0), max(buckets, default=0), max(days, default=0)),
            sum(orders for orders, _ in buckets.values()),
            sum(net for _, net in buckets.values()),
        ]
        found = item["z"].split("|")
        require(found == list(map(str, wanted)), "totals are those of the days", member, item)


def _order_fields(told: model.Told) -> dict[str, Any]:
    paid, earliest = told.paid or {}, told.earliest
    lines = [
        list(map(line.get, ("sku", "quantity", "amount_minor"))) for line in paid.get("lines", ())
    ]
    fields = {
        "paid_minor": paid.get("amount_minor"),
        "paid_at": told.paid_at,
        "receipt_key": paid.get("receipt"),
        "lines": lines,
        "refunds": told.refunds,
        "refund_buyer_key": told.refund_buyer,
        **{
            f"{kind}_at": earliest.get(kind)
            for kind in ("refunded", "created", "cancelled", "completed")
        },
    }
    plain = ("buyer_key", "store_id", "guide_id", "till_id", "people", "payment_id", "payment_only")
    fields |= {name: paid.get(name) for name in plain}
    return {name: value for name, value in fields.items() if value}


def _sale_fields(told: model.Told, parts: dict[str, model.Told]) -> dict[str, Any]:
    return {
        "paid_minor": told.paid_minor,
        "paid_at": told.paid_at,
        "refunds": told.refunds or None,
        "parts": {key: (one.paid_minor, one.given_back) for key, one in parts.items()},
    }


def _of_part(fields: dict[str, Any]) -> tuple[int, int]:
    return fields["paid"], fields.get("back", 0)


def _unpacked(packed: bytes) -> Iterator[tuple[int, tuple[int, int]]]:
    """Day buckets: gap, orders and net as zigzag varints, after one byte of format."""
    numbers, value, shift = [], 0, 0
    for byte in packed[1:]:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append((value >> 1) ^ -(value & 1))
            value = shift = 0
    day = 0
    for gap, orders, net in zip(*[iter(numbers)] * 3, strict=True):
        day += gap
        yield day, (orders, net)
