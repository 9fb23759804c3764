"""The functions as `sam build` left them, and a handler that does nothing beside them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from infra import smoke
from infra.coldstart.sample import Program
from infra.local.template import functions, load_template, merge_globals
from siyu.settings import Settings

BARE = "bare"
SOURCE = "def lambda_handler(event, context):\n    return {}\n"
PREFIXES = ("AWS_", "POWERTOOLS_")


def built(folder: Path) -> dict[str, Program]:
    """By package. Their variables are those of this process, where the local engines are.

    Lambda unpacks all layers of a function into one folder: so do we, into `folder`, with links.
    """
    template = load_template(smoke.BUILD / "template.yaml")
    resources, shared = template["Resources"], template["Globals"]["Function"]
    found = {}
    for name, function in functions(template, {"WeChatAppId": "wxtest"}).items():
        properties = merge_globals(shared, resources[name]["Properties"])
        package = function.handler.partition(".")[0]
        own, *layers = smoke.artefacts(properties, resources)
        found[package] = Program(
            package,
            function.handler,
            (own, str(_unpacked(folder, layers))),
            variables(function.environment),
            function.memory,
            function.timeout,
        )
    return found


def _unpacked(folder: Path, layers: Sequence[str]) -> Path:
    """The layers, one over the other, as /opt/python holds them."""
    opt = folder / f"opt-{len(layers)}"
    if not opt.exists():
        for layer in layers:
            shutil.copytree(layer, opt, copy_function=_link, dirs_exist_ok=True)
    return opt


def _link(source: str, target: str) -> None:
    """The same file by another name; a copy where the disk has no links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def variables(given: Mapping[str, Any]) -> Mapping[str, str]:
    """What the template gives a function, and the addresses of the local engines."""
    fixed = {name: value for name, value in given.items() if isinstance(value, str)}
    names = {field.name.upper() for field in fields(Settings)}
    own = {name: os.environ[name] for name in names}
    sdk = {name: value for name, value in os.environ.items() if name.startswith(PREFIXES)}
    del sdk["POWERTOOLS_METRICS_DISABLED"]  # on Lambda they are written
    return {**fixed, **own, **sdk}


def bare(folder: Path, like: Program) -> Program:
    """A handler that does nothing, with the same path to search and the same variables."""
    package = folder / BARE
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "handler.py").write_text(SOURCE)
    roots = (str(folder), *like.roots[1:])
    handler = f"{BARE}.handler.lambda_handler"
    return Program(BARE, handler, roots, like.environment, like.memory, like.timeout_seconds)
