"""`siyu codes create`, `list`, `show`."""

from __future__ import annotations

from argparse import Namespace
from datetime import date, datetime
from typing import Any

from infra.cli.output import note, show, table
from infra.codes.cells import Cells
from infra.codes.picture import link_of, png, svg
from infra.codes.specs import COLUMNS, read_spec
from siyu.domain.calendar import business_date
from siyu.domain.codes import PAYLOAD_CHARS, CodeKind
from siyu.domain.issued_codes import CodeSpec, IssuedCode
from siyu.errors import NotFoundError
from siyu.services import issue_codes
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
    rows = [_record(code, business_date(now)) for code in codes.of_store(options.store)]
    table(rows, as_json=options.json)
    if not rows:
        note(f"no codes were made for store {options.store}")
    return 0


def show_command(options: Namespace, now: datetime) -> int:
    code = codes.find(key_of(options.code))
    if code is None:
        raise NotFoundError("no such code")
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
    show({**_record(code, business_date(now)), **more}, as_json=options.json)
    return 0


def key_of(text: str) -> str:
    """The name of a code, from itself or from the token, which must be ours; else NotFoundError."""
    if len(text) == PAYLOAD_CHARS:
        return text
    code = trusted(text, {CodeKind.ISSUED})
    if code is None:
        raise NotFoundError("no such code: mistyped, or not one that was issued")
    return code.key


def _spec(options: Namespace) -> CodeSpec | None:
    """By the rules of a row of a batch, and in the same words."""
    cells = Cells({name: (getattr(options, name) or "").strip() for name in COLUMNS})
    spec = read_spec(cells)
    for reason in cells.problems:
        note(reason)
    return spec


def _record(code: IssuedCode, today: date) -> dict[str, Any]:
    spec = code.spec
    return {
        "token": issue_codes.token_of_issued(code),
        "key": code.key,
        "state": _state(code, today),
        "kind": spec.kind.value,
        "guide": spec.guide,
        "channel": spec.channel,
        "used": code.used if spec.quota is not None else None,
        "quota": spec.quota,
        "valid_from": spec.valid_from,
        "valid_until": spec.valid_until,
        "label": spec.label,
    }


def _state(code: IssuedCode, today: date) -> str:
    if code.revoked_at is not None:
        return "revoked"
    if code.open_on(today):
        return "open" if code.left else "quota used"
    begins = code.spec.valid_from
    return "not begun" if begins is not None and today < begins else "over"
