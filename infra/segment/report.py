"""The page: one file that needs nothing else, for any screen, dark or light, and for paper."""

from __future__ import annotations

from html import escape
from pathlib import Path

from infra.segment import charts, told
from infra.segment.markup import both, element, share
from infra.segment.result import Result
from infra.segment.words import ASLEEP, window_words

STYLE = Path(__file__).with_name("report.css")
# Nothing is fetched and nothing runs, whatever a cell of the file says.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(result: Result) -> str:
    """The page as HTML."""
    day = result.scored.as_of.isoformat()
    head = (
        '<meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>Customer segments, {day} · 客户分群</title>"
        f"<style>{STYLE.read_text(encoding='utf-8')}</style>"
    )
    main = element(
        "main",
        _headline(result),
        charts.heat_map(result),
        charts.groups(result),
        charts.stages(result),
        charts.aipl(result),
        told.lines(result),
        told.reading(),
        told.scheme(result),
        told.sources(result),
    )
    body = element("head", head) + element("body", main)
    return f"<!doctype html>\n{element('html', body, lang='en')}\n"


def _headline(result: Result) -> str:
    day, report = result.scored.as_of, result.scored.report
    title = element("h1", both("Customer segments", "客户分群报告"))
    about = element(
        "p",
        both(f"as of {day.isoformat()}", f"截至 {day.year} 年 {day.month} 月 {day.day} 日"),
        class_="day",
    )
    finding = element("p", _finding(result), class_="finding")
    return element("header", title, about, finding, _left_out(result)) + (
        element("ul", *_figures(result, report.members), class_="tiles")
    )


def _left_out(result: Result) -> str:
    """Whoever is passed the page has to see that it does not say all."""
    bad = len(result.bad)
    if not bad:
        return ""
    english = f"{bad:,} rows of the file were left out; the last part says why."
    return element(
        "p", both(english, f"文件中有 {bad:,} 行未采用，原因见最后一部分。"), class_="day"
    )


def _finding(result: Result) -> str:
    report = result.scored.report
    top = share(result.top_tenth_minor, result.net_in_window)
    asleep = share(sum(report.stages[name].members for name in ASLEEP), report.members)
    english, chinese = window_words(result.scored.scheme.window_days)
    return both(
        f"The best tenth of customers brings {top} of net sales{english}; {asleep} of all are"
        " dormant or lost.",
        f"前 10% 的客户贡献{chinese} {top} 的净销售额；{asleep} 的客户已沉睡或流失。",
    )


def _figures(result: Result, members: int) -> list[str]:
    """The tiles below the title: what members.csv adds up to."""
    money, (orders, net) = result.money, result.sales["members"]
    again = sum(count > 1 for count in result.scored.customers.orders)
    english, chinese = window_words(result.scored.scheme.window_days)
    tiles = (
        (f"{members:,}", "Customers", "客户"),
        (f"{orders:,}", f"Orders{english}", f"{chinese}订单"),
        (money.whole(net), f"Net sales{english}, {money.currency}", f"{chinese}净销售额"),
        (money.whole(net // members), f"Net sales a customer{english}", f"{chinese}人均净销售额"),
        (share(again, members), f"Bought again{english}", f"{chinese}复购率"),
    )
    return [
        element("li", element("b", escape(number)), both(told, told_zh))
        for number, told, told_zh in tiles
    ]
