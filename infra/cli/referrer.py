"""`siyu referral referrer`, `suspend`, `reinstate`, `staff`: who brings whom, and who may not."""

from __future__ import annotations

from argparse import Namespace
from datetime import datetime

from infra.cli.output import note, show
from siyu.api.referrer import ReferrerResponse, StandingBody
from siyu.domain.codes import TOKEN_CHARS
from siyu.errors import NotFoundError
from siyu.services.refer_member import referrer_of
from siyu.services.referrer_standing import set_standing
from siyu.services.show_referrer import show_referrer


def referrer_command(options: Namespace, _now: datetime) -> int:
    found = show_referrer(_member(options.member))
    show(ReferrerResponse.from_domain(found).model_dump(mode="json"), as_json=options.json)
    return 0


def suspend_command(options: Namespace, now: datetime) -> int:
    return _note(options, now, suspended=True)


def reinstate_command(options: Namespace, now: datetime) -> int:
    return _note(options, now, suspended=False)


def staff_command(options: Namespace, now: datetime) -> int:
    return _note(options, now, staff=not options.off)


def _note(
    options: Namespace, now: datetime, *, staff: bool | None = None, suspended: bool | None = None
) -> int:
    """All credits that follow, however many requests of the API they would take."""
    member_id, posted, more = _member(options.member), 0, True
    while more:
        settled = set_standing(member_id, now, staff=staff, suspended=suspended)
        posted, more = posted + settled.posted, settled.more
        if more:
            note(f"{posted:,} ledger entries so far")
    standing = StandingBody.from_domain(settled.standing).model_dump(mode="json")
    show({"member": member_id, **standing, "posted": posted}, as_json=options.json)
    note(f"noted by {options.by}; credits of what was bought since have followed")
    return 0


def _member(text: str) -> str:
    """A member's id, also from their referral code. Raises NotFoundError for a code not ours."""
    member_id = referrer_of(text) if len(text) == TOKEN_CHARS else text
    if member_id is None:
        raise NotFoundError("no such referral code: mistyped, or not one of ours")
    return member_id
