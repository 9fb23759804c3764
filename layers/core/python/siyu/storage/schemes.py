"""The versions of the segmentation schemes, and the stored form of what nights publish of them."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from pynamodb.attributes import JSONAttribute, NumberAttribute

from siyu.domain.cut_points import CutPoints
from siyu.domain.night_report import Part, Report
from siyu.domain.published import Published
from siyu.domain.schemes import Cutting, High, Lines, Rule, Scheme, Schemes
from siyu.storage import keys
from siyu.storage.items import Item, SegmentItem
from siyu.storage.reading import Found, read
from siyu.storage.transaction import Transaction


class SchemesItem(Item, discriminator="SCHEMES"):
    """All versions of the segmentation schemes."""

    versions = JSONAttribute()
    by = JSONAttribute(null=True)
    version = NumberAttribute()


def load() -> Schemes:
    """All versions, strongly consistent: one round trip."""
    return known()[0]


def known() -> tuple[Schemes, Mapping[str, str]]:
    """All versions, and who published which (`<scheme>@<version>`)."""
    item = read([keys.SCHEMES]).get(SchemesItem, keys.SCHEMES)
    if item is None:
        return Schemes(), {}
    return Schemes(tuple(map(to_scheme, item.versions))), item.by or {}


def append(schemes: Schemes, scheme: Scheme, by: Mapping[str, str]) -> None:
    """Publish one more version. Raises StaleReadError when another was published meanwhile."""
    versions = [to_fields(one) for one in (*schemes.published, scheme)]
    write = Transaction()
    write.replace(
        "schemes",
        SchemesItem(*keys.SCHEMES, versions=versions, by=dict(by) or None, version=len(versions)),
    )
    write.commit()


def published(found: Found) -> Published | None:
    """What the last night published, from a read that asked for `keys.PUBLISHED`."""
    item = found.get(SegmentItem, keys.PUBLISHED)
    return to_published(item.body) if item else None


def of_published(one: Published) -> dict[str, Any]:
    """As it is stored."""
    running = {"run": one.run} if one.run else {}
    return {
        **running,
        "night": one.night.isoformat(),
        "before": one.before.isoformat() if one.before else None,
        "begun": one.begun.isoformat(),
        "schemes": [[to_fields(scheme), of_cuts(cuts)] for scheme, cuts in one.schemes],
        "page_shards": one.page_shards,
    }


def to_published(body: Mapping[str, Any]) -> Published:
    return Published(
        date.fromisoformat(body["night"]),
        date.fromisoformat(body["before"]) if body["before"] else None,
        date.fromisoformat(body["begun"]),
        tuple((to_scheme(scheme), to_cuts(cuts)) for scheme, cuts in body["schemes"]),
        body.get("page_shards"),
        body.get("run"),
    )


def to_fields(scheme: Scheme) -> dict[str, Any]:
    """A version as it is stored; what is not set is left out."""
    fields = {name: value for name, value in asdict(scheme).items() if value not in (None, ())}
    return {**fields, "effective_from": scheme.effective_from.isoformat()}


def to_scheme(fields: Mapping[str, Any]) -> Scheme:
    own, high = fields.get("own_lines"), fields.get("own_high")
    known_fields = {
        **fields,
        "effective_from": date.fromisoformat(fields["effective_from"]),
        "rule": Rule(fields["rule"]),
        "high": High(fields["high"]),
        "cutting": Cutting(fields["cutting"]),
        "stores": tuple(fields.get("stores", ())),
        "own_lines": Lines(**{name: tuple(lines) for name, lines in own.items()}) if own else None,
        "own_high": tuple(high) if high else None,
    }
    return Scheme(**known_fields)


def of_cuts(cuts: CutPoints) -> dict[str, Any]:
    """Cut points as they are stored."""
    return {**asdict(cuts), "as_of": cuts.as_of.isoformat()}


def to_cuts(fields: Mapping[str, Any]) -> CutPoints:
    high = fields["high"]
    return CutPoints(
        fields["scheme"],
        fields["version"],
        date.fromisoformat(fields["as_of"]),
        fields["population"],
        tuple(fields["recency"]),
        tuple(fields["frequency"]),
        tuple(fields["monetary"]),
        tuple(high) if high else None,
        fields["super_user_minor"],
        fields["key_care_orders"],
    )


def of_report(report: Report) -> dict[str, Any]:
    """A report as it is stored; equal reports give equal text."""
    body = {**asdict(report), "as_of": report.as_of.isoformat()}
    return {**body, **{name: dict(sorted(body[name].items())) for name in ("scores", "flows")}}


def to_report(body: Mapping[str, Any]) -> Report:
    parts = {
        name: {key: Part(**part) for key, part in body[name].items()}
        for name in ("groups", "stages", "aipl", "scores")
    }
    return Report(**{**body, **parts, "as_of": date.fromisoformat(body["as_of"])})
