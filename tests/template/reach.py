"""Which names of the product a handler can come to use: read from the source, name by name.

Modules are too coarse: who imports a type of `siyu.wechat` does not call WeChat for that.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.template.reading import FUNCTIONS, SIYU, sources

Symbol = tuple[str, str]
# A registry finds adapters by their names, and these are what its callers ask of one.
ASKED_OF_ADAPTERS: dict[Symbol, set[str]] = {
    ("siyu.services.receive_webhook", "receive_webhook"): {"receive"},
    ("siyu.services.receive_webhook", "check_address"): {"check"},
    ("siyu.services.open_delivery", "open_delivery"): {"read"},
    ("siyu.services.reconcile_orders", "reconcile_orders"): {"listed"},
}


def module_of(path: Path) -> str:
    base = FUNCTIONS if path.is_relative_to(FUNCTIONS) else SIYU.parent
    return ".".join(path.relative_to(base).with_suffix("").parts).removesuffix(".__init__")


@cache
def trees() -> dict[str, ast.Module]:
    return {module_of(path): ast.parse(path.read_text("utf-8")) for path in sources()}


def bound(node: ast.stmt) -> list[str]:
    """The names that a statement at the top of a module gives a meaning to."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    names = [one for one in ast.walk(node) if isinstance(one, ast.Name)]
    return [one.id for one in names if isinstance(one.ctx, ast.Store)]


def imports(module: str) -> dict[str, Symbol]:
    """Local name -> the symbol it stands for; `*` stands for a module itself."""
    found: dict[str, Symbol] = {}
    for node in ast.walk(trees()[module]):
        if isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                whole = f"{node.module}.{name.name}"
                symbol = (whole, "*") if whole in trees() else (node.module, name.name)
                found[name.asname or name.name] = symbol
        elif isinstance(node, ast.Import):
            found |= {name.asname or name.name: (name.name, "*") for name in node.names}
    return found


def named_in(node: ast.stmt, known: dict[str, Symbol]) -> Iterator[Symbol]:
    """The symbols that a statement names: `name`, or `module.name`."""
    for one in ast.walk(node):
        if isinstance(one, ast.Name) and one.id in known:
            yield known[one.id]
        elif isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name):
            module, whole = known.get(one.value.id, ("", ""))
            if whole == "*":
                yield module, one.attr


@cache
def uses() -> dict[Symbol, set[Symbol]]:
    """Symbol -> the symbols that its own code names."""
    edges: dict[Symbol, set[Symbol]] = defaultdict(set)
    for module, tree in trees().items():
        code = [node for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom)]
        own = {name: (module, name) for node in code for name in bound(node)}
        known = {**imports(module), **own}
        for node in code:
            for name in bound(node) or ["*"]:
                edges[module, name].update(named_in(node, known))
    adapters = [name for name in trees() if name.startswith("siyu.channels.adapters.")]
    for caller, asked in ASKED_OF_ADAPTERS.items():
        assert caller in edges, "the rule looks for the wrong thing"
        edges[caller] |= {(adapter, name) for adapter in adapters for name in asked}
    return dict(edges)


@cache
def reached(package: str) -> frozenset[Symbol]:
    """Everything that the handler of a function can come to use."""
    todo = [symbol for symbol in uses() if symbol[0] == f"{package}.handler"]
    found: set[Symbol] = set()
    while todo:
        symbol = todo.pop()
        if symbol not in found:
            found.add(symbol)
            todo.extend(uses().get(symbol, ()))
    return frozenset(found)
