"""Bring the ledger to what an order owes its buyer's referrer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from siyu.domain.calendar import business_date
from siyu.domain.credits import Credit, open_credit, reconcile, reschedule
from siyu.domain.orders import Order
from siyu.domain.programmes import Programme, Programmes
from siyu.domain.referrals import NOTHING, Binding, Target, demand_of, target_of
from siyu.domain.vetting import Verdict, decide, standing
from siyu.services.grant_credit import Grant, grant
from siyu.services.vet_referral import evidence_of, line_above, purchases_of, tellers_of
from siyu.storage import bindings, credit_items, figures, keys, ledger, orders, programmes
from siyu.storage.credit_items import Standing
from siyu.storage.transaction import Transaction, retrying


@dataclass(frozen=True, slots=True)
class Following:
    """What one run of changes shares: the rules, and who was referred by whom."""

    programmes: Programmes
    bindings: Mapping[str, Binding]


def following(member_ids: Iterable[str]) -> Following:
    """Two round trips; most members were brought by nobody."""
    return Following(programmes.load(), bindings.of(set(member_ids)))


def read_ahead(order_keys: Iterable[str]) -> dict[str, Standing]:
    """What some orders are and what they have earned so far, read together."""
    return credit_items.look_up(order_keys)


def credit_referral(
    order_key: str, shared: Following, now: datetime, ahead: Standing | None = None
) -> int:
    """Post the difference between target and ledger; returns the number of entries.

    Works from everything as it stands, not as the trigger saw it, so late, repeated or reordered
    triggers end in the same ledger. A sale may have come to another member than before: then what
    it earned the referrer of the former is taken back, also if the new one has none. `ahead` may be
    outdated: a write that rests on an old credit fails and all is read again, and an order that has
    moved on triggers this once more.
    """
    given = iter([ahead] if ahead else [])
    buyers: set[str] = set()

    def attempt() -> int:
        order, credit = next(given, None) or credit_items.look_up([order_key])[order_key]
        if order is None or order.paid is None:
            return 0
        buyers.update(filter(None, (order.member_id, credit.referee_id if credit else None)))
        return _credit(order_key, order, credit, shared, now)

    posted = retrying(attempt)
    if any(one.looks_back for one in shared.programmes.all):
        posted += _credit_others(order_key, buyers, shared, now)
    return posted


def credit_again(member_ids: Iterable[str], now: datetime) -> int:
    """Settle anew all that may hang on who is one person with whom: the orders of these accounts,
    and of everybody in the line above them. Returns the number of entries."""
    accounts = {
        account.member.member_id: account.binding
        for member_id in member_ids
        for person in line_above(member_id)
        for account in person.accounts
    }
    bound = {member_id: binding for member_id, binding in accounts.items() if binding}
    shared = Following(programmes.load(), bound)
    return sum(
        credit_referral(keys.order_key(order.source, order.order_id), shared, now)
        for member_id in sorted(bound)
        for order in list(orders.of_member(member_id))
    )


def _credit_others(order_key: str, buyers: set[str], shared: Following, now: datetime) -> int:
    """A friend's first purchase decides about later ones, and this may be it, or have been it."""
    found = orders.find([order_key])[order_key].order
    bound = bindings.of(buyers)
    again = Following(shared.programmes, bound)
    lineages = figures.get_many(set(bound))
    posted = 0
    for member_id in sorted(bound):
        first = lineages[member_id][-1].figures.first_day
        if found.paid and first and business_date(found.paid.occurred_at) > first:
            continue
        for order in list(orders.of_member(member_id)):
            key = keys.order_key(order.source, order.order_id)
            if key != order_key:
                posted += retrying(partial(_credit_fresh, key, again, now))
    return posted


def _credit_fresh(order_key: str, shared: Following, now: datetime) -> int:
    order, credit = credit_items.look_up([order_key])[order_key]
    return _credit(order_key, order, credit, shared, now) if order and order.paid else 0


def _credit(
    order_key: str, order: Order, credit: Credit | None, shared: Following, now: datetime
) -> int:
    binding = None if order.payment_id else shared.bindings.get(order.member_id or "")
    if order.paid is None or (credit is None and binding is None):
        return 0
    programme, posted = shared.programmes.in_force(order.paid.occurred_at), 0
    if credit is not None and not _still(credit, binding, programme):
        credit, posted = _move(credit, credit, NOTHING, now)
    if binding is None:
        return posted
    return posted + _settle(_Case(order_key, order, binding, programme), credit, now)


def _still(credit: Credit, binding: Binding | None, programme: Programme) -> bool:
    """Whether a credit is what this binding would open under these rules."""
    return binding is not None and (credit.referee_id, credit.referrer_id, credit.programme) == (
        binding.referee_id,
        binding.referrer_id,
        programme.version,
    )


@dataclass(frozen=True, slots=True)
class _Case:
    """An order of somebody who was referred, and the rules that decide about it."""

    order_key: str
    order: Order
    binding: Binding
    programme: Programme

    def opened(self, version: int, now: datetime) -> Credit:
        """A credit with nothing on it, over what stood there before."""
        opened = open_credit(
            self.order_key, self.order, self.binding, self.programme, business_date(now)
        )
        return replace(opened, version=version)


def _settle(case: _Case, credit: Credit | None, now: datetime) -> int:
    """Decide about an order's credit as all stands now, and post what is missing."""
    order, programme = case.order, case.programme
    tellers = tellers_of(order)
    purchases = purchases_of(order, tellers, programme)
    worth = demand_of(order, case.binding, programme, purchases)
    if worth == 0 and credit is None:
        return 0
    if credit is None or not _still(credit, case.binding, programme):
        credit = case.opened(credit.version if credit else 0, now)
    evidence = evidence_of(order, tellers, case.binding, programme, worth)
    decision = decide(programme.checks, evidence)
    blocked = standing(decision, credit.ruling) is Verdict.BLOCK
    given = Grant() if blocked else grant(credit, order, programme, worth)
    after = replace(
        reschedule(credit, order, programme),
        decision=decision,
        evidence=evidence,
        granted_minor=credit.granted_minor + given.amount_minor,
        limited_by=credit.limited_by if blocked else given.limited_by,
    )
    earned = 0 if blocked else min(worth, after.granted_minor)
    return _move(credit, after, target_of(order, earned), now, given)[1]


def _move(
    before: Credit, after: Credit, target: Target, now: datetime, given: Grant | None = None
) -> tuple[Credit, int]:
    """Post a credit as it should stand from here on; the number of entries it took."""
    moved, entries = reconcile(after, target)
    if not entries:
        if after == before and before.version:
            return before, 0
        moved = replace(after, version=after.version + 1)
    write = Transaction()
    credit_items.put(write, moved)
    ledger.book(write, moved.referrer_id, moved.order_key, entries, now)
    if given is not None:
        given.count(write)
    write.commit()
    return moved, len(entries)
