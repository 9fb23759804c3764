"""Let a member in who comes back without scanning anything."""

from datetime import datetime

from siyu.errors import NotFoundError
from siyu.services import identities, match_people
from siyu.storage import members
from siyu.storage.transaction import Transaction, retrying
from siyu.wechat.login import Login


def open_session(login: Login, now: datetime) -> str:
    """The account of a shopper. Raises NotFoundError when they never joined, or were erased."""
    openid = identities.mini_program_openid(login.openid)
    unionid = identities.unionid(login.unionid) if login.unionid else None
    asked = [openid, unionid] if unionid else [openid]
    return retrying(lambda: _attempt(asked, now))


def _attempt(asked: list[members.Identity], now: datetime) -> str:
    """Whoever WeChat vouches for by either identity; the other one is theirs from now on."""
    known = {identity: owner for identity, (owner, _) in members.owners(asked).items()}
    found = [known[identity] for identity in asked if identity in known]
    if not found:
        raise NotFoundError("not a member")
    fresh = [identity for identity in asked if identity not in known]
    if fresh:
        write = Transaction()
        for identity in fresh:
            members.link_identity(write, found[0], identity, "wechat_login", now)
        members.name_identities(write, found[0], fresh)
        write.commit()
    match_people.after_login(found[0], found[-1], now)
    return found[0]
