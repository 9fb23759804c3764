"""All that a run found, for the report and for the summary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from infra.segment.book import Book
from infra.segment.folding import Folded
from infra.segment.money import Money
from infra.segment.scoring import Scored


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
            "orders": folded.orders,
            "orders_without_customer": folded.without_customer,
            "refunds": folded.refunds,
            "net_sales_minor": folded.net_minor,
            "members": report.members,
            "members_scored": report.members - report.groups["unscored"].members,
            "members_net_sales_minor": self.net_in_window,
            "customers_with_refunds_only": folded.only_refunds,
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
