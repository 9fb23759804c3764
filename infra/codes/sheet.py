"""A printable A4 sheet of labels as one HTML file that loads nothing and runs nothing.

The grid is that of label stock with 3 x 8 labels of 63.5 x 33.9 mm, so the same file serves plain
paper and scissors. Labels are written as they come; no number of them fills the memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from itertools import islice
from pathlib import Path

from infra.codes.picture import link_of, svg
from siyu.domain.issued_codes import CodeSpec

LABELS_A_PAGE = 3 * 8
GROUP = 5
HEADING = ("微信扫码入会", "Scan with WeChat to join")

_STYLE = """
@page { size: A4 portrait; margin: 0 }
* { box-sizing: border-box; margin: 0 }
body { background: #e8e8e8; color: #000;
  font-family: "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif }
section { position: relative; width: 210mm; height: 297mm; overflow: hidden; background: #fff;
  margin: 6mm auto; break-after: page; break-inside: avoid }
section:last-child { break-after: auto }
header { position: absolute; inset: 6mm 7.2mm auto; display: flex;
  justify-content: space-between; font-size: 7.5pt; color: #555 }
div { position: absolute; inset: 12.9mm 7.2mm; display: grid; column-gap: 2.55mm;
  grid-template: repeat(8, 33.9mm) / repeat(3, 63.5mm) }
article { display: flex; align-items: center; gap: 1.5mm; padding: 0 2mm 0 1.5mm;
  border: .1mm dashed #aaa; overflow: hidden }
article + article + article + article { border-top-style: none }
svg { flex: none; width: 30mm; height: 30mm; shape-rendering: crispEdges }
article > span { flex: 1; min-width: 0; display: block; overflow: hidden }
code { display: block }
i { font-style: normal }
b { font-size: 10pt; line-height: 1.25 }
i, small { font-size: 6.5pt; line-height: 1.25; color: #333; overflow-wrap: anywhere }
b, i, small { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2;
  overflow: hidden }
code { margin: 1.6mm 0; white-space: pre; font: 8pt/1.3 Consolas, Menlo, "Noto Sans Mono",
  "DejaVu Sans Mono", monospace }
@media print { body { background: none } section { margin: 0 } }
"""


@dataclass(frozen=True, slots=True)
class Label:
    """One label: a token and what its code was asked to be."""

    token: str
    spec: CodeSpec


def write_sheet(
    path: Path,
    labels: Iterable[Label],
    title: str,
    origin: str,
    heading: tuple[str, str] = HEADING,
) -> int:
    """Writes the page and returns how many labels it has.

    `title` stands at the top of each page; `heading` is on each label, Chinese and English.
    """
    remaining, count = iter(labels), 0
    with path.open("w", encoding="utf-8") as stream:
        stream.write(_head(title))
        for number, page in enumerate(_pages(remaining), start=1):
            stream.write(f"<section>\n<header><span>{escape(title)}</span>")
            stream.write(f"<span>{number}</span></header>\n<div>\n")
            stream.writelines(_label(label, origin, heading) for label in page)
            stream.write("</div>\n</section>\n")
            count += len(page)
        stream.write("</body>\n</html>\n")
    return count


def _pages(labels: Iterator[Label]) -> Iterator[list[Label]]:
    while page := list(islice(labels, LABELS_A_PAGE)):
        yield page


def _head(title: str) -> str:
    return (
        '<!doctype html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
    )


def _label(label: Label, origin: str, heading: tuple[str, str]) -> str:
    chinese, english = (escape(text) for text in heading)
    return (
        f"<article>{svg(link_of(origin, label.token))}<span><b>{chinese}</b>"
        f'<i lang="en">{english}</i><code>{escape(_groups(label.token))}</code>'
        f"<small>{escape(_note(label.spec))}</small></span></article>\n"
    )


def _groups(token: str) -> str:
    """Groups of five, two a line, so that a person can type the token."""
    groups = [token[at : at + GROUP] for at in range(0, len(token), GROUP)]
    return "\n".join(" ".join(groups[at : at + 2]) for at in range(0, len(groups), 2))


def _note(spec: CodeSpec) -> str:
    parts = (spec.store, spec.guide, spec.channel, spec.label)
    return " · ".join(part for part in parts if part)
