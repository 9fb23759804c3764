"""Who somebody is, for all that is asked in their name."""

from siyu.errors import NotFoundError
from siyu.storage import people
from siyu.storage.people import Person


def known(member_id: str) -> Person:
    """The person behind an account. Raises NotFoundError when there is none, or it was erased."""
    person = people.load(member_id)
    if person is None or person.member.erased_at is not None:
        raise NotFoundError("no such member")
    return person


def known_from_the_top(member_id: str) -> Person:
    """The same, the account that speaks for the person read first.

    For who decides over all accounts and then moves its version (`members.touch`): whatever another
    one decided while the accounts below were read has moved it, too. Raises NotFoundError.
    """
    person = from_the_top(member_id)
    if person is None or person.member.erased_at is not None:
        raise NotFoundError("no such member")
    return person


def from_the_top(member_id: str) -> Person | None:
    """The same for who looks into the erased, too."""
    person = people.load(member_id)
    top = person.member.member_id if person else member_id
    return person if top == member_id else people.load(top)
