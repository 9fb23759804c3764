"""What decides about a scan, in one round trip."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from siyu.domain.codes import Code, CodeKind
from siyu.domain.issued_codes import IssuedCode
from siyu.domain.limits import ADDRESS, DEVICE, Limit, Window
from siyu.domain.members import Member, Standing
from siyu.domain.programmes import Programmes
from siyu.domain.receipts import Receipt
from siyu.storage import departed, keys, programmes, reentries, windows
from siyu.storage.bindings import to_standing
from siyu.storage.code_items import CodeItem, StoreKeysItem, WindowItem
from siyu.storage.codes import to_code, to_store_keys
from siyu.storage.departed import Departed
from siyu.storage.items import ReceiptItem
from siyu.storage.member_items import IdentityItem, ProfileItem, ReentryItem, StandingItem
from siyu.storage.members import to_member
from siyu.storage.reading import Found, read
from siyu.storage.receipts import to_receipt
from siyu.storage.transaction import Transaction


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
            "device": self._departed(DEVICE) if referrer else None,
            "address": self._departed(ADDRESS) if referrer else None,
        }

    def _departed(self, limit: Limit) -> keys.Key | None:
        """By the mark that this limit counts by."""
        marks = (one.value for one in self.windows if one.limit.name == limit.name)
        return next(map(keys.departed, marks), None)


@dataclass(frozen=True, slots=True)
class Referrer:
    """Who sent the shopper, what the brand has noted about them, the rules for both, and who came
    from the same place and is gone."""

    member: Member
    standing: Standing
    programmes: Programmes
    departed: Departed


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is known of a scan before it is decided. `key_revoked` is about receipts: no till holds
    the key of an issued code. `was_member_since` is about who was erased and comes back; `full` are
    the windows that are used up; `referrer` is None also when the account was erased. `seen_on` are
    devices that the openid was seen on."""

    by_openid: str | None
    by_unionid: str | None
    buyer_member: str | None
    receipt: Receipt | None
    code: IssuedCode | None
    key_revoked: bool
    was_member_since: datetime | None
    full: tuple[Window, ...] = ()
    referrer: Referrer | None = None
    seen_on: frozenset[str] = frozenset()

    @property
    def member_id(self) -> str | None:
        """The account that the shopper is known by."""
        return self.by_openid or self.by_unionid


def look_up(ask: Question) -> Arrival:
    """One round trip, a read unit for each of 5 to 11 keys; a referral code adds 3, and one each
    for address and device."""
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
        reentries.since_of(found, marks),
        tuple(one for one in ask.windows if _full(found, one)),
        _referrer(found, places),
        _devices(found, places["openid"]),
    )


def check_never_erased(write: Transaction, marks: Iterable[str]) -> None:
    """Go on only if no identity of a newcomer's was erased: an erasure between the reads of a scan,
    which are not of one moment, would let them pass for somebody who was never here."""
    for mark in marks:
        absent = ReentryItem.PK.does_not_exist()
        write.check("re-entry", ReentryItem, keys.reentry(mark), absent)


def _owner(found: Found, key: keys.Key | None) -> str | None:
    item = found.get(IdentityItem, key)
    return item.member_id if item else None


def _devices(found: Found, key: keys.Key | None) -> frozenset[str]:
    item = found.get(IdentityItem, key)
    return frozenset((item.devices if item else None) or ())


def _referrer(found: Found, places: Mapping[str, keys.Key | None]) -> Referrer | None:
    item = found.get(ProfileItem, places["referrer"])
    if item is None or item.erased_at is not None:
        return None
    standing = to_standing(found.get(StandingItem, places["standing"]))
    gone = departed.of_found(found, places["device"], places["address"])
    return Referrer(to_member(item), standing, programmes.of_found(found), gone)


def _full(found: Found, window: Window) -> bool:
    item = found.get(WindowItem, windows.key(window))
    return item is not None and int(item.used) >= window.limit.count
