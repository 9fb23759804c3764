"""Why a member stands where they stand: every comparison behind a label, in numbers.

`siyu.domain.segments.place` decides; here its comparisons are told, for the console and for files.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from siyu.domain.cut_points import CutPoints
from siyu.domain.schemes import Scheme
from siyu.domain.segments import MOST_REPURCHASES, NO_GROUP, Label, Measure, place, sides_of

Sign = Literal["<", "<=", ">", ">="]
MEASURES = ("recency", "frequency", "monetary")
_VALUES = ("idle_days", "orders", "net_minor")
_SIGNS: tuple[Sign, ...] = ("<", ">", ">")


@dataclass(frozen=True, slots=True)
class Reason:
    """One comparison, `value sign line`, and whether it holds.

    `what` came out of it, `outcome`: a score (recency, frequency, monetary: "1" to "5"), `group`,
    `stage` or `aipl`. `rule` is the question: "score", "high" (the high side of a group), "scored"
    (nobody with a group of "-" is), "new", a stage or "loyal". `of` says what the value is:
    idle_days, orders, net_minor, orders_ever, member_days (since joining) or population.

    Of a score, `line` is the furthest line that the value is beyond, None if none is, and
    `next_line` the one that it is not beyond, None beyond all. A stage has the rules that were
    tried, in their order: the last one holds.
    """

    what: str
    rule: str
    of: str
    value: int
    sign: Sign
    line: int | None
    holds: bool
    outcome: str
    next_line: int | None = None


def reasons(measure: Measure, scheme: Scheme, cuts: CutPoints, as_of: date) -> list[Reason]:
    """Scores, group, stage and AIPL stage, in this order. Who never bought has no scores."""
    label, today = place(measure, scheme, cuts, as_of), as_of.toordinal()
    if measure.last_day is None:
        return _newcomer(label, today - measure.joined_day, scheme)
    idle_days = today - measure.last_day
    return [
        *_scores(label, measure, cuts, idle_days),
        *_group(label, measure, scheme, cuts, idle_days),
        *_stage(label, measure, scheme, cuts, idle_days),
        *_aipl(label, measure, scheme, idle_days),
    ]


def _newcomer(label: Label, member_days: int, scheme: Scheme) -> list[Reason]:
    line = scheme.new_days
    fresh = member_days <= line
    return [
        Reason("group", "scored", "orders_ever", 0, ">", 0, False, NO_GROUP),
        Reason("stage", "new", "member_days", member_days, "<=", line, fresh, label.stage),
        Reason("aipl", "new", "member_days", member_days, "<=", line, fresh, label.aipl),
    ]


def _scores(label: Label, measure: Measure, cuts: CutPoints, idle_days: int) -> Iterator[Reason]:
    if label.scores is None:
        return
    values = (idle_days, measure.orders, measure.net_minor)
    lines: Sequence[Sequence[int]] = (cuts.recency, cuts.frequency, cuts.monetary)
    for at, score in enumerate(label.scores):
        passed, ahead = lines[at][: score - 1], lines[at][score - 1 :]
        yield Reason(
            MEASURES[at],
            "score",
            _VALUES[at],
            values[at],
            _SIGNS[at],
            passed[-1] if passed else None,
            bool(passed),
            str(score),
            ahead[0] if ahead else None,
        )


def _group(
    label: Label, measure: Measure, scheme: Scheme, cuts: CutPoints, idle_days: int
) -> Iterator[Reason]:
    """One for each side; or the one for which nobody was asked for sides."""
    if cuts.high is None:
        least = max(scheme.min_population, 1)
        yield Reason("group", "scored", "population", cuts.population, ">=", least, False, NO_GROUP)
    elif label.group is None:
        yield Reason("group", "scored", "orders", measure.orders, ">", 0, False, NO_GROUP)
    else:
        values = (idle_days, measure.orders, measure.net_minor)
        sides = sides_of(measure, cuts.high, idle_days)
        for of, value, sign, line, high in zip(
            _VALUES, values, _SIGNS, cuts.high, sides, strict=True
        ):
            yield Reason("group", "high", of, value, sign, line, high, label.group)


def _stage(
    label: Label, measure: Measure, scheme: Scheme, cuts: CutPoints, idle_days: int
) -> Iterator[Reason]:
    """Up to the first rule that holds."""
    asked: list[tuple[str, str, int, Sign, int]] = [
        ("lost", "idle_days", idle_days, ">", scheme.lost_days),
        ("dormant", "idle_days", idle_days, ">", scheme.dormant_days),
    ]
    if measure.orders > 0 and cuts.super_user_minor is not None:
        asked.append(("super_user", "net_minor", measure.net_minor, ">=", cuts.super_user_minor))
    if measure.orders > 0 and cuts.key_care_orders is not None:
        asked.append(("key_care", "orders", measure.orders, ">=", cuts.key_care_orders))
    for rule, of, value, sign, line in asked:
        holds = rule == label.stage
        yield Reason("stage", rule, of, value, sign, line, holds, label.stage)
        if holds:
            return
    ever = measure.orders_ever
    line = min(ever, MOST_REPURCHASES + 1)
    yield Reason("stage", label.stage, "orders_ever", ever, ">=", line, True, label.stage)


def _aipl(label: Label, measure: Measure, scheme: Scheme, idle_days: int) -> list[Reason]:
    """Loyal is who has the orders and is not lost."""
    enough, kept = scheme.loyal_orders, scheme.lost_days
    orders = measure.orders
    return [
        Reason("aipl", "loyal", "orders", orders, ">=", enough, orders >= enough, label.aipl),
        Reason("aipl", "loyal", "idle_days", idle_days, "<=", kept, idle_days <= kept, label.aipl),
    ]
