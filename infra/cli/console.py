"""`siyu console token`: whoever may read the brand's secret lets somebody use the console's API."""

from __future__ import annotations

from argparse import Namespace
from datetime import datetime

from infra.cli.output import note, show
from siyu.api import console


def token_command(options: Namespace, now: datetime) -> int:
    made = console.issue(options.by, now)
    note(f"this is a secret: it opens the console for {options.by}, and for whoever else has it")
    show({"token": made.token, "expires_at": made.expires_at}, as_json=options.json)
    return 0
