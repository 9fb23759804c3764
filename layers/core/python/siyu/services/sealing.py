"""Personal data at rest: an AES-256-GCM envelope, a data key of its own for each piece.

Layout: 1 version, 12 nonce and 48 wrapped data key (under the brand's sealing key), 12 nonce,
ciphertext with its tag. The owner (a member's id, the id of a message that was set aside) is
authenticated, so what was sealed and copied to another owner does not open. The table's own
encryption does not protect from who may read the table.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from siyu.domain.keys import sealing_key
from siyu.secrets import secrets
from siyu.settings import settings

VERSION = b"\x01"
NONCE_BYTES = 12
WRAPPED_BYTES = 48


def seal(text: str, owner: str) -> bytes:
    """`text` for the eyes of who has the brand's key."""
    return seal_bytes(text.encode(), owner)


def unseal(sealed: bytes, owner: str) -> str:
    """The reverse of `seal`. Raises ValueError when it was not sealed for this owner."""
    return unseal_bytes(sealed, owner).decode()


def seal_bytes(content: bytes, owner: str) -> bytes:
    """`content` for the eyes of who has the brand's key."""
    data_key = AESGCM.generate_key(256)
    bound = owner.encode()
    wrap_nonce, nonce = os.urandom(NONCE_BYTES), os.urandom(NONCE_BYTES)
    wrapped = _brand_key().encrypt(wrap_nonce, data_key, bound)
    ciphertext = AESGCM(data_key).encrypt(nonce, content, bound)
    return VERSION + wrap_nonce + wrapped + nonce + ciphertext


def unseal_bytes(sealed: bytes, owner: str) -> bytes:
    """The reverse of `seal_bytes`. Raises ValueError when it was not sealed for this owner."""
    if sealed[:1] != VERSION:
        raise ValueError("sealed in a way we do not know")
    body = memoryview(sealed)[1:]
    wrap_nonce, body = body[:NONCE_BYTES], body[NONCE_BYTES:]
    wrapped, body = body[:WRAPPED_BYTES], body[WRAPPED_BYTES:]
    nonce, ciphertext = body[:NONCE_BYTES], body[NONCE_BYTES:]
    bound = owner.encode()
    try:
        data_key = _brand_key().decrypt(bytes(wrap_nonce), bytes(wrapped), bound)
        return AESGCM(data_key).decrypt(bytes(nonce), bytes(ciphertext), bound)
    except (InvalidTag, ValueError) as error:
        raise ValueError("not sealed for this owner") from error


def _brand_key() -> AESGCM:
    return AESGCM(sealing_key(secrets().master_key, settings().brand))
