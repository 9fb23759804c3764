"""Scenarios that the whole must pass, one module each."""

import tests.support  # noqa: F401 - first: the functions read the environment when imported
