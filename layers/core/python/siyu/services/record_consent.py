"""Record what a member decides about a purpose; a withdrawal is a decision like any other."""

from dataclasses import replace

from siyu.domain.consents import Consent, Purpose, profiling_refused
from siyu.services.known_member import known
from siyu.storage import aggregates, consents, figures, members
from siyu.storage.transaction import Transaction, retrying


def record_consent(member_id: str, consent: Consent) -> tuple[Consent, ...]:
    """All decisions of the person, this one included. Raises NotFoundError."""
    return retrying(lambda: _attempt(member_id, consent))


def _attempt(member_id: str, consent: Consent) -> tuple[Consent, ...]:
    # Read before the decisions are: whoever decides meanwhile moves the figures.
    profiling = consent.purpose is Purpose.PROFILING
    lineage = figures.get_many({member_id}).get(member_id) if profiling else None
    person = known(member_id)
    if consent in person.consents:
        return person.consents
    own = next(one.member for one in person.accounts if one.member.member_id == member_id)
    write = Transaction()
    consents.put(write, member_id, consent)
    members.touch(write, own)
    decided = (*person.consents, consent)
    if lineage:
        # The night asks the figures alone. They are written also for nothing: of two decisions at
        # once one has to see the other.
        top = lineage[-1]
        aggregates.put(write, top, replace(top, out=profiling_refused(decided)))
    write.commit()
    return decided
