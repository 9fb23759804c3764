"""Record what a member decides about a purpose; a withdrawal is a decision like any other."""

from siyu.domain.consents import Consent
from siyu.services.show_member import known
from siyu.storage import consents, members
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
    write.commit()
    return (*person.consents, consent)
