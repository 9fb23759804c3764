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
from tests.simulation.spent import Spent, kept_minor
from tests.simulation.table import plain
from tests.simulation.versions import BUILT_IN, Rules, budget_shards

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
        self.freed: set[str] = set()
        """The caps that once counted more than they do: who was held back by them may stay so."""
        self.said: dict[tuple[str, ...], Mapping[str, Any]] = {}
        """What somebody decided last, by the credit's key, friend and referrer."""
        self.let_go: Counter[tuple[str, ...]] = Counter()
        """What was granted last of a credit after a night released it, by the same, unless all of
        it went back with the goods."""
        self.limited = False
        """Whether a cap has ever held something back."""
        self.spent = Spent(self.stands)
        self._granted: dict[str, dict[str, int]] = {}
        self._state: dict[tuple[str, ...], str] = {}
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
        written = defaultdict(list, {kind: list(map(plain, some)) for kind, some in puts.items()})
        for item in written["PROGRAMMES"]:
            self._rules |= {one["version"]: one for one in item["versions"]}
        moved = self._balance(written["ENTRY"], adds)
        self._count(written["CREDIT"], adds)
        self.spent(written, moved)

    def _balance(
        self, entries: list[dict[str, Any]], adds: Mapping[tuple[str, str], dict[str, int]]
    ) -> Counter[str]:
        """Entries move both sides, and nothing else does; what they move."""
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
        return stored

    def _count(
        self, credits_: list[dict[str, Any]], adds: Mapping[tuple[str, str], dict[str, int]]
    ) -> None:
        """What is granted is counted with it, no more when it is granted no more, and no cap is
        ever exceeded."""
        counted = {pk: change["used_minor"] for (pk, sk), change in adds.items() if sk == "CAP"}
        wanted: Counter[str] = Counter()
        for credit in credits_:
            self._release(credit)
            self.limited |= bool(credit.get("limited_by"))
            grants = _grants(credit)
            wanted.update(grants)
            wanted.subtract(self._granted.get(credit["order_key"], {}))
            self._granted[credit["order_key"]] = grants
            self._adds_up(credit, grants)
        moved = {pk: amount for pk, amount in wanted.items() if amount}
        require(counted == moved, "what is granted is counted", credits_, counted, moved)
        for pk, amount in moved.items():
            self.used[pk] += amount
            if amount < 0:
                self.freed.add(pk)
        for credit in credits_:
            for pk, most in self._most(credit):
                fits = moved.get(pk, 0) <= 0 or self.used[pk] <= most
                require(fits, "no cap is exceeded", pk, self.used[pk], credit)

    def _release(self, credit: dict[str, Any]) -> None:
        """Nothing is let go while it is refused or in doubt; afterwards it is gone all the same."""
        key, state = credit["order_key"], credit["state"]
        about = key, credit["referee_id"], credit["referrer_id"]
        if state == "released":
            state = "let go by its orders" if "by_parts" in credit else "released"
        if state == "released":
            if credit["granted_minor"]:
                has = kept_minor(credit) or verdict_of(credit) == "block"
                self.let_go[about] = credit["granted_minor"] if has else 0
            if self._state.get(about) != state:
                holds = self._state.get(about) == "pending" and verdict_of(credit) == "approve"
                require(holds, "only what is approved is released", credit)
        self._state[about] = state
        if "ruling" in credit:
            self.said[about] = credit["ruling"]
        kept = {(key, *pair): ruling for *pair, ruling in credit.get("former", ())}
        others = {one: said for one, said in self.said.items() if one[0] == key and one != about}
        require(kept == others, "what was decided about others is kept", credit, others)

    def _adds_up(self, credit: dict[str, Any], grants: Mapping[str, int]) -> None:
        """Each cap of its rules counts all that was granted; a budget, its shards together."""
        rules, granted = self._rules[credit["programme"]], credit["granted_minor"]
        windows = {len(pk.rpartition("#")[2]) for pk in grants if _own(credit, pk)}
        if granted:
            capped = any(name in rules for name in WINDOWS)
            asked = set(WINDOWS.values()) if capped else set[int]()
            require(windows == asked, "where one window is limited, all are counted", credit)
        for pk, amount in grants.items():
            require(not _own(credit, pk) or amount == granted, "a cap counts it whole", credit)
        drawn = sum(amount for pk, amount in grants.items() if not _own(credit, pk))
        wanted = granted if "budget_minor" in rules else 0
        require(drawn == wanted, "a budget counts it whole", credit, drawn)

    def _most(self, credit: dict[str, Any]) -> Iterator[tuple[str, int]]:
        """The caps of a credit, and what they let through."""
        rules = self._rules[credit["programme"]]
        for pk in _grants(credit):
            if _own(credit, pk):
                length = len(pk.rpartition("#")[2])
                limits = (rules.get(name) for name, size in WINDOWS.items() if size == length)
                yield from ((pk, most) for most in limits if most is not None)
            else:
                yield pk, budget_shards(rules["budget_minor"])[int(pk.rpartition("#")[2])]


def _grants(credit: Mapping[str, Any]) -> dict[str, int]:
    """What was granted, by the partition of the cap that counts it."""
    return {f"CAP#{account}#{where}": int(n) for account, where, n in credit.get("grants", ())}


def _own(credit: Mapping[str, Any], pk: str) -> bool:
    return pk.startswith(f"CAP#{credit['referrer_id']}#")


def verdict_of(credit: Mapping[str, Any]) -> str:
    """What holds of a credit as it says itself; an approval covers the reasons it was given for,
    and that nobody decided in time, the very reasons that nobody decided about."""
    ruling = credit.get("ruling")
    verdict, reasons = credit.get("decision", ("approve", []))
    if ruling is None or (ruling["overdue"] and ruling["reasons"] != reasons):
        return str(verdict)
    unseen = set(reasons) - set(ruling["reasons"])
    return str(verdict if ruling["verdict"] == "approve" and unseen else ruling["verdict"])


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
