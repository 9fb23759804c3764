"""Issue codes: whoever asks again for the same thing gets the same code, so nothing is made twice.

A serial is a keyed hash of the origin, which is what asks: one row of a batch, say. So a batch that
was cut short is run again from its first row, and needs no record of how far it came.

The key is the issued codes' own, in its first version: no till holds it, so none can lose it.
"""

import hashlib
import hmac
import json
import secrets as randomness
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import count

from siyu.domain import keys as derived
from siyu.domain.codes import SERIAL_CHARS, Code, CodeKind, issued_code
from siyu.domain.issued_codes import CodeSpec, IssuedCode
from siyu.secrets import secrets
from siyu.services.codes import token_of
from siyu.settings import settings
from siyu.storage import codes
from siyu.wechat import wecom

SERIAL_BITS = 5 * SERIAL_CHARS
DIGEST_BITS = 256


@dataclass(frozen=True, slots=True)
class Issued:
    """A code and the token that is printed."""

    code: IssuedCode
    token: str


def issue(spec: CodeSpec, now: datetime, origin: str | None = None) -> Issued:
    """The code that `origin` asks for, made now unless it was made before; without an origin a new
    one."""
    origin = origin or randomness.token_hex(16)
    return next(filter(None, (_attempt(spec, now, origin, number) for number in count())))


def origins(batch: str, specs: Iterable[CodeSpec]) -> Iterator[str]:
    """What the rows of a batch go by: their content, and how many equal ones came before.

    So a row may move within its file, and rows may be added, without a change to the others.
    """
    seen: Counter[str] = Counter()
    for spec in specs:
        row = _fingerprint(spec)
        yield f"{batch}#{row}#{seen[row]}"
        seen[row] += 1


def befriend(issued: Issued) -> Issued:
    """Give a guide's code its WeCom contact way, whose contacts come with the token as state.

    Changes nothing without a guide, without WeCom, or where there is one already: WeCom makes a new
    contact way at every call, so it is asked only once the code is known to stand without.
    Raises ErrcodeError when WeCom refuses the guide, UnavailableError when it may work later.
    """
    code = issued.code
    done = code.friend_link is not None or code.revoked_at is not None
    if code.spec.guide is None or done or secrets().wecom is None:
        return issued
    way = wecom.add_contact_way(code.spec.guide, issued.token)
    codes.put_friend(code.key, way.config_id, way.qr_code)
    kept = codes.find(code.key)
    return replace(issued, code=kept) if kept else issued


def token_of_issued(code: IssuedCode) -> str:
    """The token that was printed for a code."""
    return token_of(Code(CodeKind.ISSUED, code.key_version, code.key))


def _attempt(spec: CodeSpec, now: datetime, origin: str, number: int) -> Issued | None:
    """None when another origin has the code that this attempt leads to."""
    named = issued_code(spec.store, spec.valid_until, _serial(origin, number))
    made = IssuedCode(named.key, named.key_version, spec, now)
    code = made if codes.create(made, origin) else codes.made_for(made.key, origin)
    return Issued(code, token_of_issued(code)) if code else None


def _serial(origin: str, attempt: int) -> int:
    """The same for the same origin and attempt, for ever."""
    key = derived.derive(secrets().master_key, f"serial|{settings().brand}")
    digest = hmac.digest(key, f"{origin}|{attempt}".encode(), hashlib.sha256)
    return int.from_bytes(digest, "big") >> (DIGEST_BITS - SERIAL_BITS)


def _fingerprint(spec: CodeSpec) -> str:
    """What is not said is left out, so that a further column of later days changes nothing."""
    said = {name: value for name, value in asdict(spec).items() if value is not None}
    text = json.dumps(said, default=str, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
