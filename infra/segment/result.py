"""All that a run found, for the report and for the summary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from infra.segment.book import Book
from infra.segment.folding import Folded
from infra.segment.money import Money
from infra.segment.scoring import Scored


class Sales(NamedTuple):
    """Orders that have money left, and net sales in minor units."""

    orders: int
    net_minor: int


@dataclass(frozen=True, slots=True)
class Result:
    """`name` is the file as it was called; `bad` are the rows that are in no figure, by line."""

    name: str
    book: Book
    folded: Folded
    scored: Scored
    money: Money
    bad: list[tuple[int, str]]

    @property
    def net_in_window(self) -> int:
        """Net sales to all customers in the scheme's window."""
        return sum(part.net_minor for part in self.scored.report.stages.values())

    @property
    def top_tenth_minor(self) -> int:
        """What the tenth of the customers with the largest net sales bought for."""
        net = sorted(self.scored.customers.net, reverse=True)
        return sum(net[: -(-len(net) // 10)])

    @property
    def sales(self) -> Mapping[str, Sales]:
        """Whose sales they are: all parts together are those of the usable rows. `members` is what
        members.csv adds up to, in the scheme's window."""
        folded, one = self.folded, self.scored.customers
        members = Sales(sum(one.orders), self.net_in_window)
        others = {
            "without_customer": Sales(folded.without_customer, folded.without_customer_minor),
            "nameless_refunds": Sales(0, folded.nameless_minor),
            "refunds_only": Sales(0, folded.only_refunds_minor),
        }
        apart = sum(sale.net_minor for sale in (members, *others.values()))
        before = Sales(sum(one.orders_ever) - members.orders, folded.net_minor - apart)
        after = Sales(folded.later_orders, folded.later_minor)
        return {"members": members, "before_window": before, **others, "after_the_day": after}

    def summary(self) -> Mapping[str, Any]:
        """For programs; amounts are minor units."""
        folded, scored = self.folded, self.scored
        cuts, report = scored.cuts, scored.report
        return {
            "as_of": scored.as_of.isoformat(),
            "scheme": scored.scheme.name,
            "currency": self.money.currency,
            "rows": len(self.book) + len(self.book.bad) + self.book.repeated,
            "bad_rows": len(self.bad),
            "repeated_rows": self.book.repeated,
            "rows_after": folded.later,
            "window_days": scored.scheme.window_days,
            "orders": self.sales["members"].orders,
            "orders_given_back": folded.given_back,
            "refunds": folded.refunds,
            "members": report.members,
            "members_scored": report.members - report.groups["unscored"].members,
            "members_net_sales_minor": self.net_in_window,
            "customers_with_refunds_only": folded.only_refunds,
            "sales": {name: one._asdict() for name, one in self.sales.items()},
            "lines": {
                name: getattr(cuts, name)
                for name in (
                    "recency",
                    "frequency",
                    "monetary",
                    "high",
                    "super_user_minor",
                    "key_care_orders",
                )
            },
            "groups": {name: asdict(part) for name, part in report.groups.items()},
            "stages": {name: asdict(part) for name, part in report.stages.items()},
            "aipl": {name: asdict(part) for name, part in report.aipl.items()},
        }
