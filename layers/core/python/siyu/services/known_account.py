"""Whether somebody is known, for what needs nothing else of them."""

from siyu.domain.members import Member
from siyu.errors import NotFoundError
from siyu.storage import members


def known_account(member_id: str) -> Member:
    """The account that speaks for the person behind one. Raises NotFoundError when there is none,
    or it was erased."""
    member = members.speaking(member_id)
    if member is None or member.erased_at is not None:
        raise NotFoundError("no such member")
    return member
