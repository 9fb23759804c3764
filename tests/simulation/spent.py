"""What holds of every single commit that lets credit go, spends it, or brings it to its end."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from tests.simulation.books import SALE, require

Item = Mapping[str, Any]


class Spent:
    """Told of every commit after it moved `stands`, and when a step begins.

    A night asks once whether somebody is suspended, and a till reads a balance that a refund may
    move before it writes: so what held at any time of a step excuses what is done in it.
    """

    def __init__(self, stands: Counter[str]) -> None:
        self.kinds: Counter[str] = Counter()
        """How many entries of each kind there are."""
        self.joined: Counter[str] = Counter()
        """How often a sale took over what an order of it had earned by itself, and how it stood."""
        self._stands = stands
        self._most: dict[str, int] = {}
        self._credits: dict[str, Item] = {}
        self._up: dict[str, str | None] = {}
        self._suspended: set[str] = set()
        self._frozen: set[str] = set()

    def begin(self) -> None:
        """A step is over, and another one begins."""
        self._most.clear()
        self._frozen = set(self._suspended)

    def __call__(
        self, puts: Mapping[str, Sequence[Item]], moved: Mapping[str, int]
    ) -> None:  # fmt: skip
        """The items that were written, by kind, and what their entries move, by account."""
        for profile in puts["PROFILE"]:
            self._up[profile["member_id"]] = profile.get("up")
        self._note(puts["STANDING"])
        for account, amount in moved.items():
            before = self._stands[account] - amount
            self._most[account] = max(self._most.get(account, before), before + amount)
        by_kind: defaultdict[str, list[Item]] = defaultdict(list)
        for entry in puts["ENTRY"]:
            by_kind[entry["entry_kind"]].append(entry)
            self.kinds[entry["entry_kind"]] += 1
        self._held(by_kind["hold"])
        for entry in by_kind["release"]:
            owner = _owner(entry["debit"])
            require(owner not in self._frozen, "who is suspended is released nothing", entry)
        earned = {entry["order_key"] for entry in by_kind["earn"]}
        ends = [entry for entry in by_kind["expire"] if entry["order_key"] not in earned]
        for entry in ends:
            self._ends(entry, moved)
        self._join(puts["CREDIT"])
        self._go_on(puts["CREDIT"], night=bool(ends))

    def _note(self, standings: Iterable[Item]) -> None:
        for item in standings:
            member = item["PK"].removeprefix("M#")
            if "suspended_at" in item:
                self._suspended.add(member)
            else:
                self._suspended.discard(member)
                self._frozen.discard(member)

    def _held(self, entries: list[Item]) -> None:
        """A till gets what there is to spend, of one person's accounts together, and no more."""
        for entry in entries:
            account, owner = entry["debit"], _owner(entry["debit"])
            require(owner not in self._suspended, "who is suspended spends nothing", entry)
            there = self._released(owner)
            require(entry["amount_minor"] <= there, "a till holds what is there", account, there)
        for top in {self._top(_owner(entry["debit"])) for entry in entries}:
            person = {one for one in self._up if self._top(one) == top}
            asked = sum(entry["amount_minor"] for entry in entries)  # of one hold: one person's
            there = sum(map(self._released, person))
            require(asked <= there, "a debt is nothing to spend", sorted(person), asked, there)

    def _ends(self, entry: Item, moved: Mapping[str, int]) -> None:
        """What somebody has spent, or a till holds, does not end."""
        account, owner = entry["debit"], _owner(entry["debit"])
        require(owner not in self._suspended, "nothing ends of who is suspended", entry)
        left = self._stands[account]
        require(left >= min(left - moved[account], 0), "only what is there ends", entry, left)

    def _join(self, credits_: Sequence[Item]) -> None:
        """What an order earned until its payment was told goes over to the sale."""
        parts = self._parts(credits_)
        for sale in (one for one in credits_ if one["order_key"].startswith(SALE)):
            self.joined.update(f"{self._stood(one)} joins its sale" for one in parts)
            former = self._credits.get(sale["order_key"])
            lots = [one for one in parts if _pair(one) == _pair(sale)]
            lots = [one for one in lots if one["state"] == "released" and kept_minor(one)]
            if lots and sale["state"] == "released":
                ends = {_end(one) for one in lots} | {_end(former) if former else ""}
                lasts = _end(sale) >= max(map(_end, lots)) and (
                    _end(sale) in ends or "expires_on" in sale
                )
                require(lasts, "a lot ends no sooner where it goes", parts, sale)

    def _parts(self, credits_: Iterable[Item]) -> list[Item]:
        """How those of orders stood that are over now."""
        left = (self._credits.get(one["order_key"], one) for one in credits_ if not _counts(one))
        return [one for one in left if _counts(one) and not one["order_key"].startswith(SALE)]

    def _stood(self, credit: Item) -> str:
        if credit["state"] != "released":
            return str(credit["state"])
        spent = self._stands[f"member:{credit['referrer_id']}:released"] < kept_minor(credit)
        return "spent" if spent else "released"

    def _go_on(self, credits_: Sequence[Item], *, night: bool) -> None:
        """Between two people what was released stays so and ends no sooner. What had expired, and
        is taken back now, has not expired: nobody loses it twice."""
        before = [
            self._credits[key] for one in credits_ if (key := one["order_key"]) in self._credits
        ]
        for one in before:
            after = next(credit for credit in credits_ if credit["order_key"] == one["order_key"])
            more = after["granted_minor"] > one["granted_minor"]
            again = "by_parts" in one and after["state"] == "pending" and more
            if _pair(one) == _pair(after) and one["state"] == "released" and not again:
                require(after["state"] == "released", "what is released stays so", one, after)
                ends = {_end(lot) for lot in before}
                later = _end(after) >= _end(one) and (_end(after) in ends or "expires_on" in after)
                require(later, "a lot ends no sooner than it would", one, after)
        for pair in {_pair(one) for one in credits_} if not night else ():
            # What waited, and goes over into a released credit, is nothing that expired before.
            lots = [one for one in before if one["state"] == "released"]
            less = _sum(lots, pair, kept_minor) - _sum(credits_, pair, kept_minor)
            most = max(0, _sum(before, pair, _expired) - max(0, less))
            expired = _sum(credits_, pair, _expired)
            require(expired <= most, "nobody loses twice", before, credits_, expired, most)
        self._credits |= {one["order_key"]: one for one in credits_}

    def _top(self, member: str) -> str:
        while up := self._up.get(member):
            member = up
        return member

    def _released(self, member: str) -> int:
        """The most that could be spent of an account in this step."""
        account = f"member:{member}:released"
        return self._most.get(account, self._stands[account])


def _sum(credits_: Iterable[Item], pair: tuple[str, str], what: Callable[[Item], int]) -> int:
    return sum(what(one) for one in credits_ if _pair(one) == pair)


def kept_minor(credit: Item) -> int:
    """What the referrer keeps of a credit."""
    return int(credit["earned_minor"] - credit["reversed_minor"])


def _counts(credit: Item) -> bool:
    """Whether anything stands of a credit, or is counted for it."""
    return bool(kept_minor(credit) or credit["granted_minor"])


def _expired(credit: Item) -> int:
    return int(credit.get("expired_minor", 0))


def _end(credit: Item) -> str:
    """The day on which it ends; what lasts for ever ends after all others."""
    return str(credit.get("expires_on", "~"))


def _owner(account: str) -> str:
    return account.split(":")[1]


def _pair(credit: Item) -> tuple[str, str]:
    return credit["referrer_id"], credit["referee_id"]
