"""Publish a version of a segmentation scheme. None is ever changed: a change is a further one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from siyu.domain.calendar import business_date
from siyu.domain.schemes import DEFAULT, Scheme, Schemes
from siyu.errors import NotFoundError, SchemeRefusedError, UnprocessableEventError
from siyu.storage import schemes
from siyu.storage.transaction import retrying

# All versions live in one item. Every order relabels its member by all schemes in force.
MAX_VERSIONS = 200
# Further ones that disable a scheme: it can always be stopped.
ROOM_TO_STOP = 50
MAX_SCHEMES = 20
# Of all schemes in force together: they are read with every batch of orders, some ten bytes each.
MAX_STORES = 1_000


@dataclass(frozen=True, slots=True)
class Listed:
    """All versions as they were published, our own scheme first; `by` says who published which
    (`<scheme>@<version>`)."""

    schemes: Schemes
    by: Mapping[str, str]

    @property
    def all(self) -> tuple[Scheme, ...]:
        return (DEFAULT, *self.schemes.published)


def published() -> Listed:
    """All versions, in one round trip."""
    return Listed(*schemes.known())


def publish(wanted: Scheme, by: str, now: datetime) -> Scheme:
    """The version as it is published: it has the next number of its scheme and counts from the
    night of the next business day on. The rules that the last version has are that version, which
    stays in the name of who published it first.

    Raises SchemeRefusedError when there are too many schemes, stores or versions.
    """
    return retrying(lambda: _attempt(wanted, by, now))


def next_night(now: datetime) -> date:
    """The next business day: tonight's lines may be drawn already."""
    return business_date(now) + timedelta(days=1)


def check_scheme(name: str) -> None:
    """Raises NotFoundError for a scheme that nobody published, in one round trip."""
    if name != DEFAULT.name and not schemes.load().versions_of(name):
        raise NotFoundError("no such scheme")


def _attempt(wanted: Scheme, by: str, now: datetime) -> Scheme:
    known, operators = schemes.known()
    versions = known.versions_of(wanted.name)
    built_in = DEFAULT if wanted.name == DEFAULT.name else None
    last = versions[-1] if versions else built_in
    if last is not None and _numbered(wanted, last.version, last.effective_from) == last:
        return last
    made = _numbered(wanted, last.version + 1 if last else 1, next_night(now))
    _check_room(Schemes((*known.published, made)), made)
    try:
        schemes.append(known, made, {**operators, f"{made.name}@{made.version}": by})
    except UnprocessableEventError as error:
        raise SchemeRefusedError(
            "too_many_versions", "all versions together are more than one item takes"
        ) from error
    return made


def _numbered(scheme: Scheme, version: int, effective_from: date) -> Scheme:
    return replace(scheme, version=version, effective_from=effective_from)


def _check_room(then: Schemes, made: Scheme) -> None:
    most = MAX_VERSIONS if made.enabled else MAX_VERSIONS + ROOM_TO_STOP
    if len(then.published) > most:
        raise SchemeRefusedError(
            "too_many_versions",
            f"there are {MAX_VERSIONS} versions: the rest is to disable schemes",
        )
    in_force = then.on(made.effective_from)
    if len(in_force) > MAX_SCHEMES:
        raise SchemeRefusedError(
            "too_many_schemes", f"{MAX_SCHEMES} schemes are enabled: disable one first"
        )
    if made.enabled and sum(len(one.stores) for one in in_force) > MAX_STORES:
        raise SchemeRefusedError(
            "too_many_stores",
            f"all enabled schemes together name more than {MAX_STORES} stores: leave some out, "
            "disable a scheme, or name none for the whole brand",
        )
