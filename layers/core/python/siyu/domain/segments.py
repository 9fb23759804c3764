"""Where a member stands: scores, value group, lifecycle stage, AIPL stage (docs/segmentation.md).

All of it follows from the member's figures, the scheme and the cut points of a night; nothing else
counts. A score is 1 plus the lines strictly below the value, so equal values have equal scores.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from siyu.domain.cut_points import CutPoints
from siyu.domain.schemes import Scheme

GROUPS: Mapping[tuple[bool, bool, bool], str] = {
    (True, True, True): "important_value",
    (True, False, True): "important_develop",
    (False, True, True): "important_keep",
    (False, False, True): "important_win_back",
    (True, True, False): "general_value",
    (True, False, False): "general_develop",
    (False, True, False): "general_keep",
    (False, False, False): "general_win_back",
}
MOST_REPURCHASES = 5
STAGES = (
    "prospect",
    "new",
    "first_purchase",
    *(f"repurchase_{number}" for number in range(1, MOST_REPURCHASES)),
    f"repurchase_{MOST_REPURCHASES}_or_more",
    "key_care",
    "super_user",
    "dormant",
    "lost",
)
AIPL = ("aware", "interest", "purchase", "loyalty")
NO_GROUP = "-"
_GROUP_NAMES = (NO_GROUP, *GROUPS.values())
_STAGE_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_AIPL_LETTERS = "AIPL"


@dataclass(frozen=True, slots=True)
class Measure:
    """What a scheme looks at of one member: the last day with a purchase (a day number) or None,
    orders and net sales (minor units) in the window, orders ever, the day of joining."""

    last_day: int | None
    orders: int
    net_minor: int
    orders_ever: int
    joined_day: int


@dataclass(frozen=True, slots=True)
class Label:
    """A member's place; `group` and `scores` (R, F, M) are None for who is not scored."""

    stage: str
    aipl: str
    group: str | None = None
    scores: tuple[int, int, int] | None = None

    @property
    def code(self) -> str:
        """Stage, group and AIPL stage in three characters; the scores are not part of it."""
        return (
            _STAGE_LETTERS[STAGES.index(self.stage)]
            + str(_GROUP_NAMES.index(self.group or NO_GROUP))
            + _AIPL_LETTERS[AIPL.index(self.aipl)]
        )

    @classmethod
    def of_code(cls, code: str) -> "Label":
        """The reverse, without scores. Raises ValueError when it is no code."""
        if len(code) != 3:
            raise ValueError("no code of a label")
        name = _GROUP_NAMES[int(code[1])]
        return cls(
            STAGES[_STAGE_LETTERS.index(code[0])],
            AIPL[_AIPL_LETTERS.index(code[2])],
            None if name == NO_GROUP else name,
        )


def place(measure: Measure, scheme: Scheme, cuts: CutPoints, as_of: date) -> Label:
    """Where a member stands on a day."""
    today = as_of.toordinal()
    if measure.last_day is None:
        fresh = today - measure.joined_day <= scheme.new_days
        return Label("new", "interest") if fresh else Label("prospect", "aware")
    idle_days = today - measure.last_day
    stage = _stage(measure, idle_days, scheme, cuts)
    loyal = measure.orders >= scheme.loyal_orders and idle_days <= scheme.lost_days
    aipl = "loyalty" if loyal else "purchase"
    if cuts.high is None or measure.orders == 0:
        return Label(stage, aipl)
    group = GROUPS[sides_of(measure, cuts.high, idle_days)]
    return Label(stage, aipl, group, scores_of(measure, cuts, idle_days))


def scores_of(measure: Measure, cuts: CutPoints, idle_days: int) -> tuple[int, int, int]:
    """R, F and M from 1 to 5."""
    return (
        1 + sum(idle_days < line for line in cuts.recency),
        1 + bisect_left(cuts.frequency, measure.orders),
        1 + bisect_left(cuts.monetary, measure.net_minor),
    )


def sides_of(
    measure: Measure, high: tuple[int, int, int], idle_days: int
) -> tuple[bool, bool, bool]:
    """On which of R, F and M a member is on the high side."""
    return idle_days < high[0], measure.orders > high[1], measure.net_minor > high[2]


def _stage(measure: Measure, idle_days: int, scheme: Scheme, cuts: CutPoints) -> str:
    """The first that holds: a member who left is not a super user, however much they spent."""
    top, care = cuts.super_user_minor, cuts.key_care_orders
    bought = measure.orders > 0
    rules = (
        ("lost", idle_days > scheme.lost_days),
        ("dormant", idle_days > scheme.dormant_days),
        ("super_user", bought and top is not None and measure.net_minor >= top),
        ("key_care", bought and care is not None and measure.orders >= care),
    )
    return next((stage for stage, holds in rules if holds), by_count(measure.orders_ever))


def by_count(orders: int) -> str:
    """The stage of who is nothing else: first purchase, or the number of repurchases."""
    return STAGES[STAGES.index("first_purchase") + min(max(orders - 1, 0), MOST_REPURCHASES)]
