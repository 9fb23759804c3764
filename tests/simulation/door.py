"""Who comes by: they join, or show a paper; some of them that of another."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from siyu.errors import AlreadyClaimedError
from siyu.services.sign_up import Scan, SignedUp, sign_up
from tests.simulation.books import require
from tests.simulation.desk import Desk
from tests.simulation.faults import ACCIDENTS
from tests.simulation.ground import DOOR
from tests.simulation.history import History
from tests.simulation.people import Visit


class Door:
    """Visits wait until they have been made; `members` are those who joined, by name."""

    def __init__(self, chance: random.Random, history: History, desk: Desk) -> None:
        self._chance, self._history, self._desk = chance, history, desk
        self._scans = 0
        self._referral: dict[str, str] = {}
        self.busy = False
        self.visits: list[Visit] = []
        self.claimed: dict[str, str] = {}
        self.members: dict[str, str] = {}

    def visit(self, now: datetime) -> str:
        """The next one; what came of it. After an accident they come again."""
        visit = self.visits.pop(0)
        self.busy = True
        try:
            said = self._scanned(visit, self._scan(visit, now))
        except AlreadyClaimedError:
            require(visit.stranger, "a paper is refused to strangers only", visit)
            said = "refused"
        except ACCIDENTS as accident:
            self.visits.append(visit)
            said = type(accident).__name__
        finally:
            self.busy = False
        return f"{visit.person.name} scans {visit.token or 'the door'} -> {said}"

    def _scan(self, visit: Visit, now: datetime) -> SignedUp:
        referral = self._referral.get(visit.person.referrer or "")
        person, self._scans = visit.person, self._scans + 1
        at: datetime = now + timedelta(microseconds=self._scans)
        about = visit.token or DOOR, referral, person.login, at
        more: dict[str, Any] = {"address": person.address, "device": person.device}
        with self._history.of(("visit", *about, more)):
            return sign_up(Scan(*about, **more))

    def _scanned(self, visit: Visit, outcome: SignedUp) -> str:
        name, strangers = visit.person.name, visit.stranger and not self._merged(visit, outcome)
        require(not strangers, "a claimed paper is refused to strangers", visit)
        self.members[name] = outcome.member_id
        if visit.stranger:
            return "one person"
        self._referral[name] = outcome.referral_code
        if visit.token:
            self.claimed[visit.token[1:14]] = name
            if self._chance.random() < 0.2 and self._strangers:
                stranger = self._chance.choice(self._strangers)
                if stranger.person is not visit.person:
                    self.visits.append(Visit(stranger.person, visit.token, stranger=True))
        return f"{outcome.member_id} {outcome.claim} {outcome.referral}"

    def _merged(self, visit: Visit, outcome: SignedUp) -> bool:
        """Whether the stranger with a paper is one person with whom it belongs to, or was lately:
        the accounts may have been taken apart while they stood there."""
        owner = self.members[self.claimed[(visit.token or "")[1:14]]]
        return self._desk.merged_once(outcome.member_id, owner)

    @property
    def _strangers(self) -> list[Visit]:
        return [visit for visit in self.visits if not visit.stranger]
