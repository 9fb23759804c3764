"""The keys of a store: what its tills hold, and what to do when one of them is stolen.

All keys are derived, so only versions are stored. A till signs with one version; older ones hold
until they are revoked, and then neither a receipt nor a request of theirs is taken any more. Issued
codes are not a till's: they are signed with a key that no till holds, and go on.
"""

import base64
from dataclasses import dataclass, replace

from siyu.domain import keys as derived
from siyu.domain.codes import KEY_VERSIONS
from siyu.errors import RefusalError
from siyu.secrets import secrets
from siyu.settings import settings
from siyu.storage import codes
from siyu.storage.codes import StoreKeys
from siyu.storage.transaction import Transaction, retrying


@dataclass(frozen=True, slots=True, repr=False)
class TillKeys:
    """What a store's tills are given: the key that signs receipts, 64 hex digits, and the secret
    that signs requests, `whsec_…` as Standard Webhooks write it."""

    version: int
    receipt_key: str
    request_secret: str


def versions(store: str) -> StoreKeys:
    """Which versions of its keys a store's tills use."""
    return codes.keys_of(store)


def till_keys(store: str) -> TillKeys:
    """The newest keys of a store. Raises RefusalError when they are revoked."""
    known = codes.keys_of(store)
    if known.current in known.revoked:
        raise RefusalError(f"store {store} has no key left: its last one is revoked")
    master, brand = secrets().master_key, settings().brand
    request = derived.till_request_key(master, brand, store, known.current)
    return TillKeys(
        known.current,
        derived.store_code_key(master, brand, store, known.current).hex(),
        f"whsec_{base64.b64encode(request).decode()}",
    )


def rotate(store: str) -> StoreKeys:
    """Sign with the next version; the one before still holds. Raises RefusalError after 7."""
    return retrying(lambda: _rotate(store))


def revoke(store: str, version: int, *, force: bool = False) -> StoreKeys:
    """Refuse the receipts and requests of a version. Again changes nothing.

    The version in use is revoked with `force` only, and the next one is in use from then on: the
    store's tills stand still until they have it. Raises RefusalError for what cannot be revoked.
    """
    return retrying(lambda: _revoke(store, version, force=force))


def _rotate(store: str) -> StoreKeys:
    before = codes.keys_of(store)
    after = _next(before)
    if after == before:
        raise RefusalError(f"store {store} uses its last version, {before.current}")
    return _put(after)


def _revoke(store: str, version: int, *, force: bool) -> StoreKeys:
    before = codes.keys_of(store)
    if version in before.revoked:
        return before
    if not 0 <= version <= before.current:
        raise RefusalError(f"store {store} has not used version {version}")
    if version == before.current and not force:
        raise RefusalError(f"store {store} signs with version {version}: rotate first, or force")
    after = _next(before) if version == before.current else before
    return _put(replace(after, revoked=(*before.revoked, version)))


def _next(keys: StoreKeys) -> StoreKeys:
    return replace(keys, current=min(keys.current + 1, KEY_VERSIONS[-1]))


def _put(changed: StoreKeys) -> StoreKeys:
    written = replace(changed, version=changed.version + 1)
    write = Transaction()
    codes.put_keys(write, written)
    write.commit()
    return written
