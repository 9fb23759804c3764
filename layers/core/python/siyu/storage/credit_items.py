"""Referral credits: what stands for each order, and which of them wait for what."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from siyu.domain.calendar import to_utc
from siyu.domain.credits import Credit
from siyu.domain.orders import Order
from siyu.domain.vetting import Decision, Evidence, FormerRuling, Ruling, Verdict
from siyu.storage import keys
from siyu.storage.items import Gsi2, Item, OrderItem
from siyu.storage.ledger_items import CreditItem
from siyu.storage.order_items import to_order
from siyu.storage.reading import indexed, read
from siyu.storage.transaction import Transaction

Standing = tuple[Order | None, Credit | None]
"""What an order is, and what it has earned."""


def look_up(order_keys: Iterable[str]) -> dict[str, Standing]:
    """Orders and the credits they have earned so far: two round trips per 100, 2 read units each.

    Credits first: so an order is at least as young as the one its credit was computed from, and no
    target goes back in time.
    """
    wanted = list(order_keys)
    credits_found, orders_found = read(map(keys.credit, wanted)), read(map(keys.order, wanted))
    answers: dict[str, Standing] = {}
    for key in wanted:
        order = orders_found.get(OrderItem, keys.order(key))
        credit = credits_found.get(CreditItem, keys.credit(key))
        answers[key] = (to_order(order) if order else None, to_credit(credit) if credit else None)
    return answers


def find(order_key: str) -> Credit | None:
    """The credit of one order."""
    where = keys.credit(order_key)
    item = read([where]).get(CreditItem, where)
    return to_credit(item) if item else None


def find_many(order_keys: Iterable[str]) -> list[Credit]:
    """The credits of some orders: one round trip per 100, 1 read unit each."""
    where = [keys.credit(order_key) for order_key in order_keys]
    found = read(where)
    return [to_credit(item) for key in where if (item := found.get(CreditItem, key))]


def of_referrer(member_id: str) -> Iterator[Credit]:
    """The credits of an account's friends' orders; the index may lag a moment behind."""
    return map(to_credit, indexed(CreditItem, keys.member_pk(member_id), keys.CREDITS_PREFIX))


def waiting(what: str, day: date, shard: int) -> Iterator[Credit]:
    """The credits in one shard that wait for `day` or a day before, oldest first; they may be
    outdated. `what` is `keys.DUE`, `keys.REVIEW` or `keys.EXPIRY`."""
    until = keys.waiting_until(day) >= Gsi2.GSI2SK
    for item in Item.gsi2.query(keys.waiting_pk(what, shard), until):
        if isinstance(item, CreditItem):
            yield to_credit(item)


def put(write: Transaction, credit: Credit, over: int | None = None) -> None:
    """Write a credit over the version before its own, or over version `over`, 0 for none."""
    decision = credit.decision
    item = CreditItem(
        *keys.credit(credit.order_key),
        order_key=credit.order_key,
        referrer_id=credit.referrer_id,
        referee_id=credit.referee_id,
        programme=credit.programme,
        opened_on=credit.opened_on.isoformat(),
        release_on=credit.release_on.isoformat(),
        expires_on=credit.expires_on.isoformat() if credit.expires_on else None,
        earned_minor=credit.earned_minor,
        reversed_minor=credit.reversed_minor,
        granted_minor=credit.granted_minor,
        expired_minor=credit.expired_minor or None,
        ended_minor=credit.ended_minor or None,
        grants=[list(one) for one in credit.grants] or None,
        limited_by=list(credit.limited_by) or None,
        doubted_on=credit.doubted_on.isoformat() if credit.doubted_on else None,
        paid_on=credit.paid_on.isoformat() if credit.paid_on else None,
        state=credit.state,
        decision=None if decision == Decision() else [decision.verdict, list(decision.reasons)],
        evidence=credit.evidence.to_fields() or None,
        ruling=_ruling_fields(credit.ruling) if credit.ruling else None,
        former=[[*one.pair, _ruling_fields(one.ruling)] for one in credit.former] or None,
        by_parts=credit.by_parts or None,
        let_go_minor=credit.let_go_minor or None,
        version=credit.version,
    )
    item.GSI1PK, item.GSI1SK = keys.credit_of_referrer(credit.referrer_id, credit.order_key)
    awaited = _awaited(credit)
    if awaited is not None:
        item.GSI2PK, item.GSI2SK = keys.waiting(*awaited, credit.order_key)
    if over:
        write.put("credit", item, CreditItem.version == over)
    elif over is None:
        write.replace("credit", item)
    else:
        write.create("credit", item)


def to_credit(item: CreditItem) -> Credit:
    """The credit behind an item."""
    verdict, reasons = item.decision or (Verdict.APPROVE, ())
    return Credit(
        item.order_key,
        item.referrer_id,
        item.referee_id,
        item.programme,
        date.fromisoformat(item.opened_on),
        date.fromisoformat(item.release_on),
        int(item.earned_minor),
        int(item.reversed_minor),
        int(item.granted_minor),
        int(item.expired_minor or 0),
        tuple(item.limited_by or ()),
        item.state,
        Decision(Verdict(verdict), tuple(reasons)),
        Evidence.of_fields(item.evidence or {}),
        _to_ruling(item.ruling) if item.ruling else None,
        date.fromisoformat(item.expires_on) if item.expires_on else None,
        int(item.version),
        int(item.ended_minor or 0),
        tuple((account, window, int(amount)) for account, window, amount in item.grants or ()),
        date.fromisoformat(item.doubted_on) if item.doubted_on else None,
        date.fromisoformat(item.paid_on) if item.paid_on else None,
        tuple(
            FormerRuling((referee_id, referrer_id), _to_ruling(ruling))
            for referee_id, referrer_id, ruling in item.former or ()
        ),
        bool(item.by_parts),
        int(item.let_go_minor or 0),
    )


def _awaited(credit: Credit) -> tuple[str, date] | None:
    """What a credit waits for, and the day; None for one that waits for nothing."""
    if credit.due:
        return keys.DUE, credit.release_on
    if credit.in_review:
        return keys.REVIEW, credit.waits_since
    if credit.lasts_until is not None:
        return keys.EXPIRY, credit.lasts_until
    return None


def _ruling_fields(ruling: Ruling) -> dict[str, Any]:
    return {
        "verdict": ruling.verdict.value,
        "reasons": list(ruling.reasons),
        "by": ruling.by,
        "at": to_utc(ruling.at).isoformat(),
        "note": ruling.note,
        "fraud": ruling.fraud,
        "overdue": ruling.overdue,
    }


def _to_ruling(fields: dict[str, Any]) -> Ruling:
    return Ruling(
        Verdict(fields["verdict"]),
        tuple(fields["reasons"]),
        fields["by"],
        datetime.fromisoformat(fields["at"]),
        fields["note"],
        fields["fraud"],
        fields["overdue"],
    )
