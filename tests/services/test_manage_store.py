"""What a stolen till signs is refused once its version is revoked, and nobody else notices."""

import base64

import pytest

from events.receipt.sign import token as till_token
from siyu.domain.codes import mint, receipt_code
from siyu.domain.issued_codes import CodeSpec, IssuedKind
from siyu.domain.keys import store_code_key, till_request_key
from siyu.errors import CodeNotValidError, RefusalError
from siyu.services import manage_store
from siyu.services.issue_codes import issue
from siyu.storage.codes import StoreKeys
from tests.services.shop import MASTER_KEY, STORE, TODAY, scan
from tests.support import NOW, at_once

OTHER = "B2C"


def printed(serial: int, store: str = STORE) -> str:
    """What a till with the newest keys of its store prints."""
    keys = manage_store.till_keys(store)
    return till_token(bytes.fromhex(keys.receipt_key), store, TODAY, serial, keys.version)


def test_a_till_with_the_newest_keys_prints_receipts_that_hold() -> None:
    assert scan(printed(1), "ann").joined
    manage_store.rotate(STORE)
    assert scan(printed(2), "bob").joined


def test_the_request_secret_is_written_as_standard_webhooks_write_it() -> None:
    manage_store.rotate(STORE)
    keys = manage_store.till_keys(STORE)
    secret = base64.b64decode(keys.request_secret.removeprefix("whsec_"), validate=True)
    assert secret == till_request_key(MASTER_KEY, "brand", STORE, 2)
    assert keys.receipt_key != secret.hex()
    assert keys.receipt_key not in repr(keys)


def test_a_revoked_version_is_refused_and_all_else_holds() -> None:
    old, elsewhere = printed(1), printed(1, OTHER)
    manage_store.rotate(STORE)
    new = printed(2)
    assert manage_store.revoke(STORE, 1) == StoreKeys(STORE, 2, (1,), 2)
    with pytest.raises(CodeNotValidError):
        scan(old, "ann")
    for number, alive in enumerate((new, elsewhere)):
        assert scan(alive, f"bob{number}").joined


def test_the_doors_of_a_store_stay_open_when_a_tills_version_is_revoked() -> None:
    door = CodeSpec(IssuedKind.STORE, STORE)
    before = issue(door, NOW).token
    manage_store.revoke(STORE, 1, force=True)
    for number, token in enumerate((before, issue(door, NOW).token)):
        assert scan(token, f"bob{number}").joined


def test_the_version_in_use_is_revoked_by_force_only_and_followed_by_the_next() -> None:
    with pytest.raises(RefusalError, match="rotate first"):
        manage_store.revoke(STORE, 1)
    assert manage_store.versions(STORE) == StoreKeys(STORE)
    stolen = store_code_key(MASTER_KEY, "brand", STORE, 1)
    assert manage_store.revoke(STORE, 1, force=True) == StoreKeys(STORE, 2, (1,), 1)
    with pytest.raises(CodeNotValidError):
        scan(mint(receipt_code(STORE, TODAY, 1), stolen), "ann")
    assert scan(printed(2), "ann").joined


def test_revoking_again_changes_nothing_and_the_future_cannot_be_revoked() -> None:
    manage_store.rotate(STORE)
    after = manage_store.revoke(STORE, 1)
    assert manage_store.revoke(STORE, 1, force=True) == after
    for version in (3, 7, -1):
        with pytest.raises(RefusalError, match="has not used"):
            manage_store.revoke(STORE, version, force=True)
    assert manage_store.versions(STORE) == after


def test_versions_end_with_seven() -> None:
    assert [manage_store.rotate(STORE).current for _ in range(6)] == [2, 3, 4, 5, 6, 7]
    with pytest.raises(RefusalError, match="last version"):
        manage_store.rotate(STORE)
    assert manage_store.revoke(STORE, 7, force=True) == StoreKeys(STORE, 7, (7,), 7)
    with pytest.raises(RefusalError, match="no key left"):
        manage_store.till_keys(STORE)


def test_changes_at_once_all_count() -> None:
    outcomes = at_once(4, lambda _: manage_store.rotate(STORE).current)
    assert sorted(map(str, outcomes)) == ["2", "3", "4", "5"]
    at_once(3, lambda number: manage_store.revoke(STORE, number + 1))
    known = manage_store.versions(STORE)
    assert (known.current, set(known.revoked), known.version) == (5, {1, 2, 3}, 7)
