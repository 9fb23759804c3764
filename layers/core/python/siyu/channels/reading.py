"""Reads what senders write: JSON without loss, decimal amounts, times, ids."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from siyu.channels.contract import Event
from siyu.domain.calendar import BUSINESS_ZONE
from siyu.domain.money import to_minor
from siyu.domain.places import HIDDEN
from siyu.errors import MalformedError, UnprocessableEventError, UnreadableBodyError

NOT_UNDERSTOOD = "not_an_order_event"
# What a canonical event takes: siyu.api.order_models.
MIN_PLACE, MAX_ADDRESS, MAX_PHONE = 5, 300, 64
_NAME = re.compile(r"[A-Za-z0-9_.]{1,64}", re.ASCII)


def require_json(body: bytes) -> Any:
    """The JSON of a request. Numbers with a point become Decimal, so nothing is rounded.

    Raises MalformedError when it is no text, UnreadableBodyError when it is no JSON, which has no
    NaN and no Infinity.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise MalformedError("the body is not UTF-8") from None
    try:
        return _loads(text)
    except (ValueError, RecursionError):
        raise UnreadableBodyError("the body is not JSON") from None


def parse(text: str) -> Any:
    """The JSON of a delivery. Raises UnprocessableEventError."""
    try:
        return _loads(text)
    except (ValueError, RecursionError):
        raise UnprocessableEventError(NOT_UNDERSTOOD, "not JSON") from None


def known_name(text: str) -> str:
    """A name that a sender wrote, if it looks like one; anything else is not told."""
    return text if _NAME.fullmatch(text) else "a name we do not know"


def part(value: Any, path: str) -> Any:
    """What lies at a path such as "order.pay". Raises UnprocessableEventError if nothing does."""
    found = optional(value, path)
    if found is None:
        raise UnprocessableEventError(NOT_UNDERSTOOD, f"{path}: missing")
    return found


def optional(value: Any, path: str) -> Any:
    """What lies at a path, or None."""
    for name in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def all_or_none(rows: Any, most: int, read: Callable[[Any], Event]) -> list[Event]:
    """Every row as it is read; none at all where one cannot be, or where there are too many. A list
    with a gap would contradict the whole one that may be told another time."""
    if not isinstance(rows, list) or len(rows) > most:
        return []
    try:
        return [read(row) for row in rows]
    except UnprocessableEventError:
        return []


def delivery(phone: Any, *parts: Any) -> Event | None:
    """Where goods go, from the parts of an address in one order: what a canonical event takes of
    it. A part that is hidden tells nobody's place from another's, so it hides the whole."""
    told = {"address": " ".join(str(one) for one in parts if one), "phone": str(phone or "")}
    most = {"address": MAX_ADDRESS, "phone": MAX_PHONE}
    fit = {
        name: text
        for name, text in told.items()
        if MIN_PLACE <= len(text) <= most[name] and HIDDEN not in text
    }
    return fit or None


def minor(value: Any, path: str, currency: str) -> int:
    """A decimal amount at a path, in minor units, exactly. Raises UnprocessableEventError."""
    try:
        return to_minor(part(value, path), currency)
    except ValueError as error:
        raise UnprocessableEventError(NOT_UNDERSTOOD, f"{path}: {error}") from None


def instant(value: Any, path: str) -> datetime:
    """An ISO 8601 time at a path; without a zone it is China's. Raises UnprocessableEventError."""
    try:
        found = datetime.fromisoformat(str(part(value, path)))
    except ValueError:
        raise UnprocessableEventError(NOT_UNDERSTOOD, f"{path}: not a time") from None
    return found if found.tzinfo else found.replace(tzinfo=BUSINESS_ZONE)


def epoch(value: Any, path: str) -> datetime:
    """Whole seconds since 1970 at a path. Raises UnprocessableEventError."""
    seconds = str(part(value, path))
    try:
        return datetime.fromtimestamp(int(seconds), BUSINESS_ZONE)
    except (ValueError, OverflowError, OSError):
        raise UnprocessableEventError(NOT_UNDERSTOOD, f"{path}: not a time") from None


def _loads(text: str) -> Any:
    return json.loads(text, parse_float=_decimal, parse_constant=_refuse)


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError("a number out of range") from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
