"""Published versions of the rules as they are stored: which is in force, and what its caps let
through."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from tests.simulation.books import Books

Rules = Mapping[str, Any]
BUILT_IN: Rules = {
    "version": "2026-1",
    "effective_from": "2000-01-01T00:00:00+00:00",
    "enabled": True,
    "rate_bp": 500,
    "min_order_minor": 1_000,
    "return_window_days": 14,
    "excluded_skus": [],
    "checks": {
        "friends_a_day": 10,
        "friends_a_month": 50,
        "friends_a_minute": 5,
        "friends_per_address": 10,
        "friends_per_device": 3,
        "friends_per_network": 50,
        "friends_per_delivery": 3,
        "share_bp": 5_000,
    },
}


def published(books: Books) -> list[Rules]:
    item = books.table.get("G#REFERRAL", "PROGRAMMES")
    return [BUILT_IN, *(item["versions"] if item else ())]


def in_force(rules: list[Rules], at: datetime) -> Rules:
    """The latest that has begun; of those that begin together the one published last."""
    held = rules[0]
    for one in rules[1:]:
        begins, since = (datetime.fromisoformat(x["effective_from"]) for x in (one, held))
        if since <= begins <= at:
            held = one
    return held


def caps(rules: Rules, accounts: frozenset[str], paid_on: date) -> dict[tuple[str, ...], int]:
    """By partition keys, one for each account of the referrer's; all shards of a budget."""
    day = paid_on.isoformat()
    spans = {"per_day_minor": day, "per_month_minor": day[:7], "per_year_minor": day[:4]}
    found = {
        tuple(f"CAP#{account}#{span}" for account in sorted(accounts)): rules[name]
        for name, span in spans.items()
        if rules.get(name) is not None
    }
    shards = budget_shards(rules["budget_minor"]) if "budget_minor" in rules else []
    found |= {(f"CAP#{rules['version']}#{number}",): most for number, most in enumerate(shards)}
    return found


def budget_shards(budget: int) -> list[int]:
    """What each part of a budget lets through; only a large one has several."""
    count = 16 if budget >= 1_000_000 else 1
    return [budget // count + (number < budget % count) for number in range(count)]
