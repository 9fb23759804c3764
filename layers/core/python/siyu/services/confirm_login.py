"""A fresh login for what a stolen session must not do."""

from siyu.errors import LoginRefusedError
from siyu.services import identities
from siyu.storage import members
from siyu.storage.people import Person
from siyu.wechat.login import Login


def confirm_login(person: Person, login: Login) -> None:
    """Raises LoginRefusedError when the login is not the same person's."""
    openid = identities.mini_program_openid(login.openid)
    owner, _ = members.owners([openid]).get(openid, (None, None))
    if owner not in person.member_ids:
        raise LoginRefusedError("the login is not this member's")
