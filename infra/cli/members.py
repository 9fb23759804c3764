"""`siyu members …`: what is shown says nothing by which a person could be found or paid for.

So neither phones nor the codes of coupons, which are money to whoever shows them at a till.
"""

from __future__ import annotations

from argparse import Namespace
from datetime import datetime
from typing import Any

from infra.cli import coupons
from infra.cli.output import note, show, table
from siyu.domain.contacts import Relation
from siyu.services import decide_review
from siyu.services.export_member import relations_of
from siyu.services.merge_members import undo_merge
from siyu.services.show_member import show_member
from siyu.storage.merges import Merge
from siyu.storage.people import Account


def show_command(options: Namespace, _now: datetime) -> int:
    found = show_member(options.member)
    shown: dict[str, Any] = {
        "member": found.person.member.member_id,
        "stage": found.label.stage if found.label else None,
        "group": found.label.group if found.label else None,
        "orders": found.figures.orders,
        "net_minor": found.figures.net_minor,
        "last_order_on": found.figures.last_day,
        "pending_minor": found.balance.pending_minor,
        "released_minor": found.balance.released_minor,
        "held_minor": found.balance.held_minor,
        "accounts": [_account(one) for one in found.person.accounts],
        "coupons": [coupons.record(*one) for one in found.person.coupons],
        "relations": [_relation(one) for one in relations_of(found.person)],
        "merges": [_merge(one) for one in decide_review.merges_of(options.member)],
    }
    show(shown, as_json=options.json)
    return 0


def reviews_command(options: Namespace, _now: datetime) -> int:
    rows = [
        {
            "review": one.review_id,
            "member": one.member_id,
            "other": one.other_id,
            "evidence": one.evidence,
            "noticed_at": one.noticed_at,
        }
        for one in decide_review.open_reviews()
    ]
    table(rows, as_json=options.json)
    if not rows:
        note("nothing waits for a decision")
    return 0


def approve_command(options: Namespace, now: datetime) -> int:
    return _merged(decide_review.approve(options.review, options.by, now), options)


def reject_command(options: Namespace, now: datetime) -> int:
    decide_review.reject(options.review, options.by, now)
    note("they stay two")
    return 0


def merge_command(options: Namespace, now: datetime) -> int:
    merge = decide_review.merge_by_hand(
        options.member, options.other, options.by, options.because, now
    )
    return _merged(merge, options)


def undo_command(options: Namespace, now: datetime) -> int:
    other = undo_merge(options.member, options.by, options.because, now)
    note(f"{options.member} and {other} are two again")
    return 0


def _merged(merge: Merge | None, options: Namespace) -> int:
    if merge is None:
        note("they were one person already")
        return 0
    show(_merge(merge), as_json=options.json)
    note(f"to take it back: siyu members undo {merge.absorbed_id} --by … --because …")
    return 0


def _account(account: Account) -> dict[str, Any]:
    member = account.member
    touch = member.first_touch
    return {
        "account": member.member_id,
        "joined_at": member.joined_at,
        "merged_into": member.up,
        "came_by": touch.kind,
        "store": touch.store,
        "code": touch.code,
        "guide": touch.guide,
        "channel": touch.channel,
        "known_by": ", ".join(sorted({kind for kind, _ in account.identities})),
    }


def _relation(relation: Relation) -> dict[str, Any]:
    return {
        "relation": relation.kind,
        "guide": relation.guide,
        "store": relation.store,
        "since": relation.since,
        "active": relation.active,
        "ended_at": relation.ended_at,
        "ended_by": relation.ended_by,
    }


def _merge(merge: Merge) -> dict[str, Any]:
    return {
        "merged": merge.absorbed_id,
        "into": merge.survivor_id,
        "proof": merge.proof,
        "merged_at": merge.merged_at,
        "merged_by": merge.merged_by,
    }
