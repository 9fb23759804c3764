"""Keeps the SDK from adding a ClientRequestToken to every transaction of a local run.

dynoxide walks all tokens of the last ten minutes in each transaction, so a replay of a year spends
most of its time there. Nothing is lost: our transactions carry conditions that make a second
arrival harmless, which is what a token does on AWS for a retry of the SDK's own.
"""

from __future__ import annotations

import botocore.handlers

GENERATOR = ("before-parameter-build", botocore.handlers.generate_idempotent_uuid)


def leave_out() -> None:
    """For every session created from now on in this process."""
    if GENERATOR in botocore.handlers.BUILTIN_HANDLERS:
        botocore.handlers.BUILTIN_HANDLERS.remove(GENERATOR)
