"""HTTP to WeChat and WeCom, with our own time-outs; no secret gets into an error.

Both answer HTTP 200 and put a refusal's number into `errcode`.
"""

import json
import random
import time
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlencode

import urllib3

from siyu.errors import SiyuError, UnavailableError

Answer = dict[str, Any]

BUSY = -1
TOO_MANY_CALLS = frozenset({45009, 45011, 45033})
BUSY_PAUSE_SECONDS = (0.05, 0.15)
TIMEOUT = urllib3.Timeout(connect=1.0, read=2.0)
OK = 200


class ErrcodeError(SiyuError):
    """WeChat or WeCom refused; `code` is the errcode, and the only part of the answer kept."""

    def __init__(self, code: int) -> None:
        super().__init__(f"WeChat answered {code}")
        self.code = code


def ask(url: str, query: Mapping[str, str], body: object = None) -> Answer:
    """GET, or POST where there is a body to send as JSON; asks once more when WeChat is busy.

    Raises ErrcodeError for a refusal; UnavailableError when WeChat is busy, limits us or is silent.
    """
    answer, code = _once(url, query, body)
    if code == BUSY:
        time.sleep(random.uniform(*BUSY_PAUSE_SECONDS))  # noqa: S311
        answer, code = _once(url, query, body)
    if code == BUSY or code in TOO_MANY_CALLS:
        raise UnavailableError(f"WeChat answered {code}")
    if code:
        raise ErrcodeError(code)
    return answer


def _once(url: str, query: Mapping[str, str], body: object) -> tuple[Answer, int]:
    try:
        response = _pool().request(
            "GET" if body is None else "POST",
            f"{url}?{urlencode(query)}" if query else url,
            json=body,
            redirect=False,
        )
        answer = json.loads(response.data)
    except (urllib3.exceptions.HTTPError, ValueError, RecursionError):
        # The exception's text holds the URL, and that a secret or a token: it must not be logged.
        raise UnavailableError("WeChat did not answer") from None
    if response.status != OK or not isinstance(answer, dict):
        raise UnavailableError("WeChat's answer cannot be read")
    code = answer.get("errcode", 0)
    if not isinstance(code, int):
        raise UnavailableError("WeChat's answer cannot be read")
    return answer, code


@cache
def _pool() -> urllib3.PoolManager:
    return urllib3.PoolManager(timeout=TIMEOUT, retries=urllib3.Retry(connect=1, read=0))
