"""Play two deeds at once, and compare with one after the other."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, count, repeat
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from siyu.errors import SiyuError
from siyu.services import issue_coupon, join_member
from siyu.storage import backoff
from tests import support
from tests.faults import once_before
from tests.interleavings.follow import Followers
from tests.interleavings.village import Deed, deeds, settle_down
from tests.services.crowd import every_line
from tests.support import dump

Answer = str
Items = dict[Any, Any]
MEMBERS = [f"00000000000A{number}" for number in range(1, 6)]
MOST_REQUESTS = 25
NEWCOMER = "00000000000B0"
CODE = "GAVE"
NIGHTS = {"a night releases", "a night expires"}
# How often something was written, or sealed with other chance, and when a number was verified last:
# a number that two deeds verify is noted by either.
UNSAID = ("version", "PK", "sealed", "linked_at")
SHARD = re.compile(r"^(L#.*)#\d+$")
WRITES = (
    ["TransactWriteItems"], ["PutItem"], ["UpdateItem"], ["BatchWriteItem"],
    ["BatchExecuteStatement"],
)  # fmt: skip


@dataclass(frozen=True)
class End:
    """How it ended: what either was answered, and the table."""

    answers: tuple[Answer, Answer]
    table: str


@dataclass(frozen=True)
class Wrong:
    """An end that neither order has: the second came before a call of the first, by its number."""

    first: str
    second: str
    number: int
    end: End
    orders: tuple[End, End]

    def __str__(self) -> str:
        rows = [f"{self.second!r} before call {self.number} of {self.first!r}: {self.end.answers}"]
        for name, order in zip(("second first", "first first"), self.orders, strict=True):
            rows.append(f"  {name}: {order.answers}")
            for sign, these, those in (("+", self.end, order), ("-", order, self.end)):
                only = set(these.table.splitlines()) - set(those.table.splitlines())
                rows += [f"    {sign} {one}" for one in sorted(only)]
        return "\n".join(rows)


class Village:
    """The world, built once and restored for each pair."""

    def __init__(self) -> None:
        ids, self._begun = settle_down()
        self._items = dump()
        self._followers = Followers()
        self.deeds = deeds(ids, self._begun)

    def again(self) -> None:
        """As it was in the beginning."""
        self._followers = self._begun.fork()
        left = dump()
        requests: list[dict[str, Any]] = [
            {"PutRequest": {"Item": item}}
            for key, item in self._items.items()
            if left.get(key) != item
        ]
        requests += [
            {"DeleteRequest": {"Key": {"PK": {"S": pk}, "SK": {"S": sk}}}}
            for pk, sk in left.keys() - self._items.keys()
        ]
        for start in range(0, len(requests), MOST_REQUESTS):
            some = {support.table_name(): requests[start : start + MOST_REQUESTS]}
            support.client().call("BatchWriteItem", RequestItems=some)

    def play(self, first: str, second: str) -> Iterator[Wrong]:
        """The second before each call of the first, and after all. Between two writes of the first
        it has to end as if the second had come after the one, or before the other."""
        before: End | None = None
        between: dict[int, End] = {}
        for number in count(1):
            end, calls = self.at_once(first, second, number)
            over = number > len(calls)
            if not over and calls[number - 2 : number - 1] not in WRITES and number > 1:
                between[number] = end
                continue
            yield from (
                Wrong(first, second, at, one, (before, end))
                for at, one in between.items()
                if before is not None and one not in (before, end)
            )
            before = end
            between.clear()
            if over:
                return

    def at_once(self, first: str, second: str, number: int) -> tuple[End, list[str]]:
        """How it ends with the second before one call of the first, or else after all of them; and
        the first one's calls up to that one."""
        self.again()
        theirs: list[Answer] = []
        with every_line(once_before(number, lambda: theirs.append(self._answer(second)))) as seen:
            mine = self._answer(first)
        calls = seen.calls[:number]
        if not theirs:
            theirs.append(self._answer(second))
        self._followers.come_to_rest()
        for name in NIGHTS.intersection((first, second)):
            # What a night missed, since it came when it had begun, the next one does.
            self.deeds[name]()
        self._followers.come_to_rest()
        return End((mine, theirs[0]), told(dump())), calls

    def _answer(self, name: str) -> Answer:
        said = answer(self.deeds[name])
        self._followers.look()
        return said


def answer(deed: Deed) -> Answer:
    try:
        deed()
    except SiyuError as error:
        return f"{type(error).__name__}: {error}"
    return "done"


def told(items: Items) -> str:
    """A table as a text, without what differs for no reason."""
    lines = []
    accounts: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for (pk, sk), item in sorted(items.items()):
        said = {name: value for name, value in item.items() if name not in UNSAID}
        if "z" in said:  # its second field is the version
            name, _, *rest = said["z"]["S"].split("|")
            said["z"] = {"S": "|".join((name, *rest))}
        # Which shard of an account something is booked in depends on what was looked at first.
        key = SHARD.sub(r"\1", pk), sk
        if item["kind"]["S"] in {"BALANCE", "ACCOUNT"}:
            numbers = {name: int(value["N"]) for name, value in said.items() if "N" in value}
            accounts[key].update(numbers)
        else:
            lines.append(json.dumps([key, said], sort_keys=True))
    lines += [json.dumps([key, numbers], sort_keys=True) for key, numbers in accounts.items()]
    return re.sub(CODE + r"\d{8}", CODE, "\n".join(sorted(lines)))


@contextmanager
def without_chance() -> Iterator[None]:
    """Of two deeds one lets somebody join at most; codes of coupons are told apart, no more."""
    codes = count()
    member_ids = chain(MEMBERS, repeat(NEWCOMER))
    with (
        patch.object(join_member, "new_member_id", lambda: next(member_ids)),
        patch.object(join_member, "new_coupon_code", lambda: f"{CODE}{next(codes):08d}"),
        patch.object(issue_coupon, "new_coupon_code", lambda: f"{CODE}{next(codes):08d}"),
        patch.object(backoff, "time", SimpleNamespace(sleep=lambda _seconds: None)),
    ):
        yield
