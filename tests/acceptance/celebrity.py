"""What scenario 8 stands on: a celebrity with many friends, and a look at which items its
transactions write."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import botocore.handlers
from botocore.awsrequest import AWSPreparedRequest

from siyu.domain.calendar import business_date
from siyu.domain.ledger import FIELDS, Balance, change_for, programme_account
from siyu.domain.members import FirstTouch, Member
from siyu.domain.programmes import Checks, Programme, Programmes
from siyu.domain.referrals import Binding
from siyu.errors import ContentionError
from siyu.services import identities
from siyu.services.credit_referral import credit_referral, following
from siyu.storage import accounts, aggregates, bindings, keys, ledger, members, programmes
from siyu.storage.items import CONNECTION
from siyu.storage.transaction import Transaction
from tests.acceptance.accidents import WRITE, Hook, said_in
from tests.acceptance.orders import paid
from tests.faults import Fault
from tests.services.shop import STORE
from tests.support import NOW

WIDE = Checks(None, None, None, None, None, None, None, None)
"""A brand that knows its celebrities looks at none of their friends."""
FAIR = "2026-2"
THREADS = 32
STREAM_RETRIES = 5


def publish(**limits: Any) -> None:
    """Rules that send no credit of a celebrity's to anybody's desk."""
    since = NOW - timedelta(days=400)
    programmes.append(Programmes(), replace(Programme(FAIR, since, checks=WIDE), **limits))


def friend_id(number: int) -> str:
    return f"F{number:012}"


def openid(number: int) -> str:
    return f"openid-friend-{number}"


def bring(referrer_id: str, number: int, at: datetime) -> None:
    """One friend as a signup writes them, without the code that was scanned."""
    identity = identities.mini_program_openid(openid(number))
    member = Member(friend_id(number), at, FirstTouch("store", STORE, "door"))
    write = Transaction()
    members.put_member(write, member, [identity])
    members.link_identity(write, member.member_id, identity, "wechat_login", at)
    aggregates.put_new(write, member.member_id, business_date(at), STORE)
    bindings.bind(write, Binding(member.member_id, referrer_id, at))
    write.commit()


def bring_many(referrer_id: str, count: int, apart: timedelta) -> None:
    """So many friends, one after the other in time until now."""
    with ThreadPoolExecutor(8) as pool:
        since = NOW - apart * count
        done = pool.map(lambda one: bring(referrer_id, one, since + apart * one), range(count))
        assert len(list(done)) == count


def sale(number: int, friend: int, amount: int = 10_000) -> str:
    """The message about a friend's purchase."""
    return paid(f"d{number}", str(number), amount, buyer={"openid": openid(friend)})


def credit_at_once(numbers: Sequence[int], friends: int) -> list[int]:
    """Credit the orders of these numbers at the same time; how many entries each took.

    The stream brings again what met too many conflicts, as often as its mapping says.
    """
    shared = following({friend_id(number % friends) for number in numbers})

    def credit(number: int) -> int:
        for _ in range(STREAM_RETRIES):
            with suppress(ContentionError):
                return credit_referral(f"shop#{number}", shared, NOW)
        return credit_referral(f"shop#{number}", shared, NOW)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(credit, numbers))


def conflicts(share: float, seed: int) -> Fault:
    """A conflict for this share of all transactions, each time anew."""
    chance = random.Random(seed)
    return lambda _, name: "conflict" if name == WRITE and chance.random() < share else None


@contextmanager
def no_tokens() -> Iterator[None]:
    """Transactions without a token for their retries: the engine of the tests walks all tokens of
    the last ten minutes in each, so that thousands of them take longer and longer. What a retry
    may do twice, the conditions refuse."""
    events: Any = CONNECTION.client.meta.events
    token = "before-parameter-build", botocore.handlers.generate_idempotent_uuid
    events.unregister(*token)
    try:
        yield
    finally:
        events.register(*token)


class Heat(Hook):
    """Counts the transactions that were sent, and in how many of them each item was."""

    def __init__(self) -> None:
        self.sent = 0
        self.items: Counter[tuple[str, str]] = Counter()

    def on(self, operation: str, request: AWSPreparedRequest) -> None:
        if operation != WRITE:
            return
        self.sent += 1
        for action in json.loads(said_in(request))["TransactItems"]:
            ((_, detail),) = action.items()
            key = detail.get("Key") or detail["Item"]
            self.items[key["PK"]["S"], key["SK"]["S"]] += 1

    def of(self, where: Sequence[keys.Key]) -> list[int]:
        """In how many transactions each of these items was."""
        return [self.items[key.pk, key.sk] for key in where]

    def hottest_but(self, *spread: keys.Key) -> int:
        """In how many transactions any other item was at most."""
        return max(count for key, count in self.items.items() if key not in {*spread})


def shown_and_entered(member_id: str) -> tuple[Balance, Balance]:
    """The balance as it is shown, and as it follows from the entries."""
    entries = [entry for entry, _ in ledger.entries_of(member_id)]
    return ledger.balance_of([member_id])[member_id], change_for(member_id, entries)


def owed_and_held(member_id: str) -> tuple[int, int]:
    """What the programme owes, and what its only referrer has of it."""
    shown = ledger.balance_of([member_id])[member_id]
    held = sum(getattr(shown, name) for name in FIELDS[:3])
    return -accounts.account_of(programme_account(FAIR)), held
