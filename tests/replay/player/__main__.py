"""One run: the worker gets all messages, members join on the way, the stream's work is done.

`python -m tests.replay.player <ordered|shuffled> <limit or 0> <seed> <where to put the state>`
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from tqdm import tqdm

from siyu.services import identities
from siyu.services.attach_orders import attach_waiting
from siyu.services.credit_referral import credit_referral, following
from siyu.storage import members, orders
from siyu.storage.keys import order_key
from siyu.storage.transaction import Transaction
from tests import support
from tests.functions.calls import batch, call, join
from tests.replay import state, year
from tests.services.shop import door

MEMBERS = 600
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
        joined = FIRST_JOINED + number * BETWEEN
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
    return state.read_state(support.client(), support.table_name())


if __name__ == "__main__":
    kind, count, chosen, target = sys.argv[1:]
    door_token = door()
    found = play(kind, int(count) or None, int(chosen))
    Path(target).write_text(json.dumps(found), encoding="utf-8")
