"""Take a callback of WeCom or of the official account in: verify, queue, nothing else.

It is decrypted to see whom it is meant for, and queued as it came: nothing personal lies in the
queue or in what becomes of its messages.
"""

import json
from collections.abc import Mapping
from datetime import datetime

from siyu.domain.calendar import to_utc
from siyu.errors import TooLargeError
from siyu.services.accounts import account_named
from siyu.storage import queue
from siyu.wechat import callback

MAX_BODY_BYTES = 256 * 1024


def check_url(name: str, query: Mapping[str, str], now: datetime) -> str:
    """What to answer, bare, when somebody sets our address up as the account's callback.

    Raises NotFoundError, SignatureError.
    """
    return callback.url_check(account_named(name), query, now).decode()


def receive_callback(name: str, query: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Queue an authentic callback, encrypted as it came.

    Raises TooLargeError, NotFoundError, MalformedError, SignatureError; anything else means that it
    was not accepted. WeCom and WeChat then send it again, three times in all.
    """
    if len(body) > MAX_BODY_BYTES:
        raise TooLargeError(f"a body may have {MAX_BODY_BYTES} bytes")
    account = account_named(name)
    encrypted = callback.envelope(account, query, body, now)
    callback.decrypt(account.aes_key, account.account_id, encrypted)
    message = {"account": name, "received_at": to_utc(now).isoformat(), "encrypted": encrypted}
    queue.send_contact(json.dumps(message))
