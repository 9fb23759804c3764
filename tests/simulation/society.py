"""Who is one person with whom, and who brought whom, as the raw table says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tests.simulation.table import Change, Table

Item = dict[str, Any]
WATCHED = ("PROFILE", "REFERRER", "STANDING")


class Society:
    """Accounts by id, and their bindings by referrer."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self.accounts: dict[str, Item] = {}
        self._friends: defaultdict[str, dict[str, Item]] = defaultdict(dict)
        self._persons: dict[str, frozenset[str]] = {}
        self.parted: set[str] = set()
        """Those who were one person with somebody once."""

    def update(self, changes: list[Change]) -> bool:
        """Take changes in; whether it may have changed what somebody's orders are worth."""
        moved = False
        for change in changes:
            (pk, sk), kind = change.key, (change.new or {}).get("kind", {}).get("S")
            if kind not in WATCHED:
                continue
            item = self._table.parts[pk][sk]
            if kind == "PROFILE":
                before = self.accounts.get(item["member_id"], {})
                moved |= before.get("up") != item.get("up")
                if before.get("up") and not item.get("up"):
                    self.parted |= self.person(item["member_id"])
                self.accounts[item["member_id"]] = item
            elif kind == "REFERRER":
                self._friends[item["referrer_id"]][item["referee_id"]] = item
            else:
                moved = True
        if moved:
            self._persons.clear()
        return moved

    def person(self, member_id: str) -> frozenset[str]:
        """All accounts of the person behind one of them."""
        if member_id not in self.accounts:
            return frozenset()
        if not self._persons or member_id not in self._persons:
            self._group()
        return self._persons[member_id]

    def _group(self) -> None:
        groups: defaultdict[str, set[str]] = defaultdict(set)
        for member_id in self.accounts:
            groups[self.top(member_id)].add(member_id)
        self._persons = {one: frozenset(some) for some in groups.values() for one in some}

    def top(self, member_id: str) -> str:
        """The account that an account was merged into in the end."""
        while up := self.accounts[member_id].get("up"):
            member_id = up
        return member_id

    def below(self, member_id: str) -> set[str]:
        """An account and those that were merged into it."""
        found = {member_id}
        for other in self.person(member_id):
            line = [other]
            while up := self.accounts[line[-1]].get("up"):
                line.append(up)
            if member_id in line:
                found.add(other)
        return found

    def binding(self, member_id: str) -> Item | None:
        return self._table.get(f"M#{member_id}", "REFERRER")

    def friends(self, referrer_id: str) -> list[Item]:
        return list(self._friends[referrer_id].values())

    @property
    def everybody(self) -> list[Item]:
        """The bindings of all who were referred."""
        return [one for friends in self._friends.values() for one in friends.values()]

    def persons_above(self, member_id: str) -> Iterator[frozenset[str]]:
        """The person behind an account, those who brought them, and so on, each once."""
        waiting, seen = [member_id], set[frozenset[str]]()
        while waiting:
            person = self.person(waiting.pop(0))
            if not person or person in seen:
                continue
            seen.add(person)
            yield person
            bindings = (self.binding(one) for one in sorted(person))
            waiting += [one["referrer_id"] for one in bindings if one]

    def noted(self, person: frozenset[str], name: str, at: datetime) -> bool:
        """Whether something was noted about a person at an instant or before."""
        items = (self._table.get(f"M#{one}", "STANDING") or {} for one in person)
        return any(name in item and item[name] <= at for item in items)

    def noted_now(self, member: str, name: str) -> bool:
        """Whether something is noted at an account of a person."""
        items = (self._table.get(f"M#{one}", "STANDING") or {} for one in self.person(member))
        return any(name in item for item in items)

    def devices(self, person: frozenset[str]) -> set[str]:
        items = [self.accounts[one] for one in person]
        found = {item["first_touch_device"] for item in items if "first_touch_device" in item}
        return found.union(*(item.get("devices", ()) for item in items))

    def owner(self, identity: str) -> str | None:
        """The account that an identity, `<kind>#<index>`, leads to."""
        item = self._table.get(f"I#{identity}", "IDENTITY")
        return item["member_id"] if item else None
