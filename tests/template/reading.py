"""What several tests of this folder read from template.yaml and the source tree."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from infra.local.template import load_template, merge_globals

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = ROOT / "functions"
SIYU = ROOT / "layers" / "core" / "python" / "siyu"


@cache
def template() -> dict[str, Any]:
    return load_template(ROOT / "template.yaml")


def resources(kind: str) -> dict[str, dict[str, Any]]:
    """Logical id -> whole resource of one type."""
    found = template()["Resources"]
    return {name: resource for name, resource in found.items() if resource["Type"] == kind}


@cache
def functions() -> dict[str, dict[str, Any]]:
    """Logical id -> properties of a function with the Globals merged in."""
    shared = template()["Globals"]["Function"]
    return {
        name: merge_globals(shared, resource["Properties"])
        for name, resource in resources("AWS::Serverless::Function").items()
    }


def events(kind: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Function -> (event name, properties) of the functions this kind of event starts."""
    return {
        function: (name, event["Properties"])
        for function, properties in functions().items()
        for name, event in properties.get("Events", {}).items()
        if event["Type"] == kind
    }


def all_events(kind: str) -> dict[str, list[dict[str, Any]]]:
    """Function -> the properties of each of its events of one type."""
    found: dict[str, list[dict[str, Any]]] = {}
    for function, properties in functions().items():
        for event in properties.get("Events", {}).values():
            if event["Type"] == kind:
                found.setdefault(function, []).append(event["Properties"])
    return found


def package_of(function: str) -> str:
    """ScanSignupFunction -> scan_signup: the rule functions/Makefile builds by."""
    words = re.findall(r"[A-Z][a-z0-9]*", function.removesuffix("Function"))
    return "_".join(words).lower()


def sources() -> list[Path]:
    """Every Python file that ships."""
    return sorted([*SIYU.rglob("*.py"), *FUNCTIONS.rglob("*.py")])
