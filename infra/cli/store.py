"""`siyu store keys`, `rotate`, `revoke`."""

from __future__ import annotations

from argparse import Namespace
from datetime import datetime

from infra.cli.output import note, show
from siyu.services import manage_store
from siyu.storage.codes import StoreKeys


def keys_command(options: Namespace, _now: datetime) -> int:
    found = manage_store.till_keys(options.store)
    note("these are secrets: for the tills of this store, and for nobody else")
    show(
        {
            "store": options.store,
            "version": found.version,
            "receipt_key": found.receipt_key,
            "request_secret": found.request_secret,
        },
        as_json=options.json,
    )
    return 0


def rotate_command(options: Namespace, _now: datetime) -> int:
    _show(manage_store.rotate(options.store), as_json=options.json)
    note(f"give its tills the new keys: siyu store keys {options.store}")
    return 0


def revoke_command(options: Namespace, _now: datetime) -> int:
    before = manage_store.versions(options.store)
    after = manage_store.revoke(options.store, options.version, force=options.force)
    _show(after, as_json=options.json)
    if after.current in after.revoked:
        note(f"that was its last version: store {options.store} has no key left, it needs a new id")
    elif after.current != before.current:
        note(f"its tills stand still until they have: siyu store keys {options.store}")
    note(
        f"receipts and requests of version {options.version} are refused from now on;"
        " doors, posters and all other issued codes go on"
    )
    return 0


def _show(keys: StoreKeys, *, as_json: bool) -> None:
    revoked = keys.revoked if as_json else ", ".join(map(str, keys.revoked)) or None
    show({"store": keys.store, "current": keys.current, "revoked": revoked}, as_json=as_json)
