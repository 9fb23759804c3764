"""Builds for this machine, and writes the template and the environment that `sam local` reads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from infra import build as builder
from infra.local.engine import ROOT
from infra.local.template import load_template
from infra.samlocal.containers import ARCHITECTURE, PYTHON

FOLDER = ROOT / ".aws-sam" / "samlocal"
TEMPLATE = FOLDER / "local.json"
ENVIRONMENT = FOLDER / "env.json"
LOOPBACK = re.compile(r"http://127\.0\.0\.1:(\d+)")


def build() -> None:
    """Into a folder of its own, as for a Linux of this machine's processor. Raises LocalError."""
    builder.build(FOLDER, ARCHITECTURE, PYTHON, "linux")


def local_template(built: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The built template for `sam local` on this machine.

    SAM takes a value from --env-vars only for a variable that the template declares, so those that
    only SDKs read are declared too; and it starts an image for the processor of `Architecture`.
    """
    template: dict[str, Any] = json.loads(json.dumps(built))
    variables = template["Globals"]["Function"]["Environment"]["Variables"]
    variables.update({name: "" for name in names if name not in variables})
    template["Parameters"]["Architecture"]["Default"] = ARCHITECTURE
    return template


def ports_in(environment: Mapping[str, str]) -> list[int]:
    """The ports of this machine that the functions speak to."""
    return sorted({int(port) for one in environment.values() for port in LOOPBACK.findall(one)})


def seen_from_containers(environment: Mapping[str, str], address: str) -> dict[str, str]:
    """The environment with this machine called as containers call it."""
    return {
        name: LOOPBACK.sub(rf"http://{address}:\1", value) for name, value in environment.items()
    }


def write(environment: Mapping[str, str]) -> None:
    """local.json and env.json, which holds no secret but names engines that have some."""
    built = load_template(FOLDER / "template.yaml")
    _write(TEMPLATE, local_template(built, environment))
    _write(ENVIRONMENT, {"Parameters": dict(environment)})


def _write(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")
