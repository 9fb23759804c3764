"""What holds of every single commit: read from the transactions that the engine has taken.

A look at the table sees a step at a time; what one transaction wrote and another mended is only
seen here.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from tests.simulation.books import require
from tests.simulation.owed import BUILT_IN, Rules, budget_shards
from tests.simulation.table import plain

STATES = ("pending", "released", "held")
ADDED = re.compile(r"ADD (.*?)(?= SET | REMOVE | DELETE |$)")
WINDOWS = {"per_day_minor": 10, "per_month_minor": 7, "per_year_minor": 4}


class Commits:
    """Called with the body of every transaction that took effect."""

    def __init__(self) -> None:
        self.stands: Counter[str] = Counter()
        """What stands on every account, in minor units."""
        self.used: Counter[str] = Counter()
        """What was granted against every cap, by its partition, as the credits say."""
        self.limited = False
        """Whether a cap has ever held something back."""
        self._granted: dict[str, tuple[Any, ...]] = {}
        self._state: dict[str, str] = {}
        self._rules: dict[str, Rules] = {BUILT_IN["version"]: BUILT_IN}

    def __call__(self, body: Mapping[str, Any]) -> None:
        puts: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        adds: dict[tuple[str, str], dict[str, int]] = {}
        for action in body["TransactItems"]:
            if "Put" in action:
                item = action["Put"]["Item"]
                puts[item["kind"]["S"]].append(item)
            elif "Update" in action:
                key = action["Update"]["Key"]
                adds[key["PK"]["S"], key["SK"]["S"]] = dict(_added(action["Update"]))
        for item in puts["PROGRAMMES"]:
            self._rules |= {one["version"]: one for one in plain(item)["versions"]}
        self._balance(list(map(plain, puts["ENTRY"])), adds)
        self._count(list(map(plain, puts["CREDIT"])), adds)

    def _balance(
        self, entries: list[dict[str, Any]], adds: Mapping[tuple[str, str], dict[str, int]]
    ) -> None:
        """Entries move both sides, and nothing else does."""
        moved: Counter[str] = Counter()
        for entry in entries:
            require(entry["amount_minor"] > 0, "an entry moves something", entry)
            moved[entry["debit"]] -= entry["amount_minor"]
            moved[entry["credit"]] += entry["amount_minor"]
        stored: Counter[str] = Counter()
        for (pk, sk), change in adds.items():
            if sk in ("BALANCE", "ACCOUNT"):
                name = pk.removeprefix("L#").rpartition("#")[0]
                for account, amount in _moves(name, sk, change):
                    stored[account] += amount
        same = {one: n for one, n in moved.items() if n} == {a: n for a, n in stored.items() if n}
        require(same, "a commit moves the balances that its entries name", moved, stored)
        require(sum(stored.values()) == 0, "what members have is what the brand owes", stored)
        for account, amount in stored.items():
            self.stands[account] += amount

    def _count(
        self, credits_: list[dict[str, Any]], adds: Mapping[tuple[str, str], dict[str, int]]
    ) -> None:
        """What is granted is counted with it, and no cap is ever exceeded."""
        counted = {pk: change["used_minor"] for (pk, sk), change in adds.items() if sk == "CAP"}
        wanted: dict[str, int] = {}
        for credit in credits_:
            self._release(credit)
            self.limited |= bool(credit.get("limited_by"))
            amount = self._more(credit)
            for pk, most in self._against(credit, list(counted)) if amount else ():
                wanted[pk] = amount
                self.used[pk] += amount
                require(self.used[pk] <= most, "no cap is exceeded", pk, self.used[pk], credit)
        require(counted == wanted, "what is granted is counted", credits_, counted, wanted)

    def _release(self, credit: dict[str, Any]) -> None:
        """Nothing is let go while it is refused or in doubt; afterwards it is gone all the same."""
        key, state = credit["order_key"], credit["state"]
        if state == "released" and self._state.get(key) == "pending":
            holds = verdict_of(credit)
            require(holds == "approve", "only what is approved is released", credit)
        self._state[key] = state

    def _more(self, credit: dict[str, Any]) -> int:
        """By how much a credit is granted more; another referrer or version begins anew."""
        about = tuple(credit[name] for name in ("referrer_id", "referee_id", "programme"))
        *before, granted = self._granted.get(credit["order_key"], (0,))
        more = int(credit["granted_minor"] - (granted if tuple(before) == about else 0))
        require(more >= 0, "what was granted stays granted", credit, granted)
        self._granted[credit["order_key"]] = (*about, credit["granted_minor"])
        return more

    def _against(self, credit: dict[str, Any], counted: list[str]) -> Iterator[tuple[str, int]]:
        """The caps that its programme sets; which window is a matter of the order's day."""
        rules = self._rules[credit["programme"]]
        for name, length in WINDOWS.items():
            if name in rules:
                yield _only(counted, f"CAP#{credit['referrer_id']}#", length), rules[name]
        if "budget_minor" in rules:
            shard = _only(counted, f"CAP#{rules['version']}#", None)
            number = int(shard.rpartition("#")[2])
            yield shard, budget_shards(rules["budget_minor"])[number]


def verdict_of(credit: Mapping[str, Any]) -> str:
    """What holds of a credit as it says itself; an approval covers the reasons it was given for."""
    ruling, (verdict, reasons) = credit.get("ruling"), credit.get("decision", ("approve", []))
    if ruling is None:
        return str(verdict)
    unseen = set(reasons) - set(ruling["reasons"])
    return str(verdict if ruling["verdict"] == "approve" and unseen else ruling["verdict"])


def _only(counted: list[str], prefix: str, length: int | None) -> str:
    found = [
        pk for pk in counted if pk.startswith(prefix) and length in (None, len(pk) - len(prefix))
    ]
    require(len(found) == 1, "a grant counts once against each of its caps", prefix, counted)
    return found[0]


def _moves(name: str, sk: str, change: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    if sk == "ACCOUNT":
        yield name, change["balance_minor"]
        return
    for state in STATES:
        yield f"member:{name}:{state}", change.get(f"{state}_minor", 0)


def _added(update: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """The numbers that an update adds, by attribute."""
    names, values = update["ExpressionAttributeNames"], update["ExpressionAttributeValues"]
    found = ADDED.search(update["UpdateExpression"])
    for pair in found.group(1).split(", ") if found else ():
        name, value = pair.split(" ")
        if "N" in values[value]:
            yield names[name], int(values[value]["N"])
