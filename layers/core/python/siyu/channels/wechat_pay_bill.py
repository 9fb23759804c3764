"""WeChat Pay's trade bill of a day, and the state of a refund, over HTTP.

https://pay.weixin.qq.com/docs/merchant/apis/jsapi-payment/get-trade-bill.html
The bill of a day is made on the next one, from 10:00 in China, for three months. No key, token or
signature gets into an error: what is said of an answer is its code.

Here, and nowhere else, the machine's clock is asked: WeChat Pay refuses a request of another time
than its own, its answer has to be fresh, and when the run was due says nothing about either.
"""

import hashlib
import hmac
import json
import re
import secrets
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from io import TextIOWrapper
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from urllib.parse import quote, urlencode

import urllib3

from siyu.channels.wechat_pay_crypto import PROBE, sign, verify
from siyu.channels.wechat_pay_rows import Row, read_rows
from siyu.errors import SignatureError, UnavailableError
from siyu.runtime import logger
from siyu.secrets import Source

ORIGIN = "https://api.mch.weixin.qq.com"
TRADE_BILL = "/v3/bill/tradebill"
REFUNDS = "/v3/refund/domestic/refunds/"
# Nothing happened on that day; its bill is not made yet.
NO_BILL = frozenset({"NO_STATEMENT_EXIST", "STATEMENT_CREATING"})
NO_REFUND = frozenset({"RESOURCE_NOT_EXISTS"})
PROCESSING = "PROCESSING"
SCHEME = "WECHATPAY2-SHA256-RSA2048 "
OK = 200
TIMEOUT = urllib3.Timeout(connect=1.0, read=10.0)
FILE_TIMEOUT = urllib3.Timeout(connect=1.0, read=60.0)
MEMORY_BYTES = 8 * 1024 * 1024
CHUNK_BYTES = 64 * 1024
_ADDRESS = re.compile(r"https?://[^/]+(/[!-~]+)")
_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,63}")


@dataclass(frozen=True, slots=True, repr=False)
class Merchant:
    """Who asks: `key` is the PEM private key of the certificate `serial`."""

    origin: str
    mchid: str
    serial: str
    key: str
    platform_keys: Mapping[str, str]


def merchant(source: Source) -> Merchant:
    """The merchant of a source. Raises NotConfiguredError when it lacks what asking needs."""
    mchid, serial, key = map(source.text, ("mchid", "merchant_serial", "merchant_key"))
    origin = str(source.fields.get("api_url", ORIGIN))
    return Merchant(origin, mchid, serial, key, source.fields.get("platform_keys", {}))


def rows(who: Merchant, day: date) -> Iterator[Row]:
    """The lines of a day's bill; none when nothing happened or the bill is not made yet.

    Raises UnavailableError, before the first line unless the file has another form.
    """
    query = urlencode({"bill_date": day.isoformat(), "bill_type": "ALL"})
    answer = _ask(who, f"{TRADE_BILL}?{query}", NO_BILL)
    if answer is not None:
        with SpooledTemporaryFile(MEMORY_BYTES) as file:
            _download(who, answer, file)
            file.seek(0)
            yield from read_rows(TextIOWrapper(file, "utf-8-sig", errors="replace", newline="\n"))


def refund(who: Merchant, out_refund_no: str) -> Mapping[str, Any] | None:
    """A refund as it stands now, None for an unknown one. Raises UnavailableError.

    https://pay.weixin.qq.com/doc/v3/merchant/4012556562
    """
    return _ask(who, REFUNDS + quote(out_refund_no, safe=""), NO_REFUND)


def _ask(who: Merchant, target: str, absent: Collection[str]) -> Mapping[str, Any] | None:
    """The answer of an API, None if it is refused with one of the codes `absent`."""
    response = _get(who, target)
    if response.headers.get("wechatpay-signature", "").startswith(PROBE):
        response = _get(who, target)
    if response.status == OK:
        _verify(who, response)
    try:
        answer = json.loads(response.data)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise UnavailableError("WeChat Pay's answer cannot be read")
    if response.status == OK:
        return answer
    code = str(answer.get("code"))
    if code not in absent:
        said = code if _CODE.fullmatch(code) else response.status
        raise UnavailableError(f"WeChat Pay answered {said}")
    logger.info("wechat_pay_has_none", code=code)
    return None


def _verify(who: Merchant, response: urllib3.BaseHTTPResponse) -> None:
    headers = {name.lower(): value for name, value in response.headers.items()}
    try:
        verify(headers, response.data, who.platform_keys, datetime.now(UTC))
    except SignatureError as error:
        raise UnavailableError(f"WeChat Pay's answer is not authentic: {error}") from None
    except (ValueError, TypeError):
        raise UnavailableError("a key of platform_keys is no RSA key in PEM") from None


def _download(who: Merchant, answer: Mapping[str, Any], file: IO[bytes]) -> None:
    """Fetch the file of a bill. Its answer is not signed: the hash of the first one vouches."""
    # Whatever the address says, the host that is asked and sees our signature is the configured.
    address = _ADDRESS.fullmatch(str(answer.get("download_url")))
    if address is None or answer.get("hash_type") != "SHA1":
        raise UnavailableError("WeChat Pay gave no bill")
    response = _get(who, address[1], stream=True)
    digest = hashlib.sha1(usedforsecurity=False)
    try:
        for chunk in response.stream(CHUNK_BYTES):
            digest.update(chunk)
            file.write(chunk)
    except urllib3.exceptions.HTTPError:
        raise UnavailableError("WeChat Pay's bill broke off") from None
    finally:
        response.release_conn()
    expected = str(answer.get("hash_value")).lower()
    if response.status != OK:
        raise UnavailableError("WeChat Pay gave no bill")
    if not hmac.compare_digest(digest.hexdigest().encode(), expected.encode()):
        raise UnavailableError("WeChat Pay's bill is not the one it promised")


def _authorization(who: Merchant, target: str) -> str:
    """The header that signs a GET, good for a few minutes."""
    at, nonce = str(int(time.time())), secrets.token_hex(16)
    try:
        signature = sign(who.key, "GET", target, at, nonce, "")
    except (ValueError, TypeError):
        raise UnavailableError("merchant_key is no RSA key in PEM") from None
    fields = {
        "mchid": who.mchid,
        "nonce_str": nonce,
        "signature": signature,
        "timestamp": at,
        "serial_no": who.serial,
    }
    return SCHEME + ",".join(f'{name}="{value}"' for name, value in fields.items())


def _get(who: Merchant, target: str, *, stream: bool = False) -> urllib3.BaseHTTPResponse:
    headers = {
        "Accept": "application/json",
        "User-Agent": "siyu",
        "Authorization": _authorization(who, target),
        # With which of its keys it shall sign the answer.
        "Wechatpay-Serial": next(iter(who.platform_keys), ""),
    }
    try:
        return _pool().request(
            "GET",
            who.origin + target,
            headers=headers,
            timeout=FILE_TIMEOUT if stream else TIMEOUT,
            redirect=False,
            preload_content=not stream,
        )
    except urllib3.exceptions.HTTPError:
        # The exception's text holds the URL, and that a token.
        raise UnavailableError("WeChat Pay did not answer") from None


@cache
def _pool() -> urllib3.PoolManager:
    retries = urllib3.Retry(connect=1, read=0, respect_retry_after_header=False)
    return urllib3.PoolManager(retries=retries)
