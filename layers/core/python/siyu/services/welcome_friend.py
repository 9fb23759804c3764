"""The first message a guide's new friend gets, while WeCom still allows it."""

from datetime import datetime, timedelta
from enum import StrEnum

from siyu.domain.contacts import FriendAdded
from siyu.errors import UnavailableError
from siyu.runtime import logger
from siyu.settings import settings
from siyu.wechat import wecom

# https://developer.work.weixin.qq.com/document/path/92137
DEADLINE = timedelta(seconds=20)
TEXT = "您好，欢迎来到{brand}！我是您的专属导购，选购和售后有任何问题，都可以直接在这里找我。"


class Welcome(StrEnum):
    """What became of it; refused means that WeCom had sent one, or wants none of ours."""

    SENT = "sent"
    REFUSED = "refused"
    MISSED = "missed"
    UNWANTED = "unwanted"


def welcome_friend(event: FriendAdded, now: datetime) -> Welcome:
    """Welcome a new friend once: WeCom takes a second one for none.

    `now` is read off the worker's clock at the moment of the call, since the deadline is about time
    that passes. Nothing that goes wrong here is raised: the friend is a friend without it.
    """
    if not event.welcome_code:
        return Welcome.UNWANTED
    left = event.at + DEADLINE - now
    if left <= timedelta():
        return Welcome.MISSED
    text = TEXT.format(brand=settings().brand)
    try:
        sent = wecom.send_welcome(event.welcome_code, text, seconds=left.total_seconds())
    except UnavailableError as error:
        logger.warning("welcome_failed", cause=str(error))
        return Welcome.MISSED
    return Welcome.SENT if sent else Welcome.REFUSED
