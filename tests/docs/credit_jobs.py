"""Jobs of docs/data-model.md about referral credit in its owner's hands and in an operator's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from siyu.domain.holds import ShownCode, Wish
from siyu.domain.ledger import PENDING, Entry, EntryKind, member_account, programme_account
from siyu.domain.referrals import Binding
from siyu.services import show_wallet
from siyu.services.expire_credit import expire_due
from siyu.services.publish_programme import published
from siyu.services.release_credits import release_due
from siyu.services.review_credits import refuse_undecided
from siyu.services.show_referral import show_referral
from siyu.services.spend_credit import capture_hold, hold_credit, lapse_holds, void_hold
from siyu.storage import bindings, ledger
from siyu.storage.transaction import Transaction
from tests.services.purse import earn, member
from tests.services.shop import STORE, TODAY
from tests.support import NOW

Job = Callable[[], Callable[[], object]]
HOLD = "till-1"


def _wish(member_id: str) -> Wish:
    return Wish(STORE, HOLD, ShownCode(member_id, HOLD, NOW), 600, 12_800)


def _held() -> None:
    hold_credit(_wish(member(1, 1_000)), NOW)


def held() -> Callable[[], object]:
    wish = _wish(member(1, 1_000))
    return lambda: hold_credit(wish, NOW)


def held_again() -> Callable[[], object]:
    wish = _wish(member(1, 1_000))
    hold_credit(wish, NOW)
    return lambda: hold_credit(wish, NOW)


def captured() -> Callable[[], object]:
    _held()
    return lambda: capture_hold(STORE, HOLD, 600, NOW)


def captured_in_part() -> Callable[[], object]:
    _held()
    return lambda: capture_hold(STORE, HOLD, 500, NOW)


def voided() -> Callable[[], object]:
    _held()
    return lambda: void_hold(STORE, HOLD, NOW)


def lapsed() -> Callable[[], object]:
    _held()
    return lambda: lapse_holds(TODAY + timedelta(days=1), NOW)


def expired() -> Callable[[], object]:
    earn(member(1), "1", 1_000, ends=TODAY)
    return lambda: expire_due(TODAY, NOW)


def wallet() -> Callable[[], object]:
    who = member(1, 1_000)
    return lambda: show_wallet.show_wallet(who)


def statement() -> Callable[[], object]:
    who = member(1)
    for number in range(50):
        earn(who, f"n{number}", 1_000)
    return lambda: show_wallet.show_statement(who, 20, None)


def next_page_of_many() -> Callable[[], object]:
    """The page after the first one, which costs what each page costs: some entries look alike."""
    who = member(1)
    for number in range(80):
        entries = [_entry(who, f"n{number}", at) for at in range(25)]
        write = Transaction()
        ledger.book(write, who, f"shop#n{number}", entries, NOW)
        write.commit()
    first = show_wallet.show_statement(who, 20, None)
    return lambda: show_wallet.show_statement(who, 20, first.after)


def _entry(member_id: str, order: str, version: int) -> Entry:
    return Entry(
        entry_id=f"shop#{order}:earn:{version}",
        kind=EntryKind.EARN,
        debit=programme_account("2026-1"),
        credit=member_account(member_id, PENDING),
        amount_minor=1,
        order_key=f"shop#{order}",
        programme="2026-1",
    )


def sixty_expired() -> Callable[[], object]:
    who = member(1)
    for number in range(60):
        earn(who, f"n{number}", 10, ends=TODAY)
    return lambda: expire_due(TODAY, NOW)


def referral() -> Callable[[], object]:
    who = member(1)
    for number in range(10):
        friend = member(2 + number)
        write = Transaction()
        bindings.bind(write, Binding(friend, who, NOW))
        write.commit()
    earn(who, "1", 1_000)
    return lambda: show_referral(who, NOW)


def rules_read() -> Callable[[], object]:
    return published


def quiet_night() -> Callable[[], object]:
    jobs = (lapse_holds, refuse_undecided, release_due, expire_due)
    return lambda: [job(TODAY, NOW) for job in jobs]


JOBS: dict[str, Job] = {
    "GET /v1/me/credit": wallet,
    "A statement of a hundred entries": statement,
    "A page of a statement of two thousand entries": next_page_of_many,
    "GET /v1/me/referral, ten friends": referral,
    "Hold credit for a till": held,
    "Hold it again": held_again,
    "Capture all of a hold": captured,
    "Capture a part of a hold": captured_in_part,
    "Void a hold": voided,
    "Lapse night, one hold": lapsed,
    "Expiry night, one credit": expired,
    "Expiry night, sixty credits of one account": sixty_expired,
    "Read the referral rules": rules_read,
    "The programme's whole night, nothing waits": quiet_night,
}
