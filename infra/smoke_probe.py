"""The inside of `make smoke`: imports one handler, isolated like a cold start, and reports."""

from __future__ import annotations

import importlib
import json
import sys
import sysconfig
import time
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any


def strangers(roots: list[str]) -> list[str]:
    """Modules that came neither from the artefacts nor from the standard library."""
    standard = {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}
    known = (*roots, *(path for path in standard if path))
    found = []
    for name, module in list(sys.modules.items()):
        origin = getattr(module, "__file__", None)
        if name != "__main__" and origin and not is_inside(origin, known):
            found.append(name)
    return sorted(found)


def is_inside(origin: str, roots: tuple[str, ...]) -> bool:
    return "site-packages" not in origin and any(Path(origin).is_relative_to(r) for r in roots)


def without_bytecode(roots: list[str]) -> list[str]:
    """Modules of the artefacts that Lambda would have to compile in every cold start."""
    found = []
    for name, module in list(sys.modules.items()):
        origin = getattr(module, "__file__", None) or ""
        ours = is_inside(origin, tuple(roots)) if origin.endswith(".py") else False
        # Not by its __spec__: some packages put an object of their own in a module's place.
        if ours and not Path(cache_from_source(origin)).is_file():
            found.append(name)
    return sorted(found)


def probe(handler: str, roots: list[str]) -> dict[str, Any]:
    sys.path[:0] = roots
    module_name, _, function = handler.rpartition(".")
    began = time.perf_counter()
    module = importlib.import_module(module_name)
    milliseconds = round((time.perf_counter() - began) * 1000)
    return {
        "callable": callable(getattr(module, function, None)),
        "milliseconds": milliseconds,
        "modules": len(sys.modules),
        "strangers": strangers(roots),
        "without_bytecode": without_bytecode(roots),
    }


if __name__ == "__main__":
    print(json.dumps(probe(sys.argv[1], sys.argv[2:])))
