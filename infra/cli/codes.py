"""`siyu codes create`, `list`, `show`, `revoke`."""

from __future__ import annotations

import csv
from argparse import Namespace
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from infra.cli.output import note, show, table
from infra.codes.picture import link_of, png, svg
from infra.codes.specs import COLUMNS, read_specs
from siyu.domain.calendar import business_date
from siyu.domain.codes import PAYLOAD_CHARS, CodeKind
from siyu.domain.issued_codes import CodeSpec, IssuedCode
from siyu.errors import NotFoundError
from siyu.services import issue_codes, manage_store
from siyu.services.codes import trusted
from siyu.storage import codes
from siyu.wechat.client import ErrcodeError

PNG_SCALE = 10


def create_command(options: Namespace, now: datetime) -> int:
    spec = _spec(options)
    if spec is None:
        return 2
    issued, code = issue_codes.issue(spec, now), 0
    if options.wecom:
        try:
            issued = issue_codes.befriend(issued)
        except ErrcodeError as error:
            note(f"the code is made, but WeCom refuses its guide: {error}")
            code = 1
    link = link_of(options.origin, issued.token)
    made = {"token": issued.token, "link": link, "key": issued.code.key}
    show({**made, "friend_link": issued.code.friend_link}, as_json=options.json)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "code.svg").write_text(svg(link), encoding="utf-8")
        (options.out / "code.png").write_bytes(png(link, PNG_SCALE))
    return code


def list_command(options: Namespace, now: datetime) -> int:
    revoked = manage_store.versions(options.store).revoked
    found = codes.of_store(options.store)
    rows = [_record(code, revoked, business_date(now)) for code in found]
    table(rows, as_json=options.json)
    if not rows:
        note(f"no codes were made for store {options.store}")
    return 0


def show_command(options: Namespace, now: datetime) -> int:
    code = codes.find(_key(options.code))
    if code is None:
        raise NotFoundError("no such code")
    revoked = manage_store.versions(code.spec.store).revoked
    benefit = code.spec.benefit
    more: dict[str, Any] = {
        "benefit": benefit.name if benefit else None,
        "value_minor": benefit.value_minor if benefit else None,
        "min_spend_minor": benefit.min_spend_minor if benefit else None,
        "valid_days": benefit.valid_days if benefit else None,
        "created_at": code.created_at,
        "revoked_at": code.revoked_at,
        "friend_link": code.friend_link,
    }
    show({**_record(code, revoked, business_date(now)), **more}, as_json=options.json)
    return 0


def revoke_command(options: Namespace, now: datetime) -> int:
    key = _key(options.code)
    if not codes.revoke(key, now):
        raise NotFoundError("no such code")
    note(f"{key} opens nothing any more")
    return 0


def _spec(options: Namespace) -> CodeSpec | None:
    """Read as a file of one row is, so that both ways have the same rules and the same words."""
    given = {name: getattr(options, name) for name in COLUMNS}
    with TemporaryDirectory() as folder:
        path = Path(folder, "code.csv")
        with path.open("w", encoding="utf-8", newline="") as stream:
            rows = csv.writer(stream)
            rows.writerow(given)
            rows.writerow(value or "" for value in given.values())
        specs, bad = read_specs(path)
    for reason in (reason for row in bad for reason in row.reasons):
        note(reason)
    return specs[0] if specs else None


def _key(text: str) -> str:
    """The name of a code, from itself or from the token, which must be ours."""
    if len(text) == PAYLOAD_CHARS:
        return text
    code = trusted(text, {CodeKind.ISSUED})
    if code is None:
        raise NotFoundError("no such code: mistyped, or not one that was issued")
    return code.key


def _record(code: IssuedCode, revoked: tuple[int, ...], today: date) -> dict[str, Any]:
    spec = code.spec
    return {
        "token": issue_codes.token_of_issued(code),
        "key": code.key,
        "state": _state(code, revoked, today),
        "kind": spec.kind.value,
        "guide": spec.guide,
        "channel": spec.channel,
        "used": code.used if spec.quota is not None else None,
        "quota": spec.quota,
        "valid_from": spec.valid_from,
        "valid_until": spec.valid_until,
        "key_version": code.key_version,
        "label": spec.label,
    }


def _state(code: IssuedCode, revoked: tuple[int, ...], today: date) -> str:
    if code.revoked_at is not None:
        return "revoked"
    if code.key_version in revoked:
        return "key revoked"
    if code.open_on(today):
        return "open" if code.left else "quota used"
    begins = code.spec.valid_from
    return "not begun" if begins is not None and today < begins else "over"
