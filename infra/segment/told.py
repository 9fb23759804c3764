"""The rules of the report in words: lines between scores, the scheme, what was read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from infra.segment.files import BAD_ROWS
from infra.segment.markup import both, element, section, table
from infra.segment.result import Result
from infra.segment.words import HIGH, READING, RULES, Words, window_words
from siyu.domain.schemes import SCORES

SHOWN = 20


def lines(result: Result) -> str:
    """What it takes to have each score, and to be on the high side."""
    title = Words(
        "What each score takes", "各分值的门槛",
        "Equal values have equal scores. The last column parts the value groups.",
        "数值相同则得分相同；最后一列是分群的高低线。",
    )  # fmt: skip
    cuts, money = result.scored.cuts, result.money
    if cuts.high is None:
        return ""
    days, orders, net = cuts.high
    rows = [
        (
            both("R · days since the last order", "距最近购买天数"),
            *map(escape, _days(cuts.recency)),
            escape(f"< {days:,}"),
        ),
        (
            both("F · orders", "订单数"),
            *map(escape, _counts(cuts.frequency)),
            escape(f"> {orders:,}"),
        ),
        (
            both(f"M · net sales, {money.currency}", f"净销售额（{money.currency}）"),
            *map(escape, _amounts(result, cuts.monetary)),
            escape(f"> {money.grouped(net)}"),
        ),
    ]
    head = ("", *(str(score) for score in range(1, SCORES + 1)), both("High side", "高侧"))
    return section(title, table(head, rows, "lines"))


def _days(recency: Sequence[int]) -> Iterator[str]:
    """Downwards: from the longest ago to the latest."""
    above: int | None = None
    for line in recency:
        yield _between(line, above)
        above = line - 1
    yield _between(0, above)


def _counts(frequency: Sequence[int]) -> Iterator[str]:
    least = 1
    for line in frequency:
        yield _between(least, line)
        least = max(line + 1, least)
    yield _between(least, None)


def _between(least: int, most: int | None) -> str:
    if most is None:
        return f"≥ {least:,}"
    if most < least:
        return "–"
    return f"{least:,}" if most == least else f"{least:,} – {most:,}"


def _amounts(result: Result, monetary: Sequence[int]) -> Iterator[str]:
    money, before = result.money, None
    for line in monetary:
        empty = before is not None and line <= before
        yield "–" if empty else f"≤ {money.grouped(line)}"
        before = line
    yield f"> {money.grouped(monetary[-1])}"


def scheme(result: Result) -> str:
    """The rules in force."""
    one, cuts = result.scored.scheme, result.scored.cuts
    window = one.window_days
    top, care = cuts.super_user_minor, cuts.key_care_orders
    top_text = "–" if top is None else f"≥ {result.money.grouped(top)}"
    care_text = "–" if care is None else f"≥ {care:,}"
    rules, high = RULES[one.rule], HIGH[one.high]
    rows = [
        (both("Name", "名称"), escape(one.name)),
        (
            both("Window", "统计窗口"),
            both("all time", "全部时间")
            if window is None
            else both(f"{window} days", f"{window} 天"),
        ),
        (both("Lines between scores", "分值线"), both(rules.en, rules.zh)),
        (both("High side", "高侧"), both(high.en, high.zh)),
        (both("Super user", "超级用户"), _top(one.super_user_percent, "net sales", top_text)),
        (both("Key care", "重点关怀"), _top(one.key_care_percent, "orders", care_text)),
        (both("New", "新会员"), _days_at_most("≤", one.new_days)),
        (both("Dormant", "沉睡"), _days_at_most(">", one.dormant_days)),
        (both("Lost", "流失"), _days_at_most(">", one.lost_days)),
        (
            both("Loyal", "忠诚"),
            both(f"{one.loyal_orders:,} orders or more", f"{one.loyal_orders:,} 单及以上"),
        ),
    ]
    title = Words("The scheme", "采用的规则")
    return section(title, table((both("Rule", "规则"), both("Value", "取值")), rows, "plain"))


def _top(percent: int, by: str, line: str) -> str:
    what = {"net sales": "净销售额", "orders": "订单数"}[by]
    return both(f"top {percent} % by {by}: {line}", f"{what}前 {percent}%")


def _days_at_most(sign: str, days: int) -> str:
    return both(f"{sign} {days:,} days", f"{sign} {days:,} 天")


def reading() -> str:
    """How to read it."""
    title = Words("How to read it", "如何阅读")
    return section(title, element("ul", *(element("li", both(one.en, one.zh)) for one in READING)))


def sources(result: Result) -> str:
    """What was read, and what was left out and why."""
    folded, book = result.folded, result.book
    rows = [
        (both("Rows read", "读取行数"), f"{result.summary()['rows']:,}"),
        (both("Rows left out (below)", "未采用行（见下）"), f"{len(result.bad):,}"),
        (both("Rows that came twice", "重复行"), f"{book.repeated:,}"),
        (both("Rows after the day", "日期之后的行"), f"{folded.later:,}"),
    ]
    head = (both("File", "文件"), element("span", escape(result.name), class_="file"))
    title = Words("What was read", "数据来源")
    return section(title, table(head, rows, "plain"), _sales(result), _bad(result.bad))


def _sales(result: Result) -> str:
    """Whose sales there are: the first line is what members.csv adds up to, the last the file."""
    folded, sales = result.folded, result.sales
    english, chinese = window_words(result.scored.scheme.window_days)
    alone, strangers = folded.nameless_refunds, folded.only_refunds
    names = {
        "members": both(f"Customers in members.csv{english}", f"members.csv 中的客户{chinese}"),
        "before_window": english and both("The same customers before", "同一批客户更早"),
        "without_customer": both("Orders without a customer", "无客户订单"),
        "nameless_refunds": both(
            f"Refunds without order and customer ({alone:,})", f"无订单无客户的退款（{alone:,}）"
        ),
        "refunds_only": both(
            f"Customers with refunds only ({strangers:,})", f"仅有退款的客户（{strangers:,}）"
        ),
        "after_the_day": both("After the day", "日期之后"),
    }
    rows = [
        (name, f"{sales[part].orders:,}", escape(result.money.grouped(sales[part].net_minor)))
        for part, name in names.items()
        if name
    ]
    rows.append((both("Given back whole", "全额退款"), f"{folded.given_back:,}", "–"))
    net = result.money.grouped(folded.net_minor + folded.later_minor)
    rows.append(
        (
            element("b", both("All rows that count", "全部采用的行")),
            element("b", f"{folded.orders + folded.later_orders:,}"),
            element("b", escape(net)),
        )
    )
    head = (
        both("Whose sales", "销售额归属"), both("Orders", "订单"),
        both(f"Net sales, {result.money.currency}", "净销售额"),
    )  # fmt: skip
    return table(head, rows, "plain")


def _bad(bad: list[tuple[int, str]]) -> str:
    if not bad:
        return ""
    rows = [(f"{line:,}", escape(reason)) for line, reason in bad[:SHOWN]]
    more = len(bad) - len(rows)
    note = both(
        f"{more:,} more; all are in {BAD_ROWS}" if more else f"also in {BAD_ROWS}",
        f"完整清单见 {BAD_ROWS}",
    )
    inside = table((both("Line", "行号"), both("Reason", "原因")), rows, "plain")
    opener = element("summary", both("Rows left out", "未采用的行"))
    return element("details", opener, inside, element("p", note, class_="lead"))
