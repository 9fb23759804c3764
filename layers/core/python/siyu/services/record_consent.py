"""Record what a member decides about a purpose; a withdrawal is a decision like any other."""

from dataclasses import replace

from siyu.domain.consents import Consent, Purpose, profiling_refused
from siyu.services.known_member import known
from siyu.storage import aggregates, consents, figures, members
from siyu.storage.people import Person
from siyu.storage.transaction import Transaction, retrying


def record_consent(member_id: str, consent: Consent) -> tuple[Consent, ...]:
    """All decisions of the person, this one included. Raises NotFoundError."""
    return retrying(lambda: _attempt(member_id, consent))


def _attempt(member_id: str, consent: Consent) -> tuple[Consent, ...]:
    person = known(member_id)
    if consent in person.consents:
        return person.consents
    own = next(one.member for one in person.accounts if one.member.member_id == member_id)
    write = Transaction()
    consents.put(write, member_id, consent)
    members.touch(write, own)
    if consent.purpose is Purpose.PROFILING:
        _note_refusal(write, person, consent)
    write.commit()
    return (*person.consents, consent)


def _note_refusal(write: Transaction, person: Person, consent: Consent) -> None:
    """The night asks the figures alone. They are written also for nothing: of two decisions at once
    one has to see the other."""
    top = person.member.member_id
    before = figures.get_many({top})[top][0]
    refused = profiling_refused((*person.consents, consent))
    aggregates.put(write, before, replace(before, out=refused))
