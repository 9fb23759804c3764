"""`siyu codes revoke`: one code, or all of a list that a batch wrote.

A code is revoked once, so a list that was cut short is simply given again.
"""

from __future__ import annotations

from argparse import Namespace
from datetime import datetime
from pathlib import Path

from infra.cli.codes import key_of
from infra.cli.files import read_list
from infra.cli.output import note, show
from infra.cli.work import each
from siyu.domain.codes import CodeKind
from siyu.errors import NotFoundError
from siyu.services.codes import trusted
from siyu.storage import codes


def revoke_command(options: Namespace, now: datetime) -> int:
    if options.list:
        return _revoke_list(options.list, now, as_json=options.json)
    key = key_of(options.code)
    if not codes.revoke(key, now):
        raise NotFoundError("no such code")
    note(f"{key} opens nothing any more")
    return 0


def _revoke_list(path: Path, now: datetime, *, as_json: bool) -> int:
    """All that are ours are revoked, whatever else the list holds."""
    listed = [(line, trusted(token, {CodeKind.ISSUED})) for line, token in read_list(path)]
    ours = [(line, code.key) for line, code in listed if code]
    there = each(lambda one: codes.revoke(one[1], now), ours, "codes")
    gone = [line for (line, _), found in zip(ours, there, strict=True) if not found]
    unknown = sorted([*gone, *(line for line, code in listed if code is None)])
    for line in unknown:
        note(f"line {line}: no such code")
    show({"revoked": len(listed) - len(unknown), "unknown": len(unknown)}, as_json=as_json)
    return 1 if unknown else 0
