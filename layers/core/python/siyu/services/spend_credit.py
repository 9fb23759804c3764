"""Credit as payment at a till: hold it, take it in, or give it back.

A hold moves the version of the account that speaks for the person, and of every account it takes
from. So two tills, a merge or its undoing, and the end of a credit cannot pass each other, and the
same credit is promised once. The same write notes that the code was used, so that whoever saw it,
or kept it in a till, gets nothing more by it. Taking in and giving back only move what is held;
there the version of the hold decides who comes first. A refund does not wait for any of it: what it
takes back after the credit was spent stands as a debt, which later credit pays off.
"""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial

from siyu.domain import holds as rules
from siyu.domain.holds import STANDS, Hold, Postings, ShownCode, Wish
from siyu.domain.standard_webhooks import is_id
from siyu.errors import CodeNotValidError, CreditRefusedError, NotFoundError
from siyu.services.each import each
from siyu.services.known_member import known_from_the_top
from siyu.storage import holds, keys, ledger, members
from siyu.storage.people import Person
from siyu.storage.transaction import StaleReadError, Transaction, retrying


def hold_credit(wish: Wish, now: datetime) -> Hold:
    """The hold; for the same wish again the one that was made then, as it stands.

    Raises NotFoundError for a member who is not there, or erased; CreditRefusedError with the
    reason, also for an id that the till has used for something else, and for a code that a hold
    was made with.
    """
    return retrying(lambda: _hold(wish, now))


def capture_hold(store: str, hold_id: str, amount_minor: int, now: datetime) -> Hold:
    """Take in some of a hold, and give back the rest; the same again gives the same answer.

    Raises NotFoundError, and CreditRefusedError with the reason.
    """
    return _settle(store, hold_id, lambda hold: rules.capture(hold, amount_minor), now)


def void_hold(store: str, hold_id: str, now: datetime) -> Hold:
    """Give back all of a hold, also of one that was taken in; the same again gives the same answer.

    Raises NotFoundError, and CreditRefusedError when it is too late.
    """
    return _settle(store, hold_id, lambda hold: rules.void(hold, now), now)


def code_of(
    shown_at: Callable[[datetime], ShownCode], store: str, hold_id: str, now: datetime
) -> ShownCode:
    """What a member showed. `shown_at` reads it as of an instant and raises CodeNotValidError.

    A code is over after some minutes; who repeats a request whose answer was lost is believed if
    the code was good when the hold was made. Raises CodeNotValidError.
    """
    try:
        return shown_at(now)
    except CodeNotValidError:
        hold = holds.find(keys.hold_key(store, hold_id))
        if hold is None:
            raise
        return shown_at(hold.held_at)


def lapse_holds(day: date, now: datetime) -> int:
    """Give back what tills have held since before `day` and did not take in; how many there were.
    Safe to repeat or resume."""
    return each(
        partial(retrying, partial(_lapse, hold_key, now))
        for shard in range(keys.DUE_SHARDS)
        for hold_key in holds.lapsing(day, shard)
    )


def _hold(wish: Wish, now: datetime) -> Hold:
    hold_key = keys.hold_key(wish.store, wish.hold_id)
    made, code_used = holds.find_with_code(hold_key, wish.code.mark)
    if made is not None:
        if not made.answers(wish):
            raise CreditRefusedError("hold_id_used")
        return made
    try:
        person = _payer(wish, code_used=code_used)
        balances = ledger.balance_of(person.member_ids)
        hold, posted = rules.make(hold_key, wish, balances, now)
    except CreditRefusedError:
        # The same request may have taken meanwhile what there was, and used the code.
        if holds.find(hold_key) is not None:
            raise StaleReadError(frozenset({"hold"})) from None
        raise
    write = Transaction()
    _post(write, hold, posted, now)
    holds.use_code(write, wish.code)
    for account in person.accounts:
        if account.member.member_id in posted or account.member == person.member:
            members.touch(write, account.member)
    write.commit()
    return hold


def _payer(wish: Wish, *, code_used: bool) -> Person:
    """Who showed the code. Looked at before the balance, of which neither a used code tells
    anything, nor one of a person who is suspended: they get nothing more until it is lifted."""
    if code_used:
        raise CreditRefusedError("code_used")
    person = known_from_the_top(wish.code.member_id)
    if person.standing.suspended:
        raise CreditRefusedError("referrer_suspended")
    return person


def _settle(
    store: str, hold_id: str, decide: Callable[[Hold], tuple[Hold, Postings]], now: datetime
) -> Hold:
    if not is_id(hold_id):
        raise NotFoundError("no such hold")
    hold_key = keys.hold_key(store, hold_id)

    def attempt() -> Hold:
        hold = holds.find(hold_key)
        if hold is None:
            raise NotFoundError("no such hold")
        after, posted = decide(hold)
        if after is not hold:
            write = Transaction()
            _post(write, after, posted, now)
            write.commit()
        return after

    return retrying(attempt)


def _lapse(hold_key: str, now: datetime) -> bool:
    """Whether it was still held; the index may lag behind."""
    hold = holds.find(hold_key)
    if hold is None or hold.state != STANDS:
        return False
    write = Transaction()
    _post(write, *rules.void(hold, now), now)
    write.commit()
    return True


def _post(write: Transaction, hold: Hold, posted: Postings, now: datetime) -> None:
    holds.put(write, hold)
    ledger.book_all(write, hold.hold_key, posted, now)
