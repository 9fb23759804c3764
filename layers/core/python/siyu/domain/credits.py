"""A referral credit: what stands in the ledger for one order, and how to get to what should stand.

The ledger is moved from what is posted to the target, so refunds and repeats are one operation.
Of an order's **worth** by the rules, as much is **granted** as caps let through, and so much is to
be earned, or nothing if it is blocked. **Earned** less **reversed** is **kept**; of that, what is
over is **ended**, and what ended unspent **expired**.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from siyu.domain.ledger import (
    PENDING,
    RELEASED,
    Entry,
    EntryKind,
    member_account,
    programme_account,
)
from siyu.domain.referrals import Target
from siyu.domain.vetting import Decision, Evidence, FormerRuling, Ruling, Verdict, standing

if TYPE_CHECKING:
    from siyu.domain.programmes import Programme


@dataclass(frozen=True, slots=True)
class Credit:
    """What stands in the ledger for one order, and why. `version` counts the postings.

    `granted_minor` is what caps and budget have let through, `limited_by` the caps that did not let
    everything through. `expired_minor` is what the referrer did not spend in time, `ended_minor`
    that and what they did: of what is kept, only the rest still waits for its end. `grants` is how
    much was counted where: account and window of a cap, amount. `doubted_on` is the day since when
    it waits for somebody, `paid_on` that of the payment, in whose windows it counts. `former` are
    decisions about others, to whom the order may come back. `by_parts` is so of a sale that no
    night has released, but its orders; `let_go_minor` is the `released_minor` of one of these when
    it went over.
    """

    order_key: str
    referrer_id: str
    referee_id: str
    programme: str
    opened_on: date
    release_on: date
    earned_minor: int = 0
    reversed_minor: int = 0
    granted_minor: int = 0
    expired_minor: int = 0
    limited_by: tuple[str, ...] = ()
    state: str = PENDING
    decision: Decision = field(default_factory=Decision)
    evidence: Evidence = field(default_factory=Evidence)
    ruling: Ruling | None = None
    expires_on: date | None = None
    version: int = 0
    ended_minor: int = 0
    grants: tuple[tuple[str, str, int], ...] = ()
    doubted_on: date | None = None
    paid_on: date | None = None
    former: tuple[FormerRuling, ...] = ()
    by_parts: bool = False
    let_go_minor: int = 0

    @property
    def pair(self) -> tuple[str, str]:
        """Whom it is about: the friend and their referrer."""
        return self.referee_id, self.referrer_id

    @property
    def kept_minor(self) -> int:
        """What the referrer keeps of it: earned minus reversed."""
        return self.earned_minor - self.reversed_minor

    @property
    def released_minor(self) -> int:
        """What was granted of it if a night released it, also if it was refused or went over since;
        nothing where all of it went back with the goods."""
        if self.state != RELEASED or self.by_parts:
            return 0
        if self.granted_minor and not self.kept_minor and not self.blocked:
            return 0
        return self.granted_minor or self.let_go_minor

    @property
    def stands(self) -> bool:
        """Whether anything is kept of it, or counted for it."""
        return self.kept_minor > 0 or self.granted_minor > 0

    @property
    def held(self) -> dict[tuple[str, str], int]:
        """How much is counted for it, by account and window of a cap."""
        return {(account, window): amount for account, window, amount in self.grants}

    @property
    def lasts_until(self) -> date | None:
        """The day on which what is left of it ends; None where nothing waits for that."""
        return self.expires_on if self.kept_minor > self.ended_minor else None

    @property
    def verdict(self) -> Verdict:
        """What holds of it now."""
        return standing(self.decision, self.ruling)

    @property
    def blocked(self) -> bool:
        return self.verdict is Verdict.BLOCK

    @property
    def in_review(self) -> bool:
        """Whether it waits for somebody's decision; what was released waits for nothing, and where
        nothing is kept there is nothing to decide."""
        return self.state == PENDING and self.kept_minor > 0 and self.verdict is Verdict.REVIEW

    @property
    def waits_since(self) -> date:
        """The day since when it waits for somebody, if it does."""
        return self.doubted_on or self.opened_on

    @property
    def due(self) -> bool:
        """Whether it waits for its release day; of what is worth nothing, or went over, there is
        nothing to release: what comes of it later waits for a night of its own."""
        return self.state == PENDING and self.stands and self.verdict is Verdict.APPROVE


def reconcile(
    credit: Credit, target: Target, others: Sequence[Credit] = ()
) -> tuple[Credit, list[Entry]]:
    """The credit moved to its target, and the entries that move it there; itself if it is there.

    Neither side ever shrinks, since entries are only added; what is kept is what the target
    keeps. A sale may come down and go up again, while its sources tell of it one by one: then more
    is earned, and more taken back, than the target says, by the same amount.

    What has expired is given back first as far as it is taken back now, for nobody loses it twice:
    what can be spent of it and of released `others` that go over into it can be spent of it.
    """
    kept = target.earned_minor - target.reversed_minor
    earned = max(credit.earned_minor, target.earned_minor)
    reversed_ = max(credit.reversed_minor, earned - kept)
    earned = kept + reversed_
    lots = (credit, *others) if credit.state != PENDING else ()
    gone = sum(one.expired_minor for one in lots)
    expired = max(0, gone - max(0, sum(one.kept_minor for one in lots) - kept))
    moved = replace(
        credit,
        earned_minor=earned,
        reversed_minor=reversed_,
        expired_minor=expired,
        ended_minor=min(kept, sum(one.ended_minor for one in lots) - (gone - expired)),
        version=credit.version + 1,
    )
    entries = list(_entries(credit, moved))
    same = not entries and moved.ended_minor == credit.ended_minor
    return (credit, []) if same else (moved, entries)


def release(credit: Credit, programme: "Programme", day: date) -> tuple[Credit, list[Entry]]:
    """The credit released on `day`, and the entry that makes its kept part spendable; one that is
    not due yet, is blocked or waits for somebody stays as it is. It lasts from the day on which it
    can be spent, however late that is."""
    if not credit.due or credit.release_on > day:
        return credit, []
    lasts = programme.credit_days
    moved = replace(
        credit,
        state=RELEASED,
        expires_on=day + timedelta(days=lasts) if lasts is not None else None,
        version=credit.version + 1,
    )
    if credit.kept_minor == 0:
        return moved, []
    waits, free = (member_account(credit.referrer_id, state) for state in (PENDING, RELEASED))
    return moved, [posting(moved, EntryKind.RELEASE, waits, free, credit.kept_minor)]


def _entries(before: Credit, after: Credit) -> Iterator[Entry]:
    programme = programme_account(before.programme)
    member = member_account(before.referrer_id, before.state)
    expired = after.expired_minor - before.expired_minor
    moves = (
        (EntryKind.RESTORE, programme, member, -expired),
        (EntryKind.EARN, programme, member, after.earned_minor - before.earned_minor),
        (EntryKind.REVERSE, member, programme, after.reversed_minor - before.reversed_minor),
        (EntryKind.EXPIRE, member, programme, expired),
    )
    for kind, debit, credit, amount in moves:
        if amount > 0:
            yield posting(after, kind, debit, credit, amount)


def posting(credit: Credit, kind: EntryKind, debit: str, to: str, amount: int) -> Entry:
    """An entry of a credit. Its id names the version, so the same posting is the same entry."""
    entry_id = f"{credit.order_key}:{kind}:{credit.version}"
    return Entry(entry_id, kind, debit, to, amount, credit.order_key, credit.programme)
