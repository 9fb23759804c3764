"""The environment must be set before the code is imported."""

from tests import support

__all__ = ["support"]
