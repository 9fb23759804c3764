"""House limits and rules no linter knows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.template.reading import FUNCTIONS, ROOT, SIYU, sources

HANDLER_LINES = 60
MODULE_LINES = 200
# One template, deployed together; a function with its log group and its alarm takes about 40 lines.
TEMPLATE_LINES = 2300
KEY = re.compile(r"^[A-Z][A-Z0-9]*#")
HOSTS = re.compile(r"https?://|file:|^\s*--(?:index-url|extra-index-url|find-links)", re.MULTILINE)


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def longer_than(limit: int, paths: Iterable[Path]) -> dict[str, int]:
    return {relative(path): lines(path) for path in paths if lines(path) > limit}


def test_handlers_stay_thin() -> None:
    assert longer_than(HANDLER_LINES, FUNCTIONS.glob("*/handler.py")) == {}


def test_modules_stay_small() -> None:
    # Every key of the table in one place is worth a longer file, and so is every refusal.
    paths = [path for path in sources() if path.name not in {"keys.py", "errors.py"}]
    assert longer_than(MODULE_LINES, paths) == {}


def test_template_stays_readable() -> None:
    assert lines(ROOT / "template.yaml") <= TEMPLATE_LINES


def key_strings(path: Path) -> list[str]:
    """String literals (also the start of f-strings) that look like a key of the table."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    literals = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return [value for value in literals if isinstance(value, str) and KEY.match(value)]


def test_keys_of_the_table_are_made_in_one_place() -> None:
    keys = SIYU / "storage" / "keys.py"
    assert key_strings(keys), "the rule looks for the wrong thing"
    elsewhere = {relative(p): key_strings(p) for p in sources() if p != keys and key_strings(p)}
    assert not elsewhere


def test_only_settings_reads_the_environment() -> None:
    readers = [relative(p) for p in sources() if re.search(r"os\.(environ|getenv)", p.read_text())]
    assert readers == [relative(SIYU / "settings.py")]


@pytest.mark.parametrize(
    "path", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda p: p.stem
)
def test_requirements_are_pinned_hashed_and_name_no_host(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not HOSTS.search(text)
    pins = re.findall(r"^[a-z0-9][^\s=]*==\S+.*\\$", text, flags=re.MULTILINE)
    names = re.findall(r"^[a-z0-9].*$", text, flags=re.MULTILINE)
    assert pins == names
    assert text.count("--hash=sha256:") >= len(pins)


def pinned(name: str) -> set[str]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    return set(re.findall(r"^[a-z0-9][^\s=]*==\S+", text, flags=re.MULTILINE))


def test_checks_run_on_the_versions_that_ship() -> None:
    assert pinned("runtime") <= pinned("local") <= pinned("dev")


def test_every_direct_dependency_is_justified() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    direct = {
        re.split(r"[\[=]", line)[0]
        for path in (ROOT / "requirements").glob("*.in")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.match(r"[A-Za-z]", line)
    }
    assert {name for name in direct if f"`{name}`" not in page} == set()


def test_help_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    block = re.search(r"^\.PHONY:((?:.*\\\n)*.*)$", makefile, flags=re.MULTILINE)
    assert block is not None
    targets = set(block[1].replace("\\\n", " ").split())
    assert targets == set(re.findall(r"^([a-z0-9-]+):.*## ", makefile, flags=re.MULTILINE))


def test_the_layer_describes_every_service_that_the_code_calls() -> None:
    """The build drops botocore's descriptions of all others, and a laptop has them all."""
    makefile = (ROOT / "layers" / "deps" / "Makefile").read_text(encoding="utf-8")
    kept = re.search(r"^SERVICES = (.+)$", makefile, flags=re.MULTILINE)
    assert kept is not None
    called = {
        name for path in sources() for name in re.findall(r'client\("(\w+)"\)', path.read_text())
    }
    assert {"s3", "sqs"} <= called
    assert called <= set(kept[1].split())
