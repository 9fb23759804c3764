"""Each function's entry point, with events as AWS sends them, on the real engine."""

import tests.support  # noqa: F401 - first: the functions read the environment when imported
