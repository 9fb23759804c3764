"""What decides about a scan, in one round trip."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from siyu.domain.codes import Code, CodeKind
from siyu.domain.issued_codes import IssuedCode
from siyu.domain.limits import Window
from siyu.domain.members import Member, Standing
from siyu.domain.programmes import Programmes
from siyu.domain.receipts import Receipt
from siyu.storage import keys, programmes, windows
from siyu.storage.bindings import to_standing
from siyu.storage.code_items import CodeItem, StoreKeysItem, WindowItem
from siyu.storage.codes import to_code, to_store_keys
from siyu.storage.items import ReceiptItem
from siyu.storage.member_items import IdentityItem, ProfileItem, ReentryItem, StandingItem
from siyu.storage.members import to_member
from siyu.storage.reading import Found, read
from siyu.storage.receipts import to_receipt


@dataclass(frozen=True, slots=True)
class Question:
    """Where to look. `openid` and `unionid` are indexes, `marks` tell of erased identities,
    `referrer_id` is the account whose code came along."""

    code: Code
    openid: str
    unionid: str | None
    marks: Sequence[str]
    windows: Sequence[Window]
    referrer_id: str | None = None
    buyer_key: str | None = None

    @property
    def places(self) -> dict[str, keys.Key | None]:
        """The single items, by what they tell."""
        receipt = self.code.kind is CodeKind.RECEIPT
        referrer = self.referrer_id
        return {
            "openid": keys.identity("openid", self.openid),
            "unionid": keys.identity("unionid", self.unionid) if self.unionid else None,
            "buyer": keys.buyer(self.buyer_key) if self.buyer_key else None,
            "receipt": keys.receipt(self.code.key) if receipt else None,
            "code": keys.code(self.code.key) if self.code.kind is CodeKind.ISSUED else None,
            "store": keys.store_keys(self.code.store) if receipt else None,
            "referrer": keys.profile(referrer) if referrer else None,
            "standing": keys.standing(referrer) if referrer else None,
            "programmes": keys.PROGRAMMES if referrer else None,
        }


@dataclass(frozen=True, slots=True)
class Referrer:
    """Who sent the shopper, what the brand has noted about them, and the rules for both."""

    member: Member
    standing: Standing
    programmes: Programmes


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is known of a scan before it is decided. `key_revoked` is about receipts: no till holds
    the key of an issued code. `full` are the windows that are used up; `referrer` is None also when
    the account was erased."""

    by_openid: str | None
    by_unionid: str | None
    buyer_member: str | None
    receipt: Receipt | None
    code: IssuedCode | None
    key_revoked: bool
    returning: bool
    full: tuple[Window, ...] = ()
    referrer: Referrer | None = None

    @property
    def member_id(self) -> str | None:
        """The account that the shopper is known by."""
        return self.by_openid or self.by_unionid


def look_up(ask: Question) -> Arrival:
    """One round trip, a read unit for each of 5 to 11 keys; a referral code adds 3."""
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
        _referrer(found, places),
    )


def _owner(found: Found, key: keys.Key | None) -> str | None:
    item = found.get(IdentityItem, key)
    return item.member_id if item else None


def _referrer(found: Found, places: Mapping[str, keys.Key | None]) -> Referrer | None:
    item = found.get(ProfileItem, places["referrer"])
    if item is None or item.erased_at is not None:
        return None
    standing = to_standing(found.get(StandingItem, places["standing"]))
    return Referrer(to_member(item), standing, programmes.of_found(found))


def _full(found: Found, window: Window) -> bool:
    item = found.get(WindowItem, windows.key(window))
    return item is not None and int(item.used) >= window.limit.count
