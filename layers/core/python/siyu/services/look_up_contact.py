"""Ask WeCom who a new member is there, where contacts come without unionid (provider apps)."""

from datetime import datetime

from siyu.errors import UnprocessableEventError
from siyu.services import identities
from siyu.services.accounts import WECOM
from siyu.services.link_waiting import gone, link_vouched
from siyu.services.sealing import unseal
from siyu.storage.relations import WaitingLink
from siyu.wechat import wecom


def look_up_contact(member_id: str, sealed: bytes, now: datetime) -> None:
    """Link a member to the contact they are, or to the id by which they are known once they are.

    `sealed` holds `<unionid>|<openid>`. Safe to repeat. Raises UnprocessableEventError when it was
    not sealed for this member; UnavailableError and ContentionError when to try again.
    """
    try:
        unionid, _, openid = unseal(sealed, member_id).partition("|")
    except ValueError:
        raise UnprocessableEventError("not_sealed", "the ids cannot be unsealed") from None
    if gone(member_id):
        return
    external_id, pending_id = wecom.contact_of(unionid, openid)
    if external_id:
        identity = identities.wecom_contact(external_id)
    elif pending_id:
        identity = identities.wecom_pending(pending_id)
    else:
        return
    link_vouched(WaitingLink(identity, WECOM), member_id, now)
