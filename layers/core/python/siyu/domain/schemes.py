"""Schemes: the rules by which members are scored, grouped and staged (docs/segmentation.md).

A brand may run several side by side, each over all members or over those of some stores. A scheme
changes by a further version, which counts from a night on; what was published stays.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

WINDOWS = (30, 90, 365)
SCORES = 5
QUINTILES = (20, 40, 60, 80)


class Rule(StrEnum):
    """Where the lines between scores are: at quantiles of the population, or where the brand says.

    `inverted_cdf` takes values that members have; `linear` (type 7 of Hyndman and Fan 1996, the
    default of pandas and R) may lie between two of them.
    """

    INVERTED_CDF = "inverted_cdf"
    LINEAR = "linear"
    OWN = "own"


class High(StrEnum):
    """What a member has to be above to be on the high side of a value group."""

    MEAN_SCORE = "mean_score"
    MEAN = "mean"
    MEDIAN = "median"
    OWN = "own"


class Cutting(StrEnum):
    """When new lines are drawn: nightly, on Mondays, on the first of a month, or never again. The
    first night after a day that was missed makes up for it."""

    NIGHTLY = "nightly"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    FROZEN = "frozen"

    def due(self, drawn: date, night: date) -> bool:
        """Whether lines that were drawn on one night are drawn anew on a later one."""
        match self:
            case Cutting.NIGHTLY:
                return True
            case Cutting.WEEKLY:
                return drawn < night - timedelta(days=night.weekday())
            case Cutting.MONTHLY:
                return drawn < night.replace(day=1)
            case Cutting.FROZEN:
                return False


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines the brand draws itself: recency in days since the last purchase, frequency in orders,
    monetary in minor units. To score higher is to be strictly beyond a line."""

    recency: tuple[int, ...]
    frequency: tuple[int, ...]
    monetary: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Scheme:
    """One version of a scheme. `window_days` None is a member's whole time; `stores` empty is the
    whole brand; below `min_population` members who bought nobody is scored."""

    name: str
    version: int = 1
    effective_from: date = date.min
    window_days: int | None = None
    rule: Rule = Rule.INVERTED_CDF
    own_lines: Lines | None = None
    high: High = High.MEAN_SCORE
    own_high: tuple[int, int, int] | None = None
    cutting: Cutting = Cutting.NIGHTLY
    min_population: int = 5
    stores: tuple[str, ...] = ()
    super_user_percent: int = 10
    key_care_percent: int = 30
    new_days: int = 30
    dormant_days: int = 180
    lost_days: int = 365
    loyal_orders: int = 2
    enabled: bool = True

    def covers(self, store: str) -> bool:
        """Whether members whom a store brought are in the scheme."""
        return not self.stores or store in self.stores

    def has_all_of(self, other: "Scheme") -> bool:
        """Whether all members of another version are in this one."""
        return not self.stores or (bool(other.stores) and set(other.stores) <= set(self.stores))


DEFAULT = Scheme("default")


@dataclass(frozen=True, slots=True)
class Schemes:
    """All versions of all schemes that were ever published, in that order."""

    published: tuple[Scheme, ...] = ()

    def on(self, night: date) -> tuple[Scheme, ...]:
        """The version of each scheme that counts on a night, by name; a brand that published none
        named `default` has our own."""
        latest = {DEFAULT.name: DEFAULT}
        for scheme in self.published:
            if scheme.effective_from <= night:
                latest[scheme.name] = scheme
        return tuple(latest[name] for name in sorted(latest) if latest[name].enabled)

    def narrowed(self, night: date) -> bool:
        """Whether a scheme ever had members whom it has no more on a night: it was disabled, or
        left stores out."""
        counts = {one.name: one for one in self.on(night)}
        return any(
            one.enabled
            and one.effective_from <= night
            and not (one.name in counts and counts[one.name].has_all_of(one))
            for one in (DEFAULT, *self.published)
        )

    def versions_of(self, name: str) -> tuple[Scheme, ...]:
        """The published versions of one scheme."""
        return tuple(one for one in self.published if one.name == name)
