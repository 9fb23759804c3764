"""A sheet prints 24 labels a page, holds what was asked and runs nothing that is in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from infra.codes.sheet import LABELS_A_PAGE, Label, write_sheet
from siyu.domain.codes import TOKEN_CHARS, issued_code, mint
from siyu.domain.issued_codes import CodeSpec, IssuedKind
from tests.codes import qr

ORIGIN = "https://shop.example.com"
DOOR = CodeSpec(IssuedKind.STORE, "A1B", label="正门")
EVIL = "</small><script>alert(1)</script><img src=x onerror=alert(1)>\"'&"


class Page(HTMLParser):
    """Tags with their attributes, and texts by the tag they stand in."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((self.tags[-1][0], data))

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.tags)

    def text(self, tag: str) -> list[str]:
        return [text for name, text in self.texts if name == tag]


def labels(number: int, spec: CodeSpec = DOOR) -> Iterator[Label]:
    return (Label(mint(issued_code("A1B", None, n), b"k" * 32), spec) for n in range(number))


@pytest.mark.parametrize(("number", "pages"), [(0, 0), (1, 1), (24, 1), (25, 2), (50, 3)])
def test_there_are_twenty_four_labels_a_page(tmp_path: Path, number: int, pages: int) -> None:
    assert write_sheet(tmp_path / "s.html", labels(number), "Doors", ORIGIN) == number
    page = Page(tmp_path / "s.html")
    assert (page.count("article"), page.count("section")) == (number, pages)
    assert LABELS_A_PAGE == 24


def test_a_label_shows_the_code_to_a_camera_and_to_a_person(tmp_path: Path) -> None:
    spec = CodeSpec(IssuedKind.GUIDE, "A1B", "lily", "wecom", "二楼")
    (label,) = labels(1, spec)
    write_sheet(tmp_path / "s.html", [label], "Guides", ORIGIN, ("加我微信", "Add me"))
    page = Page(tmp_path / "s.html")
    (typed,) = page.text("code")
    assert {len(group) for group in typed.split()} == {5}
    assert "".join(typed.split()) == label.token
    assert len(label.token) == TOKEN_CHARS
    assert page.text("small") == ["A1B · lily · wecom · 二楼"]
    assert (page.text("b"), page.text("i")) == (["加我微信"], ["Add me"])
    (picture,) = re.findall("<svg.*?</svg>", (tmp_path / "s.html").read_text("utf-8"), re.DOTALL)
    assert qr.read(qr.from_svg(picture)) == ("M", f"{ORIGIN}/r/{label.token}")


def test_every_page_has_the_title_and_its_number(tmp_path: Path) -> None:
    write_sheet(tmp_path / "s.html", labels(30), "Doors of A1B", ORIGIN)
    page = Page(tmp_path / "s.html")
    assert page.text("title") == ["Doors of A1B"]
    assert [text for text in page.text("span") if text != "正门"] == [
        *("Doors of A1B", "1"),
        *("Doors of A1B", "2"),
    ]


def test_nothing_that_somebody_wrote_becomes_markup(tmp_path: Path) -> None:
    spec = CodeSpec(IssuedKind.GUIDE, "A1B", EVIL, EVIL, EVIL)
    evil = Label(next(labels(1)).token, spec)
    write_sheet(tmp_path / "s.html", [evil], EVIL, ORIGIN, (EVIL, EVIL))
    write_sheet(tmp_path / "plain.html", labels(1), "Doors", ORIGIN)
    page, plain = Page(tmp_path / "s.html"), Page(tmp_path / "plain.html")
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in plain.tags]
    assert page.text("small") == [f"A1B · {EVIL} · {EVIL} · {EVIL}"]
    assert page.text("title") == page.text("b") == page.text("i") == [EVIL]


def test_a_sheet_loads_nothing_and_runs_nothing(tmp_path: Path) -> None:
    write_sheet(tmp_path / "s.html", labels(3), "Doors", ORIGIN)
    page = Page(tmp_path / "s.html")
    assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in page.tags}
    assert not {"src", "href"} & {name for _, attributes in page.tags for name in attributes}
    policies = [attributes.get("content") for tag, attributes in page.tags if tag == "meta"]
    assert "default-src 'none'; style-src 'unsafe-inline'" in policies
    assert "@import" not in page.text("style")[0]
    assert "url(" not in page.text("style")[0]


def test_a_page_is_on_disk_before_the_next_one_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "s.html"
    written: list[int] = []

    def watched() -> Iterator[Label]:
        for label in labels(5 * LABELS_A_PAGE):
            written.append(path.stat().st_size)
            yield label

    write_sheet(path, watched(), "Doors", ORIGIN)
    at_page_starts = written[::LABELS_A_PAGE]
    a_page = (path.stat().st_size - at_page_starts[1]) / 4
    assert at_page_starts[4] - at_page_starts[1] > 2.5 * a_page
