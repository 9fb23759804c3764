"""The workload `transfer`: all kinds of entries between all accounts, and reads of all kinds."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import partial
from itertools import count

from siyu.storage import ledger
from tests.jepsen import transfers
from tests.jepsen.ground import PAUSE, Round, play, read, recorded, unless_it_dies
from tests.jepsen.history import History
from tests.jepsen.judge import Judge, Verdict
from tests.jepsen.observer import Observer
from tests.jepsen.transfers import MEMBERS, Plan
from tests.jepsen.views import BALANCE, ENTRIES, FINAL, SHARDS, SNAPSHOT, TRANSFER

OBSERVERS = 2
"""So many of the threads read everything at once all the time, as nobody of the product does."""
RECENT = 12
"""Only so many orders and holds are worked on, so that threads meet."""


class Workload:
    """Orders and holds that are open, and what threads do to them."""

    def __init__(self, game: Round) -> None:
        self._game, self._names = game, count(1)
        self._orders: list[str] = [transfers.order_key(0)]
        self._holds: list[str] = ["hold-0"]
        self._observers = [Observer() for _ in range(OBSERVERS)]

    def step(self, process: int, chance: random.Random) -> None:
        if process < OBSERVERS:
            observer = self._observers[process]
            read(self._game, process, SNAPSHOT, None, lambda: _snapshot(observer))
            time.sleep(PAUSE)
        elif chance.random() < 0.3:
            self._read(process, chance)
        else:
            plan = unless_it_dies(partial(self._plan, chance))
            if plan is not None:
                self._post(process, plan, again=chance.random() < 0.1)

    def close(self) -> None:
        for one in self._observers:
            one.close()

    def _post(self, process: int, plan: Plan, *, again: bool) -> None:
        work = partial(transfers.attempt, plan)
        recorded(self._game, process, TRANSFER, plan[0], work)
        if again:
            # The same once more adds nothing: it is found, or stands from now on.
            unless_it_dies(work)

    def _read(self, process: int, chance: random.Random) -> None:
        kind, member_id = chance.choice((BALANCE, BALANCE, SHARDS, ENTRIES)), chance.choice(MEMBERS)
        work = partial(transfers.read_op, kind, member_id)
        read(self._game, process, kind, member_id, work)

    def _plan(self, chance: random.Random) -> Plan | None:
        order, hold = chance.choice(self._orders[-RECENT:]), chance.choice(self._holds[-RECENT:])
        plans: list[Callable[[], Plan | None]] = [
            lambda: self._earn(chance),
            lambda: transfers.reverse(order, chance),
            lambda: transfers.let_go(order),
            lambda: self._hold(chance),
            lambda: transfers.settle(hold, chance),
        ]
        (plan,) = chance.choices(plans, weights=(30, 25, 15, 12, 18))
        return plan()

    def _earn(self, chance: random.Random) -> Plan:
        order = transfers.order_key(next(self._names))
        self._orders.append(order)
        return transfers.earn(order, chance.choice(MEMBERS), transfers.amount(chance))

    def _hold(self, chance: random.Random) -> Plan:
        hold_id = f"hold-{next(self._names)}"
        self._holds.append(hold_id)
        payers = chance.sample(MEMBERS, chance.choice((1, 2)))
        return transfers.hold(hold_id, {one: transfers.amount(chance) for one in payers})


def run(game: Round) -> Verdict:
    """Play a round and judge it."""
    workload = Workload(game)
    play(game, workload.step)
    workload.close()
    last = Observer()
    read(game, -1, FINAL, None, lambda: {**_snapshot(last), "entries": _all_entries()})
    last.close()
    return judge(game.history)


def judge(history: History) -> Verdict:
    """What is wrong with a history."""
    return Judge(history).judge()


def _snapshot(observer: Observer) -> dict[str, object]:
    return {"balances": observer.everything()}


def _all_entries() -> list[object]:
    return [entry for one in MEMBERS for entry, _ in ledger.entries_of(one)]
