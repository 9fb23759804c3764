"""The page: one file that needs nothing else, for any screen, dark or light, and for paper."""

from __future__ import annotations

from html import escape
from pathlib import Path

from infra.segment import charts, told
from infra.segment.files import whole
from infra.segment.markup import both, element, share
from infra.segment.result import Result
from infra.segment.words import ASLEEP

STYLE = Path(__file__).with_name("report.css")
# Nothing is fetched and nothing runs, whatever a cell of the file says.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def write_report(path: Path, result: Result) -> None:
    """Write the page whole or not at all."""
    with whole(path, "utf-8") as text:
        text.write(page(result))


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
    return element("header", title, about, element("p", _finding(result), class_="finding")) + (
        element("ul", *_figures(result, report.members), class_="tiles")
    )


def _finding(result: Result) -> str:
    report = result.scored.report
    top = share(result.top_tenth_minor, result.net_in_window)
    asleep = share(sum(report.stages[name].members for name in ASLEEP), report.members)
    return both(
        f"The best tenth of customers brings {top} of net sales; {asleep} of all are dormant or"
        " lost.",
        f"前 10% 的客户贡献 {top} 的净销售额；{asleep} 的客户已沉睡或流失。",
    )


def _figures(result: Result, members: int) -> list[str]:
    """The tiles below the title."""
    folded, money = result.folded, result.money
    again = sum(count > 1 for count in result.scored.customers.orders_ever)
    average = result.net_in_window // members if members else 0
    tiles = (
        (f"{members:,}", "Customers", "客户"),
        (f"{folded.orders:,}", "Orders", "订单"),
        (money.whole(folded.net_minor), f"Net sales, {money.currency}", "净销售额"),
        (money.whole(average), "Net sales a customer", "人均净销售额"),
        (share(again, members), "Bought again", "复购率"),
    )
    return [
        element("li", element("b", escape(number)), both(english, chinese))
        for number, english, chinese in tiles
    ]
