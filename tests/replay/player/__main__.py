"""One run: the worker gets all messages, members join on the way, the stream's work is done.

`python -m tests.replay.player <ordered|shuffled> <limit or 0> <seed> <where to put the state>`
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from tqdm import tqdm

from siyu.services import identities
from siyu.services.attach_orders import attach_waiting
from siyu.services.credit_referral import credit_referral, following
from siyu.services.release_credits import release_due
from siyu.storage import members, orders
from siyu.storage.keys import order_key
from siyu.storage.transaction import Transaction
from tests import support
from tests.functions.calls import batch, call, join
from tests.replay import second_opinion, state, year
from tests.services.shop import door

MEMBERS = 300
BATCH = 10
# Before the first order of the file, so that every order may earn its referrer something.
# One after the other, because a door lets in only so many at once.
FIRST_JOINED = datetime(2010, 11, 20, tzinfo=UTC)
BETWEEN = timedelta(minutes=10)


def member_id(number: int) -> str:
    return f"{number:013d}"


def enter(numbers: Sequence[int], names: Sequence[str], codes: dict[int, str]) -> None:
    """Members join, every second one brought by the one before, and the shop knows who they are."""
    for number in numbers:
        joined, _ = joined_as(number, names)
        brought = codes.get(number - 1) if number % 2 else None
        outcome = join(member_id(number), door_token, f"openid-{number}", brought, now=joined)
        codes[number] = outcome.referral_code
        buyer = identities.buyer(support.SOURCE, names[number])
        write = Transaction()
        members.link_identity(write, member_id(number), buyer, "receipt", joined)
        members.name_identities(write, member_id(number), [buyer])
        write.commit()
        attach_waiting(buyer, member_id(number))


def follow() -> None:
    """What the stream's reader would do about every order of a member, from the orders alone."""
    ids = [member_id(number) for number in range(MEMBERS)]
    shared = following(ids)
    for referee in shared.bindings:
        for order in orders.of_member(referee):
            credit_referral(order_key(order.source, order.order_id), shared, support.NOW)


def play(order: str, limit: int | None, seed: int) -> dict[str, str]:
    messages = year.ordered(limit)
    names = year.customers(messages, MEMBERS)
    random = Random(seed)
    codes: dict[int, str] = {}
    late = set() if order == "ordered" else set(range(1, MEMBERS, 2))
    enter([number for number in range(len(names)) if number not in late], names, codes)
    deliveries = messages if order == "ordered" else year.shuffled(messages, random)
    batches = [deliveries[start : start + BATCH] for start in range(0, len(deliveries), BATCH)]
    for number, some in enumerate(tqdm(batches, desc=order, unit="batch", mininterval=5)):
        if late and number == len(batches) // 3:
            enter(sorted(late), names, codes)
            follow()
        texts = [one.text("CNY") for one in some]
        failed = call("order_worker", batch(*texts))["batchItemFailures"]
        assert failed == [], "nothing stands in the way"
    follow()
    return release_and_compare(limit, names)


def release_and_compare(limit: int | None, names: Sequence[str]) -> dict[str, str]:
    """The night after the year; every member's credit is what SQL makes of the file."""
    joins = {name: joined_as(number, names) for number, name in enumerate(names)}
    night, expected = second_opinion.credits_by_sql(limit, joins)
    release_due(date.fromisoformat(night), support.NOW)
    found = state.read_state(support.client(), support.table_name())
    name_of = {member_id(number): name for number, name in enumerate(names)}
    told = second_opinion.credits_in(found, name_of)
    different = [name for name in expected if expected[name] != told[name]]
    assert told == expected, f"SQL comes to other credits of {different[:5]}"
    assert any(released and back for _, released, back in told.values()), "some of each"
    return found


def joined_as(number: int, names: Sequence[str]) -> tuple[datetime, str | None]:
    """When somebody joined, and the customer who brought them."""
    return FIRST_JOINED + number * BETWEEN, names[number - 1] if number % 2 else None


if __name__ == "__main__":
    kind, count, chosen, target = sys.argv[1:]
    door_token = door()
    found = play(kind, int(count) or None, int(chosen))
    Path(target).write_text(json.dumps(found), encoding="utf-8")
