"""`siyu coupons …`: what is shown never has a coupon's code, which is money to whoever shows it."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from datetime import datetime
from typing import Any

from infra.cli.output import note, show, table
from infra.codes.cells import Cells
from infra.codes.specs import MAX_NUMBER, read_benefit
from siyu.domain.coupons import Benefit, Coupon
from siyu.errors import CouponRefusedError
from siyu.services.issue_coupon import issue_coupon
from siyu.services.known_member import known

BENEFIT = ("benefit", "value_minor", "min_spend_minor", "valid_days", "per_person")


def issue_command(options: Namespace, now: datetime) -> int:
    benefit = _benefit(options)
    if benefit is None:
        return 2
    try:
        coupon = issue_coupon(options.member, benefit, now)
    except CouponRefusedError:
        note(f"not given: {options.member} has had as many of {benefit.name} as a person may")
        return 1
    show({"benefit": coupon.benefit, "expires_at": coupon.expires_at}, as_json=options.json)
    return 0


def list_command(options: Namespace, _now: datetime) -> int:
    rows = [record(account, coupon) for account, coupon in known(options.member).coupons]
    table(rows, as_json=options.json)
    if not rows:
        note(f"{options.member} was never given a coupon")
    return 0


def record(account: str, coupon: Coupon) -> dict[str, Any]:
    """A coupon as an operator may see it."""
    done = coupon.redemption
    return {
        "account": account,
        "benefit": coupon.benefit,
        "value_minor": coupon.value_minor,
        "min_spend_minor": coupon.min_spend_minor,
        "expires_at": coupon.expires_at,
        "redeemed_at": done.redeemed_at if done else None,
        "redeemed_in": done.store if done else None,
    }


def _benefit(options: Namespace) -> Benefit | None:
    """By the rules of a row of a batch, and in the same words."""
    cells = Cells({name: getattr(options, name).strip() for name in BENEFIT})
    benefit, per_person = read_benefit(cells), cells.number("per_person", 1, MAX_NUMBER)
    for reason in cells.problems:
        note(reason)
    if benefit is None or per_person is None or cells.problems:
        return None
    return replace(benefit, per_person=per_person)
