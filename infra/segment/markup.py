"""Pieces of the page. Text is escaped here; pieces are put together as they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from infra.segment.words import Words


def element(name: str, *inside: str, **attributes: str) -> str:
    """An element around pieces. Underscores of attributes are left out at the end (`class_`) and
    are hyphens elsewhere (`aria_label`)."""
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
    )
    return f"<{name}{said}>{''.join(inside)}</{name}>"


def both(english: str, chinese: str) -> str:
    """The same in both languages."""
    return element("span", escape(english), class_="en") + element(
        "span", escape(chinese), class_="zh", lang="zh-CN"
    )


def named(words: Words) -> str:
    """A name, and the remark below it."""
    name = element("span", both(words.en, words.zh), class_="name")
    if not words.about_en:
        return name
    return name + element("span", both(words.about_en, words.about_zh), class_="about")


def table(head: Iterable[str], rows: Iterable[Sequence[str]], class_: str = "") -> str:
    """A table of pieces; the first of each row is its heading. It scrolls where it is too wide."""
    titles = "".join(element("th", one, scope="col") for one in head)
    lines = "".join(
        element(
            "tr",
            element("th", first, scope="row"),
            *(element("td", one) for one in others),
        )
        for first, *others in rows
    )
    body = element("thead", element("tr", titles)) + element("tbody", lines)
    return element("div", element("table", body, class_=class_), class_="wide", tabindex="0")


def section(title: Words, *inside: str) -> str:
    """A part of the page under its heading, with the remark of the title."""
    about = (
        element("p", both(title.about_en, title.about_zh), class_="lead") if title.about_en else ""
    )
    return element("section", element("h2", both(title.en, title.zh)), about, *inside)


def share(part: int, whole: int) -> str:
    """Such as "35.2 %", rounded half up; "–" of nothing."""
    if whole <= 0:
        return "–"
    tenths = (abs(part) * 2000 + whole) // (2 * whole)
    sign = "−" if part < 0 and tenths else ""
    return f"{sign}{tenths // 10}.{tenths % 10} %"


def width(part: int, most: int) -> str:
    """How long a bar is, in hundredths of a percent of the longest."""
    hundredths = 10_000 * max(part, 0) // most if most > 0 else 0
    return f"width:{hundredths // 100}.{hundredths % 100:02d}%"


def bar(part: int, most: int, class_: str = "") -> str:
    """A bar; the number is told beside it, so it is nothing to a reader of the page's text."""
    filled = element("span", class_=f"fill {class_}".strip(), style=width(part, most))
    return element("span", filled, class_="bar", aria_hidden="true")
