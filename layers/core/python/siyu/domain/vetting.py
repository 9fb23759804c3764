"""Whether a referral is honest: approve, look at it first, or refuse, and why.

A decision is a function of what is known and of the rules in force, and nothing else. What it was
made from is kept beside it, so that anybody can make it again. Staff, suspension and erasure of a
referrer count for what was bought since.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from siyu.domain.doubts import Reason

if TYPE_CHECKING:
    # Only named here: whoever has one has loaded it, and a start is spared it.
    from siyu.domain.programmes import Checks


class Verdict(StrEnum):
    """What becomes of a credit."""

    APPROVE = "approve"
    REVIEW = "review"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about a referral and one order of the friend's.

    `refused` is why the binding was refused at the door; `same_phone`, that two accounts have one
    number and nobody has said yet whose. Counts include the friend in question.
    """

    refused: str | None = None
    self_referral: bool = False
    ring: bool = False
    same_device: bool = False
    paid_by_referrer: bool = False
    staff: bool = False
    referrer_suspended: bool = False
    referrer_gone: bool = False
    same_phone: bool = False
    friends_a_day: int = 1
    friends_a_month: int = 1
    friends_a_minute: int = 1
    friends_per_address: int = 1
    friends_per_device: int = 1
    friends_per_network: int = 1
    friends_per_delivery: int = 1
    share_of_order: int = 0

    def to_fields(self) -> dict[str, Any]:
        """What says something: a fact that is not so is left out."""
        plain = Evidence()
        return {
            name: value for name, value in asdict(self).items() if value != getattr(plain, name)
        }

    def with_known(self, before: "Evidence") -> "Evidence":
        """With what was known of a referrer who was erased since."""
        return replace(
            self,
            same_device=self.same_device or before.same_device,
            paid_by_referrer=self.paid_by_referrer or before.paid_by_referrer,
        )

    @classmethod
    def of_fields(cls, known: Mapping[str, Any]) -> "Evidence":
        names = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in known.items() if name in names})


@dataclass(frozen=True, slots=True)
class Decision:
    """What the rules make of the evidence."""

    verdict: Verdict = Verdict.APPROVE
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ruling:
    """What somebody decided about a credit in review, for the reasons they saw.

    `fraud` says that it was one, which counts against the referrer; `overdue`, that nobody decided
    in time.
    """

    verdict: Verdict
    reasons: tuple[str, ...]
    by: str
    at: datetime
    note: str = ""
    fraud: bool = False
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class FormerRuling:
    """What somebody decided about a referee and a referrer whom an order is not about any more."""

    pair: tuple[str, str]
    ruling: Ruling


# In whose name is refused what nobody decided about in time.
UNDECIDED = "undecided"
BLOCKS = (
    Reason.SELF_REFERRAL, Reason.RING, Reason.SAME_DEVICE, Reason.PAYER, Reason.STAFF,
    Reason.SUSPENDED, Reason.GONE,
)  # fmt: skip


def decide(checks: "Checks", evidence: Evidence) -> Decision:
    """Refuse for any reason that is sure, look first for any that is a doubt."""
    known = evidence.to_fields()
    sure = [evidence.refused] if evidence.refused else []
    sure += [reason.value for reason in BLOCKS if known.get(reason.value)]
    if sure:
        return Decision(Verdict.BLOCK, tuple(dict.fromkeys(sure)))
    doubts = tuple(_doubts(checks, evidence))
    return Decision(Verdict.REVIEW, doubts) if doubts else Decision()


def standing(decision: Decision, ruling: Ruling | None) -> Verdict:
    """What holds: a person's word over the rules', an approval for the reasons it was given for.
    That nobody decided in time holds for the very reasons that nobody decided about."""
    if ruling is None:
        return decision.verdict
    if ruling.overdue and decision.reasons != ruling.reasons:
        return decision.verdict
    if ruling.verdict is Verdict.APPROVE and not set(decision.reasons) <= set(ruling.reasons):
        return decision.verdict
    return ruling.verdict


def _doubts(checks: "Checks", evidence: Evidence) -> Iterator[str]:
    if evidence.same_phone:
        yield Reason.SAME_PHONE.value
    most = {
        Reason.FRIENDS_A_DAY: checks.friends_a_day,
        Reason.FRIENDS_A_MONTH: checks.friends_a_month,
        Reason.FRIENDS_A_MINUTE: checks.friends_a_minute,
        Reason.ADDRESS: checks.friends_per_address,
        Reason.DEVICE: checks.friends_per_device,
        Reason.NETWORK: checks.friends_per_network,
        Reason.DELIVERY: checks.friends_per_delivery,
        Reason.SHARE: checks.share_bp,
    }
    for reason, limit in most.items():
        if limit is not None and getattr(evidence, reason.value) > limit:
            yield reason.value
