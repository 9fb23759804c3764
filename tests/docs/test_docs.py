"""What the documents name exists, and both READMEs say the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from infra.demo.page import GROUP_TITLES, STAGE_TITLES
from infra.demo.reader import COLUMNS
from infra.demo.rows import AMOUNT_COLUMNS
from siyu.api.order_event import read_event
from siyu.domain.programmes import PROGRAMME
from siyu.domain.segments import GROUPS, STAGES
from siyu.storage import items
from tests.docs.reading import (
    DOCS,
    READMES,
    ROOT,
    SIYU,
    blocks,
    headings,
    links,
    named,
    pages,
    rows,
    text_of,
)

ENGLISH, CHINESE = READMES
RULES = DOCS / "domain-rules.md"
MODEL = DOCS / "data-model.md"
# Made by make or by the reader, so absent from a fresh clone.
MADE = (".venv/", ".tools/", ".local/", ".aws-sam/", "build/", "path/")
PATH = re.compile(r"[\w.-]+(?:/[\w.*-]+)+/?")
SUFFIX = re.compile(r"\.(?:py|md|yaml|toml|json|txt|in|mk|sql|svg|csv|gz)$")
PROOF = re.compile(r"(tests/[\w/]+\.py)::(\w+)")
SIYU_NAME = re.compile(r"siyu(?:\.\w+)+")
# A path of somebody's own machine, or a sentence left for later.
UNWANTED = re.compile(r"(?<![\w.])/(?:home|root|tmp|Users)/|\b(?:TODO|FIXME)\b")


def ids(paths: Iterable[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


each_page = pytest.mark.parametrize("page", pages(), ids=ids(pages()))


def commands(path: Path) -> list[str]:
    return blocks(path, "sh")


def test_both_readmes_have_the_same_shape_and_the_same_blocks() -> None:
    assert headings(ENGLISH) == headings(CHINESE)
    assert blocks(ENGLISH) == blocks(CHINESE)
    assert len(commands(ENGLISH)) >= 6


def test_both_readmes_have_the_same_tables() -> None:
    english, chinese = (
        re.findall(r"^\| `([^`]+)`", text_of(path), re.MULTILINE) for path in READMES
    )
    assert english == chinese


def test_both_readmes_link_to_the_same_places() -> None:
    other = {"README.md", "README.zh-CN.md"}
    assert set(links(ENGLISH)) - other == set(links(CHINESE)) - other


@each_page
def test_every_relative_link_resolves(page: Path) -> None:
    missing = [target for target in links(page) if not (page.parent / target).exists()]
    assert not missing


def anchor_of(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


@each_page
def test_every_anchor_resolves(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)\s:]*)#([^)\s]+)\)", text_of(page)):
        aimed = (page.parent / target) if target else page
        found = re.findall(r"^#+ (.+)$", text_of(aimed), re.MULTILINE)
        assert anchor in map(anchor_of, found)


def targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z0-9-]+):.*## ", makefile, re.MULTILINE))


@each_page
def test_every_make_target_exists(page: Path) -> None:
    text = text_of(page)
    spans = [span for span in named(page) if "make " in span]
    asked = [found for span in spans for found in re.findall(r"\bmake ([a-z][a-z0-9-]*)", span)]
    asked += re.findall(r"^make ([a-z][a-z0-9-]*)", text, re.MULTILINE)
    assert set(asked) <= targets()


def paths_in(page: Path) -> Iterator[str]:
    for span in named(page):
        path = span.partition("::")[0]
        known = path.split("/")[0] in {entry.name for entry in ROOT.iterdir()}
        siyu = path.split("/")[0] in {"siyu", *(entry.name for entry in SIYU.iterdir())}
        looks = PATH.fullmatch(path) and (known or siyu or SUFFIX.search(path))
        if looks and not path.startswith(MADE):
            yield path


@each_page
def test_every_path_exists(page: Path) -> None:
    for path in paths_in(page):
        bases = (ROOT, SIYU, SIYU.parent, page.parent)
        assert any(list(base.glob(path.rstrip("/"))) for base in bases), path


@each_page
def test_every_named_test_exists(page: Path) -> None:
    for path, name in PROOF.findall(text_of(page)):
        assert re.search(rf"^def {name}\(", (ROOT / path).read_text("utf-8"), re.MULTILINE), name


@each_page
def test_every_named_part_of_the_product_exists(page: Path) -> None:
    for name in (span for span in named(page) if SIYU_NAME.fullmatch(span)):
        parts = name.split(".")[1:]
        depth = next(
            (
                depth
                for depth in range(len(parts), 0, -1)
                if SIYU.joinpath(*parts[:depth]).with_suffix(".py").is_file()
                or SIYU.joinpath(*parts[:depth]).is_dir()
            ),
            0,
        )
        assert depth, name
        module = SIYU.joinpath(*parts[:depth]).with_suffix(".py")
        for part in parts[depth:]:
            defined = rf"^\s*(?:def|class) {part}\b|^\s*{part}\b\s*[:=]"
            assert re.search(defined, module.read_text("utf-8"), re.MULTILINE), name


@each_page
def test_no_page_names_a_machine_or_is_left_unfinished(page: Path) -> None:
    assert not UNWANTED.findall(text_of(page))


@pytest.mark.parametrize("readme", READMES, ids=ids(READMES))
def test_the_columns_are_those_the_demo_reads(readme: Path) -> None:
    expected = (*COLUMNS, "amount_minor")
    heading = "### Your own orders" if readme == ENGLISH else "### 换成自己的订单"
    assert tuple(row[0].strip("`") for row in rows(readme, heading)) == expected
    assert all(f"`{name}`" in text_of(readme) for name in AMOUNT_COLUMNS)
    sample, *_ = blocks(readme, "csv")
    assert tuple(sample.splitlines()[0].split(",")) == expected


def test_the_events_of_the_readme_can_be_read() -> None:
    received = datetime(2026, 3, 5, tzinfo=UTC)
    events = [body for body in blocks(ENGLISH, "json") if '"type"' in body]
    for number, body in enumerate(events):
        assert read_event("shop", f"d{number}", received, json.loads(body)).order_id == "1001"
    assert len(events) == 2


def test_the_picture_is_well_formed_and_says_what_it_shows() -> None:
    picture = ET.parse(DOCS / "flow.svg").getroot()  # noqa: S314 - our own file
    shown = {"".join(text.itertext()) for text in picture.iter() if text.tag.endswith("}text")}
    packages = {path.parent.name for path in (ROOT / "functions").glob("*/handler.py")}
    assert packages <= shown
    assert any(child.tag.endswith("}title") for child in picture)


def test_every_decision_has_its_four_parts() -> None:
    decisions = sorted((DOCS / "decisions").glob("*.md"))
    assert [path.name[:4] for path in decisions] == [
        f"{number:04d}" for number in range(1, len(decisions) + 1)
    ]
    for path in decisions:
        text = text_of(path)
        assert text.startswith(f"# {path.name[:4]} ")
        parts = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert parts == ["Context", "Options", "Decision", "What would change our mind"], path


def test_groups_and_stages_are_those_of_the_code() -> None:
    groups = {cells[0]: cells for cells in rows(RULES, "### Value groups")}
    sides = {name: key for key, name in GROUPS.items()}
    for name, title in GROUP_TITLES.items():
        cells = groups.pop(f"`{name}`")
        assert f"{cells[1]} · {cells[2]}" == title
        assert tuple(cell == "high" for cell in cells[3:6]) == sides[name]
    stages = {cells[0]: cells for cells in rows(RULES, "### Life-cycle stages")}
    for name in STAGES:
        cells = stages.pop(f"`{name}`")
        assert f"{cells[1]} · {cells[2]}" == STAGE_TITLES[name]
    assert not groups
    assert not stages


def test_the_programme_is_the_one_in_force() -> None:
    rules = (
        f"`{PROGRAMME.version}`: rate {PROGRAMME.rate_bp} bp",
        f"least order {PROGRAMME.min_order_minor:,} minor units",
        f"hold {PROGRAMME.hold_days} days.",
    )
    assert f"the programme in force is {', '.join(rules)}" in text_of(RULES)


def test_every_key_is_listed() -> None:
    source = (SIYU / "storage" / "keys.py").read_text(encoding="utf-8")
    made = re.findall(r"^def (\w+)", source, re.MULTILINE)
    listed = [name for cells in rows(MODEL, "## Keys") for name in re.findall(r"`(\w+)`", cells[0])]
    assert sorted(listed) == sorted(made)


def test_every_item_and_attribute_is_listed() -> None:
    base = set(items.Item.get_attributes())
    for path in (SIYU / "storage").glob("*.py"):
        import_module(f"siyu.storage.{path.stem}")
    expected = {
        items.Item.kind.get_discriminator(model): {
            name: attribute.null
            for name, attribute in model.get_attributes().items()
            if name not in base
        }
        for model in items.Item.__subclasses__()
    }
    listed: dict[str, dict[str, bool]] = {}
    for kind, *_, attributes in rows(MODEL, "## Items"):
        named_here = re.findall(r"`(\w+)`(\??)", attributes)
        marks = {name: bool(mark) for name, mark in named_here}
        assert listed.setdefault(kind.strip("`"), marks) == marks
    assert listed == expected
