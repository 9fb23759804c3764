"""The engines start before the product's modules are imported: those read the environment."""

from tests import support

__all__ = ["support"]
