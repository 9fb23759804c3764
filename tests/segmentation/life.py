"""A shop's days, at random: people join, buy, give back, become one person, leave.

Everything goes through the services, with the events that senders send: late, twice, in any order.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from itertools import count
from random import Random
from typing import Any

from siyu.api.order_event import read_event
from siyu.domain.calendar import BUSINESS_ZONE
from siyu.domain.codes import issued_code, mint
from siyu.domain.consents import Consent, Purpose
from siyu.domain.issued_codes import CodeSpec, IssuedCode, IssuedKind
from siyu.domain.keys import issued_code_key
from siyu.errors import ConflictingFactError, NotFoundError
from siyu.services.attach_orders import attach, attach_waiting
from siyu.services.erase_member import erase_member
from siyu.services.merge_members import merge_members, undo_merge
from siyu.services.order_events import OrderEvent
from siyu.services.record_consent import record_consent
from siyu.services.record_order import record_order
from siyu.storage import codes, figures, keys, orders
from siyu.storage.aggregates import Aggregate
from tests.services import shop
from tests.services.shop import MASTER_KEY, receipt
from tests.support import NOW, SOURCE

NORTH, PAYMENTS = "N1N", "pay2"
OLDEST_REFUND = 200
MOST_MINOR = 60_000
WEIGHTS = {
    "buy": 9,
    "buy_long_ago": 2,
    "buy_twice_told": 1,
    "refund": 4,
    "refund_before_sale": 1,
    "cancel": 1,
    "tell_again": 2,
    "hold_back": 2,
    "join": 2,
    "join_by_receipt": 2,
    "merge": 1,
    "undo": 1.5,
    "refuse": 1.5,
    "agree": 1,
    "erase": 0.4,
}


class Life:
    """One shop's; `wiped` are the members who were without label since it was last emptied."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.members: list[str] = []
        self.wiped: set[str] = set()
        self.done: dict[str, int] = dict.fromkeys(WEIGHTS, 0)
        self._openids: dict[str, str] = {}
        self._sold: list[tuple[str, int, date]] = []
        self._told: list[OrderEvent] = []
        self._held: list[OrderEvent] = []
        self._papers: list[tuple[str, date, str]] = []
        self._numbers = count()
        self._now = NOW

    def begin(self, day: date, members: int) -> None:
        """Members who have bought for half a year."""
        for _ in range(members):
            self._clock(day, 12)
            self.join()
            buyer = {"buyer": {"openid": self._openids[self.members[-1]]}}
            for _ in range(self.random.randint(0, 4)):
                self._sell(self._now - timedelta(days=self.random.randint(0, 180)), buyer)

    def live(
        self,
        day: date,
        times: int,
        first_hour: int = 3,
        last_hour: int = 23,
        only: Collection[str] = tuple(WEIGHTS),
    ) -> None:
        """Some hours of a day, in which so many things happen, of all or `only` some kinds."""
        names, weights = list(only), [WEIGHTS[name] for name in only]
        for _ in range(times):
            self._clock(day, self.random.randint(first_hour, last_hour))
            name = self.random.choices(names, weights)[0]
            try:
                getattr(self, name)()
            except (NotFoundError, ConflictingFactError):
                continue  # of somebody who was erased, or a sale that was told differently
            self.done[name] += 1
        for event in [*self._held]:
            if self.random.random() < 1 / 2:
                self._held.remove(event)
                self._record(event)
        self.look()

    def look(self) -> dict[str, Aggregate]:
        """Everybody's figures as they stand."""
        found = {key: line[0] for key, line in figures.get_many(set(self.members)).items()}
        self.wiped |= {member_id for member_id, one in found.items() if not one.counted}
        return found

    def buy(self) -> None:
        self._sell(self._now, self._buyer())

    def buy_long_ago(self) -> None:
        """An order that arrives months late."""
        self._sell(self._now - timedelta(days=self.random.randint(1, 120)), self._buyer())

    def buy_twice_told(self) -> None:
        """A sale that the shop and the payment provider tell of."""
        number, amount = next(self._numbers), self._minor()
        sale = {"payment_id": f"p{number}", "paid_minor": amount, **self._buyer()}
        self._tell("order.paid", order_id=f"l{number}", **sale)
        if self.random.random() < 2 / 3:
            self._tell("order.paid", PAYMENTS, order_id=f"m{number}", payment_only=True, **sale)
        self._sold.append((f"l{number}", amount, self._now.date()))

    def refund(self) -> None:
        """A part, all or too much of an order of the last 200 days, sometimes told again."""
        today = self._now.date()
        known = [one for one in self._sold if (today - one[2]).days in range(OLDEST_REFUND + 1)]
        if known:
            order_id, amount, _ = self.random.choice(known)
            part = self.random.choice([amount, amount // 2, 1, amount + 5])
            refund_id = f"{order_id}-{self.random.randint(0, 1)}"
            self._tell(
                "order.refunded", order_id=order_id, refund_id=refund_id, refunded_minor=part
            )

    def refund_before_sale(self) -> None:
        order_id, amount = f"e{next(self._numbers)}", self._minor()
        self._tell("order.refunded", order_id=order_id, refund_id="r", refunded_minor=amount // 3)
        self._tell("order.paid", order_id=order_id, paid_minor=amount, **self._buyer())

    def cancel(self) -> None:
        self._tell("order.cancelled", order_id=self.random.choice(self._sold)[0])

    def tell_again(self) -> None:
        """A delivery that comes once more."""
        if self._told:
            record_order(self.random.choice(self._told))

    def hold_back(self) -> None:
        """An event that arrives on another day than it happened."""
        order_id, amount = f"h{next(self._numbers)}", self._minor()
        sale = {"order_id": order_id, "paid_minor": amount, **self._buyer()}
        self._held.append(self._event("order.paid", **sale))
        self._sold.append((order_id, amount, self._now.date()))

    def join(self) -> None:
        """By a door of one of two stores."""
        store = self.random.choice([shop.STORE, NORTH])
        self._scan(_door(store, next(self._numbers)))

    def join_by_receipt(self) -> None:
        """Somebody nobody knew claims the receipt of an order of the last days, and may have bought
        more since; or buys with one."""
        recent = [one for one in self._papers if one[1] >= self._now.date() - timedelta(days=20)]
        if not recent or self.random.random() < 1 / 3:
            serial, buyer = next(self._numbers), f"b{next(self._numbers)}"
            paper = receipt(serial, self._now.date())
            order_id = self._sell(self._now, {"buyer_id": buyer}, receipt_token=paper)
            self._sell(self._now, {"buyer_id": buyer})
            self._papers.append((paper, self._now.date(), keys.order_key(SOURCE, order_id)))
            return
        self._papers.remove(found := self.random.choice(recent))
        paper, _, order_key = found
        member_id = self._scan(paper)
        attach([order_key], member_id)
        order = orders.find([order_key])[order_key].order
        if order.buyer_key is not None:
            attach_waiting(("buyer", order.buyer_key), member_id)

    def merge(self) -> None:
        one, other = self.random.sample(self.members, 2)
        merge_members(one, other, "phone", "ann", self._now)

    def undo(self) -> None:
        merged = [member_id for member_id, one in self.look().items() if one.up is not None]
        if merged:
            undo_merge(self.random.choice(merged), "ann", "they are two", self._now)

    def refuse(self) -> None:
        self._decide(granted=False)

    def agree(self) -> None:
        out = [member_id for member_id, one in self.look().items() if one.out]
        self._decide(granted=True, of=self.random.choice(out or self.members))

    def erase(self) -> None:
        erase_member(self.random.choice(self.members), self._now)

    def _decide(self, *, granted: bool, of: str | None = None) -> None:
        consent = Consent(Purpose.PROFILING, granted, "1", "0" * 64, "test", self._now)
        record_consent(of or self.random.choice(self.members), consent)

    def _clock(self, day: date, hour: int) -> None:
        at = time(hour, self.random.randint(0, 29), self.random.randint(0, 59))
        self._now = datetime.combine(day, at, BUSINESS_ZONE)

    def _minor(self) -> int:
        return self.random.choice([self.random.randint(1, MOST_MINOR), 5_000, 9_900])

    def _scan(self, token: str) -> str:
        openid = f"shopper{next(self._numbers)}"
        member_id = shop.scan(token, openid, now=self._now).member_id
        self.members.append(member_id)
        self._openids[member_id] = openid
        return member_id

    def _buyer(self) -> dict[str, Any]:
        """A member, as the shop knows them; after an erasure nobody knows whose order it is."""
        return {"buyer": {"openid": self._openids[self.random.choice(self.members)]}}

    def _sell(self, at: datetime, buyer: dict[str, Any], **more: Any) -> str:
        order_id, amount = f"o{next(self._numbers)}", self._minor()
        more |= {"order_id": order_id, "paid_minor": amount, "occurred_at": at.isoformat()}
        self._tell("order.paid", **buyer, **more)
        self._sold.append((order_id, amount, at.date()))
        return order_id

    def _event(self, kind: str, source: str = SOURCE, **data: Any) -> OrderEvent:
        data.setdefault("occurred_at", self._now.isoformat())
        if kind in ("order.paid", "order.refunded"):
            data.setdefault("currency", "CNY")
        wire = {"type": kind, "data": data}
        return read_event(source, f"d{next(self._numbers)}", self._now, wire)

    def _tell(self, kind: str, source: str = SOURCE, **data: Any) -> None:
        self._record(self._event(kind, source, **data))

    def _record(self, event: OrderEvent) -> None:
        record_order(event)
        self._told.append(event)


def _door(store: str, serial: int) -> str:
    """The token of a code that was issued for a store, with its item."""
    code = issued_code(store, None, serial)
    spec = CodeSpec(IssuedKind.STORE, store)
    codes.create(IssuedCode(code.key, code.key_version, spec, NOW), batch=None)
    return mint(code, issued_code_key(MASTER_KEY, "brand", store, 1))
