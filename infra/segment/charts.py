"""The pictures of the report: heat map, value groups, life cycle, AIPL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from infra.segment.markup import bar, both, element, named, section, share, table
from infra.segment.result import Result
from infra.segment.words import AIPL, ASLEEP, GROUPS, STAGES, Words
from siyu.domain.night_report import Part
from siyu.domain.schemes import SCORES

# Hundredths of net sales from which a cell is darker by one more step.
STEPS = (1, 2, 5, 10)
ENDS = {
    "F5": (" often", "最勤"), "F1": (" seldom", "最少"),
    "R5": (" lately", "最近"), "R1": (" long ago", "最久"),
}  # fmt: skip
_UP, _DOWN = range(1, SCORES + 1), range(SCORES, 0, -1)


def heat_map(result: Result) -> str:
    """Recency to the right, frequency upwards; darker is a larger share of net sales."""
    title = Words(
        "Recency by frequency", "R × F 热力图",
        "Each cell: customers, their share of all, and of net sales, which gives the colour.",
        "每格：客户数、客户占比、净销售额占比；颜色按净销售额占比。",
    )  # fmt: skip
    scores = result.scored.report.scores
    if not scores:
        return section(title, _nobody_scored(result))
    head = [
        element("th", _axis("F", score), scope="row", class_="axis")
        + "".join(_cell(result, scores.get(f"{r}{score}", Part())) for r in _UP)
        for score in _DOWN
    ]
    foot = element("td") + "".join(
        element("th", _axis("R", r), scope="col", class_="axis") for r in _UP
    )
    rows = "".join(element("tr", one) for one in [*head, foot])
    return section(
        title,
        element("div", element("table", rows, class_="heat"), class_="wide", tabindex="0"),
        element("p", *_legend(), class_="legend"),
    )


def _legend() -> Iterator[str]:
    """What each shade stands for."""
    yield both("of net sales", "净销售额占比")
    for level, least in enumerate((0, *STEPS), start=1):
        yield element("span", class_=f"swatch h{level}")
        yield f"≥ {least} %" if least else f"&lt; {STEPS[0]} %"


def _cell(result: Result, part: Part) -> str:
    members, net = result.scored.report.members, result.net_in_window
    if not part.members:
        return element("td", element("span", "–", class_="none"), class_="h0")
    return element(
        "td",
        element("b", f"{part.members:,}"),
        element("span", share(part.members, members), element("i", " of all")),
        element("span", share(part.net_minor, net), element("i", " of sales")),
        class_=f"h{shade(part.net_minor, net)}",
    )


def shade(part: int, whole: int) -> int:
    """From 1 to 5, by the share."""
    return 1 + sum(part * 100 >= step * whole for step in STEPS) if whole > 0 else 1


def _axis(letter: str, score: int) -> str:
    english, chinese = ENDS.get(f"{letter}{score}", ("", ""))
    remark = element("i", escape(english)) if english else ""
    label = element("span", f"{letter}{score}", remark, class_="en")
    return label + element("span", escape(chinese), class_="zh", lang="zh-CN")


def groups(result: Result) -> str:
    """The eight value groups."""
    title = Words(
        "Value groups", "八大价值分群",
        "High or low in recency, frequency and monetary makes eight groups.",
        "R、F、M 各分高低，得到八个群。",
    )  # fmt: skip
    parts = result.scored.report.groups
    shown = {name: words for name, words in GROUPS.items() if _counts(name, parts)}
    most = max(parts[name].members for name in shown)
    richest = max(parts[name].net_minor for name in shown)
    head = (
        both("Group", "分群"), both("Customers", "客户数"),
        both(f"Net sales, {result.money.currency}", "净销售额"), both("Each", "人均"),
    )  # fmt: skip
    rows = [_group(result, words, parts[name], (most, richest)) for name, words in shown.items()]
    return section(title, table(head, rows, "bars"))


def _group(result: Result, words: Words, part: Part, longest: tuple[int, int]) -> Sequence[str]:
    members, money = result.scored.report.members, result.money
    sales = _amount(money.whole(part.net_minor), share(part.net_minor, result.net_in_window))
    return (
        named(words),
        _amount(f"{part.members:,}", share(part.members, members)) + bar(part.members, longest[0]),
        sales + bar(part.net_minor, longest[1], "money"),
        escape(money.whole(part.net_minor // part.members)) if part.members else "–",
    )


def _counts(name: str, parts: Mapping[str, Part]) -> bool:
    return name != "unscored" or parts[name].members > 0


def stages(result: Result) -> str:
    """The life cycle, as a chart of bars about one middle line."""
    title = Words(
        "Life cycle", "会员生命周期",
        "Every customer is in one stage: the first rule that holds, from lost upwards.",
        "每位客户只在一个阶段：从“流失”起，取第一条成立的规则。",
    )  # fmt: skip
    report = result.scored.report
    most = max(part.members for part in report.stages.values())
    rows = [_stage(result, name, words, most) for name, words in STAGES.items()]
    head = (
        both("Stage", "阶段"), "", both("Customers", "客户数"), both("Share", "占比"),
        both(f"Net sales, {result.money.currency}", "净销售额"),
    )  # fmt: skip
    return section(title, table(head, rows, "funnel"))


def _stage(result: Result, name: str, words: Words, most: int) -> Sequence[str]:
    report = result.scored.report
    part = report.stages[name]
    return (
        named(words),
        bar(part.members, most, "asleep" if name in ASLEEP else ""),
        element("b", f"{part.members:,}"),
        share(part.members, report.members),
        escape(result.money.whole(part.net_minor)),
    )


def aipl(result: Result) -> str:
    """The four links of the chain."""
    title = Words("AIPL chain", "AIPL 链路")
    report = result.scored.report
    links = "".join(
        element(
            "li",
            element("span", both(words.en, words.zh), class_="name"),
            element("b", f"{report.aipl[name].members:,}"),
            element("span", share(report.aipl[name].members, report.members)),
            element("span", both(words.about_en, words.about_zh), class_="about"),
        )
        for name, words in AIPL.items()
    )
    return section(title, element("ol", links, class_="chain"))


def _amount(number: str, part: str) -> str:
    return element("span", element("b", escape(number)), f" {part}", class_="amount")


def _nobody_scored(result: Result) -> str:
    least = result.scored.scheme.min_population
    return element(
        "p",
        both(
            f"Nobody is scored: {result.scored.cuts.population:,} bought, {least:,} are needed.",
            f"未评分：购买客户不足 {least:,} 人。",
        ),
        class_="lead",
    )
