"""What was accepted, and what has to stand in the table because of it: arithmetic of its own, no
line of the product. Amounts are minor units.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

Entry = dict[str, Any]
State = dict[str, Any]
"""By name of what is compared, such as `net <member>`."""

RATE_BP, MIN_ORDER_MINOR, RETURN_WINDOW_DAYS = 500, 1_000, 14
RULES: Entry = {
    "version": "load",
    "rate_bp": RATE_BP,
    "min_order_minor": MIN_ORDER_MINOR,
    "return_window_days": RETURN_WINDOW_DAYS,
    # All visitors come within minutes: what is doubted of so many friends is another test's.
    "checks": dict.fromkeys(
        (
            "friends_a_day",
            "friends_a_month",
            "friends_a_minute",
            "friends_per_address",
            "friends_per_device",
            "friends_per_network",
            "friends_per_delivery",
            "share_bp",
        )
    ),
}


class Book:
    """The visitors' own notes, one entry for everything that was answered with a 2xx."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.entries: list[Entry] = list(entries)

    def note(self, what: str, **fields: Any) -> None:
        self.entries.append({"what": what, **fields})

    def of(self, what: str) -> Iterator[Entry]:
        return (entry for entry in self.entries if entry["what"] == what)


class Expected:
    """The state that follows from a book."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._members = [one["member"] for one in book.of("joined")]
        self._claims = {one["receipt"]: one["member"] for one in book.of("claimed")}
        self._openids = {one["openid"]: one["member"] for one in book.of("joined")}
        self._buyers = {
            one["buyer"]: self._claims[one["receipt"]]
            for one in book.of("paid")
            if one["buyer"] and one["receipt"] in self._claims
        }
        self._paid = {(one["source"], one["order"]): one for one in book.of("paid")}
        self._refunds: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(dict)
        for one in book.of("refunded"):
            self._refunds[one["source"], one["order"]][one["refund"]] = one["minor"]
        self._cancelled = {(one["source"], one["order"]) for one in book.of("cancelled")}

    def state(self) -> State:
        counted = [*self._alone(), *self._sales()]
        return {
            **self._people(),
            **self._orders(),
            **{f"sale {name}": [paid, net, member] for name, paid, net, member in self._sales()},
            **self._figures(counted),
            **self._credits(counted),
            **self._notes(),
        }

    def _people(self) -> State:
        gone = {one["member"] for one in self._book.of("erased")}
        state: State = {f"member {one}": "gone" if one in gone else "here" for one in self._members}
        for one in self._book.of("joined"):
            if one["referrer"]:
                state[f"referral {one['member']}"] = [one["referrer"], one["refused"]]
        return state | {f"claim {receipt}": member for receipt, member in self._claims.items()}

    def _orders(self) -> State:
        either: State = {
            f"order {one['source']}#{one['order']}": {
                "either": [[minor, {}, False, None] for minor in one["minors"]]
            }
            for one in self._book.of("either")
        }
        return either | {
            f"order {source}#{order}": [
                self._paid[source, order]["minor"],
                self._refunds[source, order],
                (source, order) in self._cancelled,
                self._owner(self._paid[source, order]),
            ]
            for source, order in self._paid
        }

    def _owner(self, paid: Entry) -> str | None:
        """Whoever holds the receipt, or is known as the buyer, or is whom WeChat names."""
        return (
            self._claims.get(paid["receipt"])
            or self._buyers.get(paid["buyer"])
            or self._openids.get(paid["openid"])
        )

    def _net(self, key: tuple[str, str]) -> int:
        minor = int(self._paid[key]["minor"])
        back = sum(self._refunds[key].values())
        return minor - (max(back, minor) if key in self._cancelled else back)

    def _alone(self) -> Iterator[tuple[str, int, int, str | None]]:
        """Orders that count by themselves: name, paid, net, member."""
        for key, paid in self._paid.items():
            if not paid["payment"]:
                yield "#".join(key), paid["minor"], self._net(key), self._owner(paid)

    def _sales(self) -> Iterator[tuple[str, int, int, str | None]]:
        """Several tell of one payment, all of them alike, and the one who holds the receipt has
        it."""
        tellers: defaultdict[str, list[Entry]] = defaultdict(list)
        for paid in self._paid.values():
            if paid["payment"]:
                tellers[paid["payment"]].append(paid)
        for payment, told in tellers.items():
            (minor,) = {one["minor"] for one in told}
            owners = {self._owner(one) for one in told} - {None}
            yield payment, minor, minor, next(iter(owners), None)

    def _figures(self, counted: list[tuple[str, int, int, str | None]]) -> State:
        """Orders of positive net, and net sales, of every member."""
        sums = {member: [0, 0] for member in self._members}
        for _, _, net, member in counted:
            if member is not None:
                sums[member][0] += net > 0
                sums[member][1] += net
        return {f"net {member}": both for member, both in sums.items()}

    def _credits(self, counted: list[tuple[str, int, int, str | None]]) -> State:
        """Released and taken back, by referrer, in the night after the last return, when no credit
        waits and no till holds any; what tills took in is gone."""
        referrer_of = {
            one["member"]: one["referrer"]
            for one in self._book.of("joined")
            if one["referrer"] and not one["refused"]
        }
        sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
        for _, paid, net, member in counted:
            referrer = referrer_of.get(member or "")
            if referrer is None or paid < MIN_ORDER_MINOR:
                continue
            earned = paid * RATE_BP // 10_000
            kept = earned * max(net, 0) // paid
            sums[referrer][0] += kept
            sums[referrer][1] += earned - kept
        for one in self._book.of("held"):
            sums[one["member"]][0] -= one["captured"]
        return {f"credit {name}": [0, *both] for name, both in sums.items() if any(both)}

    def _notes(self) -> State:
        state: State = {}
        for one in self._book.of("redeemed"):
            state[f"coupon {one['coupon']}"] = one["redemption"]
            state[f"delivery till:{one['store']}#{one['redemption']}"] = "kept"
        for one in self._book.of("held"):
            state[f"hold {one['hold']}"] = one["captured"]
        for one in self._book.of("consented"):
            state[f"consent {one['member']} {one['purpose']}"] = one["granted"]
        for one in self._book.of("delivered"):
            state[f"delivery {one['source']}#{one['delivery']}"] = "kept"
        aside = Counter(f"aside {one['reason']}" for one in self._book.of("poison"))
        friends = Counter(f"friends {one['guide']}" for one in self._book.of("friend"))
        ended = Counter(f"parted {one['guide']}" for one in self._book.of("friend_ended"))
        return {**state, **aside, **friends, **ended}
