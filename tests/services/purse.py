"""What tests of spending say a lot: a member has credit, a till asks for some of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from siyu.domain.credits import Credit, reconcile, release
from siyu.domain.holds import Hold, ShownCode, Wish
from siyu.domain.ledger import Balance, Entry
from siyu.domain.programmes import PROGRAMME
from siyu.domain.referrals import Target
from siyu.domain.vetting import Decision, Verdict
from siyu.services.spend_credit import hold_credit
from siyu.storage import credit_items, keys, ledger
from siyu.storage.transaction import Transaction
from tests.services.shop import STORE, TODAY, receipt, scan
from tests.support import NOW

FRIEND = "00000000000F1"
LIFETIME = timedelta(minutes=5)


def member(serial: int, released: int = 0) -> str:
    """A new member, the smallest serial is the oldest, with credit to spend."""
    joined = scan(receipt(serial), f"openid-{serial}", now=NOW + timedelta(seconds=serial))
    if released:
        earn(joined.member_id, f"first-{serial}", released)
    return joined.member_id


def earn(
    member_id: str, order: str, amount: int, ends: date | None = None, now: datetime = NOW
) -> None:
    """Credit of a friend's order that is released; `ends` is the day on which it expires."""
    days = (ends - TODAY).days if ends else None
    opened = Credit(_key(order), member_id, FRIEND, "2026-1", TODAY, TODAY)
    credit, entries = reconcile(replace(opened, granted_minor=amount), Target(amount, 0))
    _post(credit, entries, now)
    _post(*release(credit, replace(PROGRAMME, credit_days=days), TODAY), now)


def await_release(
    member_id: str, order: str, amount: int, day: date, verdict: Verdict = Verdict.APPROVE
) -> None:
    """Credit that is pending until a day, or until somebody has looked at it."""
    decision = Decision(verdict, ()) if verdict is Verdict.APPROVE else Decision(verdict, ("x",))
    opened = Credit(_key(order), member_id, FRIEND, "2026-1", TODAY, day, decision=decision)
    _post(*reconcile(replace(opened, granted_minor=amount), Target(amount, 0)), NOW)


def settle_at(order: str, kept: int, now: datetime = NOW) -> None:
    """The order was refunded, or told of once more, so that its referrer keeps this much of it."""
    credit = the_credit(order)
    _post(*reconcile(credit, Target(credit.granted_minor, credit.granted_minor - kept)), now)


def the_credit(order: str) -> Credit:
    credit = credit_items.find(_key(order))
    assert credit is not None
    return credit


def balance(*member_ids: str) -> Balance:
    return sum(ledger.balance_of(member_ids).values(), Balance())


def wish(
    member_id: str, amount: int, hold_id: str = "h1", spend: int = 100_000, mark: str = ""
) -> Wish:
    """For each hold a code of its own, unless `mark` names one."""
    code = ShownCode(member_id, mark or f"for-{hold_id}", NOW + LIFETIME)
    return Wish(STORE, hold_id, code, amount, spend)


def hold(member_id: str, amount: int, hold_id: str = "h1", now: datetime = NOW) -> Hold:
    return hold_credit(wish(member_id, amount, hold_id), now)


def _key(order: str) -> str:
    return keys.order_key("shop", order)


def _post(credit: Credit, entries: list[Entry], now: datetime) -> None:
    write = Transaction()
    credit_items.put(write, credit)
    ledger.book(write, credit.referrer_id, credit.order_key, entries, now)
    write.commit()
