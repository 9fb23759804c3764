"""Builds are compared by what is deployed of them, and checked against their processor."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from infra import artefacts

HEAD = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00"
ARM, X86 = HEAD + b"\xb7\x00", HEAD + b"\x3e\x00"


@pytest.fixture
def build(tmp_path: Path) -> Path:
    for name, content in {"DepsLayer/python/a.so": X86, "OneFunction/one/handler.py": b"1"}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    (tmp_path / "template.yaml").write_text("")
    return tmp_path


def test_layers_come_first_and_each_has_its_size(build: Path) -> None:
    found = artefacts.of_build(build, "x86_64")
    assert list(found) == ["DepsLayer", "OneFunction"]
    assert found["DepsLayer"].unpacked == len(X86)
    assert found["OneFunction"].packed > 0
    assert artefacts.failures(found, "x86_64") == []


def test_a_library_for_another_processor_is_no_build(build: Path) -> None:
    told = ["DepsLayer: python/a.so is not for arm64"]
    assert artefacts.failures(artefacts.of_build(build, "arm64"), "arm64") == told
    (build / "DepsLayer/python/a.so").write_bytes(ARM)
    assert artefacts.failures(artefacts.of_build(build, "arm64"), "arm64") == []


def test_a_byte_a_name_and_a_mode_make_another_build_but_no_date_does(build: Path) -> None:
    before, path = artefacts.of_build(build, "x86_64"), build / "OneFunction/one/handler.py"

    def differs() -> list[str]:
        return artefacts.differing(before, artefacts.of_build(build, "x86_64"))

    os.utime(path, (0, 0))
    assert differs() == []
    path.write_bytes(b"2")
    assert differs() == ["OneFunction"]
    path.write_bytes(b"1")
    path.chmod(0o755)
    assert differs() == ["OneFunction"]
    path.chmod(0o644)
    path.rename(path.with_name("handle.py"))
    assert differs() == ["OneFunction"]


def test_what_only_one_build_has_is_told(build: Path) -> None:
    found = artefacts.of_build(build, "x86_64")
    assert artefacts.differing(found, {"DepsLayer": found["DepsLayer"]}) == ["OneFunction"]
