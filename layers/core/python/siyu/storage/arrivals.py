"""What decides about a scan, in one round trip."""

from collections.abc import Sequence
from dataclasses import dataclass

from siyu.domain.codes import Code, CodeKind
from siyu.domain.issued_codes import IssuedCode
from siyu.domain.limits import Window
from siyu.domain.receipts import Receipt
from siyu.storage import keys, windows
from siyu.storage.code_items import CodeItem, StoreKeysItem, WindowItem
from siyu.storage.codes import to_code, to_store_keys
from siyu.storage.items import ReceiptItem
from siyu.storage.member_items import IdentityItem, ReentryItem
from siyu.storage.reading import Found, read
from siyu.storage.receipts import to_receipt


@dataclass(frozen=True, slots=True)
class Question:
    """Where to look. `openid` and `unionid` are indexes, `marks` tell of erased identities."""

    code: Code
    openid: str
    unionid: str | None
    marks: Sequence[str]
    windows: Sequence[Window]
    buyer_key: str | None = None

    @property
    def places(self) -> dict[str, keys.Key | None]:
        """The single items, by what they tell."""
        receipt = self.code.kind is CodeKind.RECEIPT
        return {
            "openid": keys.identity("openid", self.openid),
            "unionid": keys.identity("unionid", self.unionid) if self.unionid else None,
            "buyer": keys.buyer(self.buyer_key) if self.buyer_key else None,
            "receipt": keys.receipt(self.code.key) if receipt else None,
            "code": None if receipt else keys.code(self.code.key),
            "store": keys.store_keys(self.code.store) if receipt else None,
        }


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is known of a scan before it is decided. `key_revoked` is about receipts: no till holds
    the key of an issued code. `full` are the windows that are used up."""

    by_openid: str | None
    by_unionid: str | None
    buyer_member: str | None
    receipt: Receipt | None
    code: IssuedCode | None
    key_revoked: bool
    returning: bool
    full: tuple[Window, ...] = ()

    @property
    def member_id(self) -> str | None:
        """The account that the shopper is known by."""
        return self.by_openid or self.by_unionid


def look_up(ask: Question) -> Arrival:
    """One round trip, a read unit for each of 5 to 11 keys."""
    places = ask.places
    marks = [keys.reentry(mark) for mark in ask.marks]
    found = read([*places.values(), *marks, *map(windows.key, ask.windows)])
    receipt = found.get(ReceiptItem, places["receipt"])
    code = found.get(CodeItem, places["code"])
    store = to_store_keys(ask.code.store, found.get(StoreKeysItem, places["store"]))
    return Arrival(
        _owner(found, places["openid"]),
        _owner(found, places["unionid"]),
        _owner(found, places["buyer"]),
        to_receipt(receipt) if receipt else None,
        to_code(code) if code else None,
        ask.code.key_version in store.revoked,
        any(found.get(ReentryItem, mark) for mark in marks),
        tuple(one for one in ask.windows if _full(found, one)),
    )


def _owner(found: Found, key: keys.Key | None) -> str | None:
    item = found.get(IdentityItem, key)
    return item.member_id if item else None


def _full(found: Found, window: Window) -> bool:
    item = found.get(WindowItem, windows.key(window))
    return item is not None and int(item.used) >= window.limit.count
