"""Finds the adapter of a source."""

from functools import cache
from importlib import import_module
from typing import cast

from siyu.channels.contract import Adapter, Checked, Listing, Refusing
from siyu.errors import NotConfiguredError

PACKAGE = "siyu.channels.adapters"


@cache
def adapter(kind: str) -> Adapter:
    """The adapter for a kind of source. Raises NotConfiguredError when there is none.

    Loaded at the first request: most brands use one or two of them.
    """
    name = f"{PACKAGE}.{kind}"
    try:
        module = import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise NotConfiguredError(f"no adapter for sources of kind {kind}") from None
    return cast("Adapter", module)


def checked(kind: str) -> Checked | None:
    """The adapter, if its sender checks addresses."""
    found = adapter(kind)
    return cast("Checked", found) if hasattr(found, "check") else None


def listing(kind: str) -> Listing | None:
    """The adapter, if its sender can be asked for all that happened."""
    found = adapter(kind)
    return cast("Listing", found) if hasattr(found, "listed") else None


def refusing(kind: str) -> Refusing | None:
    """The adapter, if its sender wants words of its own."""
    found = adapter(kind)
    return cast("Refusing", found) if hasattr(found, "refusal") else None
