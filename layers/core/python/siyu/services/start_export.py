"""Carry an audience that was asked for to the function that writes its file."""

from siyu.storage import queue


def start_export(audience_id: str) -> None:
    """Queue its id; queued twice it is harmless. Raises UnavailableError."""
    queue.send_audience(audience_id)
