"""What an order owes its buyer's referrer: the rules once more, no line of siyu.domain.

Published rules are read as they are stored; everything else from facts. Amounts are minor units.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from tests.simulation.books import Books
from tests.simulation.model import Told, best_source, business_day, eligible
from tests.simulation.versions import Rules, caps, in_force, published

SURE = ("self_referral", "ring", "same_device", "paid_by_referrer", "staff", "referrer_suspended")
SPANS = {
    "friends_a_minute": timedelta(minutes=1),
    "friends_a_day": timedelta(days=1),
    "friends_a_month": timedelta(days=30),
}
NEAR = timedelta(days=7)
COMPLETED_WITHIN = timedelta(days=30)
LIMITS = {"share_of_order": "share_bp"}


@dataclass(frozen=True)
class Owed:
    """What a credit should look like; `worth` is before caps, `accounts` are the referrer's."""

    rules: Rules
    binding: Mapping[str, Any]
    accounts: frozenset[str]
    paid_on: date
    completed_on: date | None
    worth: int
    evidence: Mapping[str, Any]
    verdict: str
    reasons: frozenset[str]

    @property
    def release_on(self) -> date:
        """A day after the return window, which the payment begins or the last completion that is
        told, a month after the payment at the latest."""
        begins = self.paid_on
        if self.rules.get("hold_from") == "completion":
            begins += COMPLETED_WITHIN
            begins = min(begins, self.completed_on or begins)
        return begins + timedelta(days=self.rules["return_window_days"] + 1)

    def holds(self, ruling: Mapping[str, Any] | None) -> str:
        """The verdict with a person's word: an approval only covers what they saw."""
        undecided = ruling is not None and ruling["overdue"]
        if ruling is None or (undecided and self.reasons != set(ruling["reasons"])):
            return self.verdict
        if ruling["verdict"] == "approve" and self.reasons - set(ruling["reasons"]):
            return self.verdict
        return str(ruling["verdict"])

    def caps(self) -> dict[tuple[str, ...], int]:
        """The partitions that count what is granted, and what they let through together."""
        return caps(self.rules, self.accounts, self.paid_on)


def owed(books: Books, key: str) -> Owed | None:
    """None for an order that nobody is owed anything for, whatever it is worth."""
    told, member = books.told[key], books.owner.get(key)
    binding = books.society.binding(member) if member else None
    if member is None or binding is None or told.paid_at is None or told.payment_id is not None:
        return None
    rules = in_force(published(books), _rules_at(books, key, told.paid_at))
    case = _Case(books, key, told, told.paid_at, member, binding, rules)
    worth = case.worth()
    evidence = case.evidence(worth)
    sure = {name for name in SURE if evidence.get(name)} | {evidence.get("refused")} - {None}
    doubts = set() if sure else _doubts(rules["checks"], evidence)
    verdict = "block" if sure else "review" if doubts else "approve"
    reasons = frozenset(map(str, sure or doubts))
    accounts, paid_on = books.society.person(binding["referrer_id"]), business_day(told.paid_at)
    told_of = [one.earliest.get("completed") for one in books.tellers(key).values()]
    completed_on = max((business_day(one) for one in told_of if one), default=None)
    return Owed(
        rules, binding, accounts, paid_on, completed_on, worth, evidence, verdict, reasons
    )  # fmt: skip


def _rules_at(books: Books, key: str, paid_at: datetime) -> datetime:
    """When it was paid, and where a clock ran ahead when those that say so were told of it."""
    tellers = books.tellers(key)
    best = best_source(tellers)
    told = [
        datetime.fromisoformat(fact["received_at"])
        for name in tellers
        if name.partition("#")[0] == best
        for sk, fact in books.table.parts[f"O#{name}"].items()
        if sk.startswith("F#") and '"order.paid"' in fact["body"]
    ]
    return min(paid_at, *told)


