"""What WeChat Pay signs and encrypts, and what we sign for it.

https://pay.weixin.qq.com/docs/merchant/development/interface-rules/signature-verification.html
Both sides sign lines that each end with a newline, with RSA (PKCS #1 v1.5) and SHA-256; resources
are sealed with AES-256-GCM. Keys of the platform are those of the configuration: one that is not
among them is never fetched, as anybody could make us fetch.
"""

import base64
import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate

from siyu.errors import ProbeSignatureError, SignatureError

TOLERANCE_SECONDS = 300
# https://pay.weixin.qq.com/doc/v3/merchant/4016241880 - signatures that have to fail.
PROBE = "WECHATPAY/SIGNTEST/"
CERTIFICATE = "-----BEGIN CERTIFICATE-----"
# None of these takes a comma, with which the gateway joins what is sent twice.
_HEADERS = {
    "wechatpay-serial": re.compile(r"[0-9A-Za-z_-]{1,64}"),
    "wechatpay-timestamp": re.compile(r"[0-9]{10}"),
    "wechatpay-nonce": re.compile(r"[0-9A-Za-z+/=_-]{1,128}"),
    "wechatpay-signature": re.compile(r"[0-9A-Za-z+/]{1,1024}={0,2}"),
}


def verify(
    headers: Mapping[str, str], body: bytes, platform_keys: Mapping[str, str], now: datetime
) -> None:
    """Make sure that WeChat Pay sent this, and just now; `headers` have lower-case names.

    `platform_keys` are PEM public keys or certificates by serial or key id. Raises SignatureError,
    ProbeSignatureError; ValueError or TypeError when the configured key is none.
    """
    if headers.get("wechatpay-signature", "").startswith(PROBE):
        raise ProbeSignatureError("a probe")
    given = {name: headers.get(name, "") for name in _HEADERS}
    if not all(form.fullmatch(given[name]) for name, form in _HEADERS.items()):
        raise SignatureError("headers missing or malformed")
    serial, timestamp, nonce, signature = given.values()
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
        raise SignatureError("too old or from the future")
    if serial not in platform_keys:
        raise SignatureError("signed with a key that is not configured")
    signed = b"\n".join((timestamp.encode(), nonce.encode(), body, b""))
    key = _public_key(platform_keys[serial])
    try:
        key.verify(base64.b64decode(signature, validate=True), signed, PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        raise SignatureError("the signature does not match") from None


def sign(private_key: str, *lines: str) -> str:
    """The signature of a PEM key under some lines, in base64.

    Raises ValueError or TypeError when it is no RSA key.
    """
    key = load_pem_private_key(private_key.encode(), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("WeChat Pay takes RSA keys only")
    signed = "".join(f"{line}\n" for line in lines).encode()
    return base64.b64encode(key.sign(signed, PKCS1v15(), SHA256())).decode()


def decrypt(key: str, nonce: str, ciphertext: str, associated_data: str) -> str:
    """What was sealed with this key. Raises ValueError for another key or changed content."""
    sealed = base64.b64decode(ciphertext, validate=True)
    try:
        cipher = AESGCM(key.encode())
        return cipher.decrypt(nonce.encode(), sealed, associated_data.encode()).decode()
    except InvalidTag:
        raise ValueError("not sealed with this key") from None


@lru_cache(maxsize=16)
def _public_key(pem: str) -> RSAPublicKey:
    text = pem.encode()
    certified = CERTIFICATE in pem
    key = load_pem_x509_certificate(text).public_key() if certified else load_pem_public_key(text)
    if not isinstance(key, RSAPublicKey):
        raise TypeError("a platform key of WeChat Pay is RSA")
    return key
