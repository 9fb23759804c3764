"""The published versions of the referral programme, in one item that is read with one unit."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pynamodb.attributes import JSONAttribute, NumberAttribute

from siyu.domain.coupons import Benefit
from siyu.domain.programmes import Checks, HoldFrom, Programme, Programmes
from siyu.storage import keys
from siyu.storage.items import Item
from siyu.storage.reading import Found, read
from siyu.storage.transaction import Transaction


class ProgrammesItem(Item, discriminator="PROGRAMMES"):
    """All published versions of the rules, in the order of publishing; one is added, none goes.
    `by` are the operators who published them, by version."""

    versions = JSONAttribute()
    by = JSONAttribute(null=True)
    version = NumberAttribute()


def load() -> Programmes:
    """All versions, strongly consistent: one round trip."""
    return of_found(read([keys.PROGRAMMES]))


def of_found(found: Found) -> Programmes:
    """All versions, from a read that asked for `keys.PROGRAMMES`."""
    item = found.get(ProgrammesItem, keys.PROGRAMMES)
    if item is None:
        return Programmes()
    return Programmes(tuple(map(to_programme, item.versions)), item.by or {})


def append(known: Programmes, programme: Programme, by: str | None = None) -> None:
    """Publish one more version, in an operator's name. Raises StaleReadError when another one was
    published meanwhile."""
    versions = [*map(to_fields, known.published), to_fields(programme)]
    operators = {**known.by, **({programme.version: by} if by else {})}
    item = ProgrammesItem(
        *keys.PROGRAMMES, versions=versions, by=operators or None, version=len(versions)
    )
    write = Transaction()
    write.replace("programmes", item)
    write.commit()


def to_fields(programme: Programme) -> dict[str, Any]:
    """A version as it is stored; what is not set is left out."""
    fields = {name: value for name, value in asdict(programme).items() if value is not None}
    return {**fields, "effective_from": programme.effective_from.isoformat()}


def to_programme(fields: Mapping[str, Any]) -> Programme:
    """The version behind its stored fields."""
    coupon = fields.get("coupon")
    known = {
        **fields,
        "effective_from": datetime.fromisoformat(fields["effective_from"]),
        "excluded_skus": tuple(fields["excluded_skus"]),
        "hold_from": HoldFrom(fields.get("hold_from", HoldFrom.PAYMENT)),
        "coupon": Benefit(**coupon) if coupon else None,
        "checks": Checks(**fields["checks"]),
    }
    return Programme(**known)
