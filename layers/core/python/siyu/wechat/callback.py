"""Callbacks of WeCom and of WeChat's official accounts: are they authentic, fresh and ours?

https://developer.work.weixin.qq.com/document/path/90968 - SHA-1 over the sorted values, then
AES-256-CBC; `receive_id` is the corp id or the app id. Nothing is decrypted before it is verified,
and a refusal never tells the caller which part failed. The signature covers `Encrypt` alone, so
what stands around it is not read.
"""

import base64
import hashlib
import hmac
import os
import re
from collections.abc import Mapping
from datetime import datetime
from xml.etree.ElementTree import Element, ParseError

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7
from defusedxml import ElementTree  # type: ignore[import-untyped]

from siyu.errors import MalformedError, SignatureError
from siyu.secrets import Account

TOLERANCE_SECONDS = 300
# Tencent pads to 32 bytes, though AES has blocks of 16.
PADDING_BITS = 256
RANDOM_BYTES = 16
LENGTH_BYTES = 4
# Both ends of an element count; an envelope has three or four elements.
MAX_TAGS = 64
_HEAD = RANDOM_BYTES + LENGTH_BYTES
_TIMESTAMP = re.compile(r"[0-9]{10}")
_NONCE = re.compile(r"[0-9A-Za-z_-]{1,64}")
_ECHO = re.compile(r"[0-9A-Za-z+/=_-]{1,1024}")


def signature(token: str, timestamp: str, nonce: str, payload: str = "") -> str:
    """The signature in hex; the plain URL check of an official account has no payload."""
    joined = "".join(sorted((token, timestamp, nonce, payload)))
    return hashlib.sha1(joined.encode(), usedforsecurity=False).hexdigest()


def url_check(account: Account, query: Mapping[str, str], now: datetime) -> bytes:
    """What to answer, bare, to the GET that checks our address when the callback is set up.

    WeCom sends its text encrypted; an official account sends it plain, with a `signature` over no
    payload. Raises SignatureError.
    """
    # A `+` that nobody escaped arrives as a space.
    echo = query.get("echostr", "").replace(" ", "+")
    if not _ECHO.fullmatch(echo):
        raise SignatureError("parameters missing or malformed")
    if "msg_signature" in query:
        verify(account, query, now, query["msg_signature"], echo)
        return decrypt(account.aes_key, account.account_id, echo)
    verify(account, query, now, query.get("signature", ""))
    return echo.encode()


def envelope(account: Account, query: Mapping[str, str], body: bytes, now: datetime) -> str:
    """The encrypted text of an authentic, fresh callback.

    Raises MalformedError when the body is not the XML of a callback, SignatureError.
    """
    # Nothing is verified yet, and a megabyte of tags takes seconds to parse.
    if body.count(b"<") > MAX_TAGS:
        raise MalformedError("too many tags")
    encrypted = _xml(body).findtext("Encrypt")
    if not encrypted:
        raise MalformedError("no encrypted text")
    verify(account, query, now, query.get("msg_signature", ""), encrypted)
    return encrypted


def open_envelope(account: Account, encrypted: str) -> dict[str, str]:
    """The fields of a callback by name; those that hold further fields are left out.

    Raises SignatureError when it was not encrypted for us, MalformedError when it is no XML.
    """
    root = _xml(decrypt(account.aes_key, account.account_id, encrypted))
    return {field.tag: field.text or "" for field in root if not len(field)}


def decrypt(aes_key: str, receive_id: str, encrypted: str) -> bytes:
    """The message. Raises SignatureError when it was not encrypted for `receive_id` with this key,
    ValueError when the key itself is none."""
    cipher = _cipher(aes_key).decryptor()
    unpadder = PKCS7(PADDING_BITS).unpadder()
    try:
        padded = cipher.update(base64.b64decode(encrypted, validate=True)) + cipher.finalize()
        plain = unpadder.update(padded) + unpadder.finalize()
    except ValueError:
        raise SignatureError("not encrypted for this account") from None
    end = _HEAD + int.from_bytes(plain[RANDOM_BYTES:_HEAD])
    if not hmac.compare_digest(plain[end:], receive_id.encode()):
        raise SignatureError("not encrypted for this account")
    return plain[_HEAD:end]


def encrypt(aes_key: str, receive_id: str, message: bytes) -> str:
    """The text that `decrypt` reads back, different every time."""
    length = len(message).to_bytes(LENGTH_BYTES)
    plain = os.urandom(RANDOM_BYTES) + length + message + receive_id.encode()
    padder, cipher = PKCS7(PADDING_BITS).padder(), _cipher(aes_key).encryptor()
    padded = padder.update(plain) + padder.finalize()
    return base64.b64encode(cipher.update(padded) + cipher.finalize()).decode()


def verify(
    account: Account, query: Mapping[str, str], now: datetime, given: str, payload: str = ""
) -> None:
    """Raises SignatureError unless `given` signs the payload, the query's fresh time and nonce."""
    timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    if not _TIMESTAMP.fullmatch(timestamp) or not _NONCE.fullmatch(nonce):
        raise SignatureError("parameters missing or malformed")
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
        raise SignatureError("too old or from the future")
    expected = signature(account.token, timestamp, nonce, payload)
    if not hmac.compare_digest(expected.encode(), given.encode(errors="replace")):
        raise SignatureError("the signature does not match")


def _cipher(aes_key: str) -> Cipher[CBC]:
    key = base64.b64decode(aes_key + "=", validate=True)
    return Cipher(AES256(key), CBC(key[:16]))


def _xml(text: bytes) -> Element:
    try:
        root: Element = ElementTree.fromstring(text, forbid_dtd=True)
    except (ParseError, ValueError, LookupError):
        raise MalformedError("not the XML of a callback") from None
    return root
