"""Small facts that the runner needs about the template and its neighbours."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.local.template import functions, resources_of

LAYER = "AWS::Serverless::LayerVersion"


def search_path(template_path: Path, template: Mapping[str, Any]) -> list[str]:
    """The source folders that SAM would ship: functions' CodeUri and layers' python folders."""
    base = template_path.absolute().parent
    code = {str(base / function.code_uri) for function in functions(template).values()}
    layers = []
    for properties in resources_of(template, LAYER).values():
        content = base / str(properties.get("ContentUri", "."))
        inner = content / "python"
        layers.append(str(inner if inner.is_dir() else content))
    return [path.rstrip("/") for path in sorted(code) + layers if Path(path).is_dir()]


def standin_answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
