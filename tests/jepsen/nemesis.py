"""What goes wrong between the ledger and its table, and how the table itself is killed."""

from __future__ import annotations

import json
import os
import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, local
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from infra.local.engine import Engine, start_engine
from infra.local.process import stop_all
from infra.local.storage import fast_db_path
from tests import support
from tests.acceptance.accidents import WRITE, Hook, hooked, refusal, said_in
from tests.faults import Line


@dataclass(frozen=True)
class FaultRates:
    """How often what happens to a call, in thousandths. `lost` and `killed` happen before the
    engine hears of a call or after it answered; `stubborn` losses meet the SDK's retries, too."""

    lost: int = 60
    stubborn: int = 20
    killed: int = 20
    conflict: int = 60
    throttled: int = 20
    forgotten: int = 900

    @classmethod
    def of(cls, chance: random.Random) -> FaultRates:
        """Sometimes calm in one way, sometimes rough."""
        return cls(
            lost=chance.choice((0, 30, 100)),
            stubborn=chance.choice((10, 40)),
            killed=chance.choice((0, 20, 60)),
            conflict=chance.choice((20, 150, 300)),
            throttled=chance.choice((0, 20, 60)),
            forgotten=chance.choice((700, 1_000)),
        )


CALM = FaultRates(0, 0, 0, 0, 0)


class Nemesis(Hook):
    """On the line of all threads. `rates` may change at any time."""

    def __init__(self, chance: random.Random, rates: FaultRates = CALM) -> None:
        self.rates, self.felt = rates, dict[str, int]()
        self._chance, self._lock = chance, Lock()
        self._doomed: set[str] = set()
        self._here = local()
        self._line = Line(lambda _number, _operation: self._here.fault)

    def on(self, operation: str, request: AWSPreparedRequest) -> AWSResponse | None:
        with self._lock:
            fault = self._fault(operation, request)
            self.felt[fault] = self.felt.get(fault, 0) + 1
        if operation == WRITE and fault.startswith("forgotten"):
            _forget_token(request)
        kind = fault.removeprefix("forgotten ")
        if kind == "throttled":
            return refusal(request, "dynamodb", "ProvisionedThroughputExceededException")
        if kind in ("", "forgotten"):
            return None
        self._here.fault = kind
        return self._line(request)

    def close(self) -> None:
        self._line.close()

    def _fault(self, operation: str, request: AWSPreparedRequest) -> str:
        rates, chance = self.rates, self._chance
        forgets = "forgotten " if chance.randrange(1_000) < rates.forgotten else ""
        retry = request.headers.get("amz-sdk-invocation-id")
        if retry in self._doomed:
            return f"{forgets}lost {chance.choice(('before', 'after'))}"
        roll = chance.randrange(1_000)
        for name in ("lost", "stubborn", "killed", "throttled", "conflict"):
            roll -= getattr(rates, name)
            if roll < 0:
                return f"{forgets}{self._named(name, operation, retry)}".strip()
        return forgets.strip()

    def _named(self, name: str, operation: str, retry: Any) -> str:
        if name == "conflict":
            return "conflict" if operation == WRITE else ""
        if name == "throttled":
            return name
        if name == "stubborn":
            self._doomed.add(retry)
        kind = "killed" if name == "killed" else "lost"
        return f"{kind} {self._chance.choice(('before', 'after'))}"


def _forget_token(request: AWSPreparedRequest) -> None:
    """As if more than ten minutes had passed: a retry is a transaction like any other."""
    body = json.loads(said_in(request))
    body.pop("ClientRequestToken", None)
    request.body = json.dumps(body, separators=(",", ":")).encode()
    request.headers["Content-Length"] = str(len(request.body))


@contextmanager
def on_the_line(seed: int) -> Iterator[Nemesis]:
    """A nemesis between all models and their table, calm to begin with."""
    nemesis = Nemesis(random.Random(seed))
    with hooked(nemesis):
        yield nemesis


_kept: list[Engine] = []
"""The engine that has a file, once there is one."""


def keep_file() -> bool:
    """Let the engine of the tests keep its table in a file; whether it can be killed, then."""
    if support._engine.kind != "dynoxide":
        return False
    if support._engine not in _kept:
        path = fast_db_path(support._logs)
        for side in ("", "-wal", "-shm"):
            path.with_name(path.name + side).unlink(missing_ok=True)
        support.lasting_engine()
        _kept[:] = [support._engine]
    return True


def kill_engine() -> None:
    """End the engine as a power cut does, and start it again on the same file."""
    guard = support._engine.process.guard
    for child in _children(guard.pid):
        os.kill(child, signal.SIGKILL)
    stop_all([support._engine.process])
    port = int(support._engine.endpoint.rpartition(":")[2])
    support._engine = start_engine(support._logs, fast_db_path(support._logs), "dynoxide", port)
    _kept[:] = [support._engine]


def _children(parent: int) -> list[int]:
    """The processes that a process started; Linux says."""
    told = Path(f"/proc/{parent}/task/{parent}/children")
    return [int(one) for one in told.read_text().split()] if told.exists() else []
