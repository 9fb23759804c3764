"""The engines start before the functions' modules are imported: those read the environment."""

from tests import support

__all__ = ["support"]
