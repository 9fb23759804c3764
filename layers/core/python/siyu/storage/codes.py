"""Issued codes and the keys of stores."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pynamodb.exceptions import PutError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from siyu.domain.calendar import to_utc
from siyu.domain.coupons import Benefit
from siyu.domain.issued_codes import CodeSpec, IssuedCode, IssuedKind
from siyu.storage import keys
from siyu.storage.code_items import CodeItem, StoreKeysItem
from siyu.storage.conditions import condition_failed
from siyu.storage.reading import indexed, read
from siyu.storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class StoreKeys:
    """The version a store's tills sign with now, and those that are refused."""

    store: str
    current: int = 1
    revoked: tuple[int, ...] = ()
    version: int = 0


def create(code: IssuedCode, batch: str | None) -> bool:
    """Store a code; False when there is one of that name already.

    `batch` says what the code was made for, see `made_for`.
    """
    try:
        _item(code, batch).save(CodeItem.PK.does_not_exist())
    except PutError as error:
        if condition_failed(error):
            return False
        raise
    return True


def find(code_key: str) -> IssuedCode | None:
    """The code of that name."""
    item = _read(code_key)
    return to_code(item) if item else None


def made_for(code_key: str, batch: str) -> IssuedCode | None:
    """The code of that name, if it was made for `batch`."""
    item = _read(code_key)
    return to_code(item) if item and item.batch == batch else None


def of_store(store: str) -> Iterator[IssuedCode]:
    """The codes issued for a store, oldest first (eventual)."""
    return map(to_code, indexed(CodeItem, keys.store_pk(store)))


def revoke(code_key: str, now: datetime) -> bool:
    """Revoke a code for ever; False when there is none. Again changes nothing."""
    first = CodeItem.revoked_at.set(CodeItem.revoked_at | to_utc(now))
    return _update(code_key, [first], CodeItem.PK.exists())


def put_friend(code_key: str, config_id: str, link: str) -> bool:
    """Keep the WeCom contact way of a code; False when it has one already, or is not there."""
    actions = [CodeItem.friend_config.set(config_id), CodeItem.friend_link.set(link)]
    return _update(
        code_key, actions, CodeItem.PK.exists() & CodeItem.friend_config.does_not_exist()
    )


def take_coupon(write: Transaction, code: IssuedCode) -> None:
    """Count one coupon of a code with a quota, which must not be used up."""
    if code.spec.quota is None:
        return
    write.update(
        "quota",
        CodeItem(*keys.code(code.key)),
        [CodeItem.used.add(1)],
        (CodeItem.used < code.spec.quota) & CodeItem.revoked_at.does_not_exist(),
    )


def keys_of(store: str) -> StoreKeys:
    """The key versions of a store's tills; where nobody touched them it is version 1."""
    where = keys.store_keys(store)
    return to_store_keys(store, read([where]).get(StoreKeysItem, where))


def put_keys(write: Transaction, changed: StoreKeys) -> None:
    """Write a store's key versions over the version before its own."""
    write.replace(
        "store keys",
        StoreKeysItem(
            *keys.store_keys(changed.store),
            current=changed.current,
            revoked=sorted(changed.revoked),
            version=changed.version,
        ),
    )


def to_store_keys(store: str, item: StoreKeysItem | None) -> StoreKeys:
    if item is None:
        return StoreKeys(store)
    return StoreKeys(store, int(item.current), tuple(item.revoked), int(item.version))


def to_code(item: CodeItem) -> IssuedCode:
    spec = CodeSpec(
        IssuedKind(item.code_kind),
        item.store,
        item.guide,
        item.channel,
        item.label,
        Benefit(**item.benefit) if item.benefit else None,
        _whole(item.quota),
        _day(item.valid_from),
        _day(item.valid_until),
    )
    return IssuedCode(
        item.code_key,
        int(item.key_version),
        spec,
        item.created_at,
        int(item.used or 0),
        item.revoked_at,
        item.friend_link,
    )


def _read(code_key: str) -> CodeItem | None:
    where = keys.code(code_key)
    return read([where]).get(CodeItem, where)


def _update(code_key: str, actions: Sequence[Action], holds: Condition) -> bool:
    try:
        CodeItem(*keys.code(code_key)).update(list(actions), holds)
    except UpdateError as error:
        if condition_failed(error):
            return False
        raise
    return True


def _item(code: IssuedCode, batch: str | None) -> CodeItem:
    spec = code.spec
    item = CodeItem(
        *keys.code(code.key),
        code_key=code.key,
        key_version=code.key_version,
        code_kind=spec.kind.value,
        store=spec.store,
        guide=spec.guide,
        channel=spec.channel,
        label=spec.label,
        benefit=_plain(spec.benefit),
        quota=spec.quota,
        used=0 if spec.quota is not None else None,
        valid_from=spec.valid_from.isoformat() if spec.valid_from else None,
        valid_until=spec.valid_until.isoformat() if spec.valid_until else None,
        batch=batch,
        friend_link=code.friend_link,
        created_at=to_utc(code.created_at),
    )
    instant = to_utc(code.created_at).isoformat()
    item.GSI1PK, item.GSI1SK = keys.code_of_store(spec.store, instant, code.key)
    return item


def _plain(benefit: Benefit | None) -> dict[str, Any] | None:
    if benefit is None:
        return None
    return {name: getattr(benefit, name) for name in Benefit.__slots__}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _whole(number: float | None) -> int | None:
    return int(number) if number is not None else None
