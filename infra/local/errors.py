"""The one error type of the local runner; its text says what the developer should do."""


class LocalError(RuntimeError):
    """Something about this computer or the template stops the local run."""
