"""The official account's API: who follows it.

A refused lookup knows nothing, and so does a brand without an official account. Only the errcode
of a refusal is logged.
"""

from siyu.runtime import logger
from siyu.secrets import secrets
from siyu.wechat.client import ErrcodeError
from siyu.wechat.tokens import Api, call


def unionid_of(openid: str) -> str | None:
    """The unionid of a follower; None unless the account is bound to the brand's Open Platform.

    https://developers.weixin.qq.com/doc/service/api/usermanage/userinfo/api_userinfo
    Raises UnavailableError when WeChat is busy, limits us or is silent.
    """
    if secrets().official_account is None:
        return None
    try:
        answer = call(Api.OFFICIAL_ACCOUNT, "/cgi-bin/user/info", {"openid": openid})
    except ErrcodeError as refusal:
        logger.warning("official_account_refused", errcode=refusal.code)
        return None
    unionid = answer.get("unionid")
    return unionid if isinstance(unionid, str) and unionid else None