@dataclass(frozen=True)
class _Case:
    """An order of somebody who was referred, paid at an instant, and the rules in force then."""

    books: Books
    key: str
    told: Told
    paid_at: datetime
    member: str
    binding: Mapping[str, Any]
    rules: Rules

    def worth(self) -> int:
        """In minor units, before caps."""
        rules, bound_on = self.rules, business_day(self.binding["bound_at"])
        paid_on, paid = business_day(self.paid_at), self.told.paid_minor
        most_days = rules.get("referral_days")
        late = most_days is not None and paid_on > bound_on + timedelta(days=most_days)
        if not rules["enabled"] or paid < rules["min_order_minor"] or paid_on < bound_on or late:
            return 0
        first = first_day(self.books, self.member)
        if first is not None and rules.get("new_customers_only") and first < bound_on:
            return 0
        if first is not None and rules.get("first_purchase_only") and first < paid_on:
            return 0
        goods = _eligible(self.books, self.key, paid, rules["excluded_skus"])
        fixed, most = rules.get("fixed_minor"), rules.get("max_credit_minor")
        worth = goods * rules["rate_bp"] // 10_000 if fixed is None else fixed
        return int(min(worth, goods, goods if most is None else most))

    def evidence(self, worth: int) -> dict[str, Any]:
        """What is known, by name; what is not so, and a friend who is the only one, is left out."""
        society, at, binding = self.books.society, self.paid_at, self.binding
        friend = society.person(binding["referee_id"])
        referrer, *above = society.persons_above(binding["referrer_id"])
        tellers = self.books.tellers(self.key).values()
        named = {name for one in tellers for name in one.identities}
        buyers = {society.owner(name) for name in named} | {
            self.books.owner.get(key) for key in self.books.tellers(self.key)
        }
        coupon, given = self.rules.get("coupon"), worth
        if coupon and at < binding["bound_at"] + timedelta(days=coupon["valid_days"]):
            given += coupon["value_minor"]
        found = {
            "refused": binding.get("refused"),
            "self_referral": bool(friend & referrer),
            "ring": any(friend & person for person in above),
            "same_device": binding.get("device") in society.devices(referrer),
            "paid_by_referrer": not buyers.isdisjoint(referrer),
            "staff": society.noted(referrer | friend, "staff_since", at),
            "referrer_suspended": society.noted(referrer, "suspended_at", at),
            "share_of_order": given * 10_000 // self.told.paid_minor,
        }
        friends = [one for account in referrer for one in society.friends(account)]
        counted = _friends(friends, society.everybody, binding)
        several = {name: number for name, number in counted.items() if number > 1}
        return {name: value for name, value in found.items() if value} | several


def first_day(books: Books, member: str) -> date | None:
    """When a person first bought something that they kept."""
    counted = (
        one for account in books.society.person(member) for one in books.owned[account].values()
    )
    return min((one[0] for one in counted if one and one[1]), default=None)


def _eligible(books: Books, key: str, paid: int, patterns: list[str]) -> int:
    """Each order of the best source says it of itself; who tells no lines counts whole."""
    if not patterns:
        return paid
    tellers = books.tellers(key)
    best = best_source(tellers)
    return sum(
        eligible(one, patterns) for name, one in tellers.items() if name.partition("#")[0] == best
    )


def _friends(
    friends: list[dict[str, Any]], everybody: list[dict[str, Any]], mine: Mapping[str, Any]
) -> dict[str, int]:
    """How many came before a friend, that one included: in time and from their address of the same
    referrer's friends, from their device and from their network of anybody's."""
    rank = (mine["bound_at"], mine["referee_id"])
    until = [one for one in everybody if (one["bound_at"], one["referee_id"]) <= rank]
    ages = {one["referee_id"]: mine["bound_at"] - one["bound_at"] for one in until}
    theirs = {one["referee_id"] for one in friends} & set(ages)
    counted = {name: sum(ages[one] < span for one in theirs) for name, span in SPANS.items()}
    near = [one for one in until if ages[one["referee_id"]] < NEAR]
    anybody = set(ages)
    places = [("device", "device", anybody), ("network", "address", anybody)]
    for name, mark, among in (*places, ("address", "address", theirs)):
        same = [one for one in near if mark in mine and one.get(mark) == mine[mark]]
        counted[f"friends_per_{name}"] = sum(one["referee_id"] in among for one in same)
    return counted


def _doubts(checks: Mapping[str, Any], evidence: Mapping[str, Any]) -> set[str]:
    places = (f"friends_per_{one}" for one in ("address", "device", "network"))
    names = (*SPANS, *places, "share_of_order")
    limits = {name: checks.get(LIMITS.get(name, name)) for name in names}
    usual = {name: int(name != "share_of_order") for name in names}
    return {
        name
        for name, most in limits.items()
        if most is not None and evidence.get(name, usual[name]) > most
    }
