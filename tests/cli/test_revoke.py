"""A misprinted batch is stopped with one command, wherever that is cut short."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from infra.cli.files import COLUMNS
from siyu.domain.codes import issued_code, mint
from siyu.domain.issued_codes import CodeSpec, IssuedKind
from siyu.errors import CodeNotValidError
from siyu.services.issue_codes import issue
from siyu.storage import codes
from tests.cli.terminal import ORIGIN, Terminal
from tests.faults import KilledError, line
from tests.services.shop import ISSUED_KEY, STORE, receipt, scan
from tests.support import NOW

POSTER = CodeSpec(IssuedKind.POSTER, STORE)


def made(number: int) -> list[str]:
    return [issue(POSTER, NOW).token for _ in range(number)]


def list_of(folder: Path, tokens: list[str]) -> Path:
    path = folder / "codes.csv"
    path.write_text("\n".join(["line,token", *(f"2,{token}" for token in tokens)]))
    return path


def revoked() -> dict[str, datetime | None]:
    return {code.key: code.revoked_at for code in codes.of_store(STORE)}


def test_the_list_of_a_batch_stops_the_batch_and_nothing_else(
    siyu: Terminal, tmp_path: Path
) -> None:
    orders = tmp_path / "doors.csv"
    orders.write_text(f"kind,store,label\nstore,{STORE},a\nstore,{STORE},b\n")
    (other,) = made(1)
    siyu.json(f"codes batch {orders} --origin {ORIGIN} --out {tmp_path} --no-png")
    listed = (tmp_path / "codes.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    assert siyu.json(f"codes revoke --list {tmp_path / 'codes.csv'}") == {
        "revoked": 2,
        "unknown": 0,
    }
    for row in listed:
        with pytest.raises(CodeNotValidError):
            scan(row.split(",")[COLUMNS.index("token")], "ann")
    assert scan(other, "ann").joined


def test_what_is_not_ours_is_named_by_its_line_and_the_rest_is_revoked(
    siyu: Terminal, tmp_path: Path
) -> None:
    first, second = made(2)
    never = mint(issued_code(STORE, None, 99), ISSUED_KEY)
    path = list_of(tmp_path, [first, never, "", receipt(1), second[:-1] + "U", second])
    code, out, err = siyu(f"codes revoke --list {path}")
    assert (code, out) == (1, "revoked: 2\nunknown: 4\n")
    assert err == "".join(f"siyu: line {number}: no such code\n" for number in (3, 4, 5, 6))
    assert None not in revoked().values()


def test_cut_short_it_is_given_again_and_a_code_is_revoked_once(
    siyu: Terminal, tmp_path: Path
) -> None:
    path = list_of(tmp_path, made(60))
    updates = count(1)

    def fault(_: int, operation: str) -> str | None:
        return "killed before" if operation == "UpdateItem" and next(updates) > 20 else None

    with line(fault), pytest.raises(KilledError):
        siyu(f"codes revoke --list {path}")
    before = {key: at for key, at in revoked().items() if at}
    assert len(before) == 20
    assert siyu(f"codes revoke --list {path}")[0] == 0
    after = revoked()
    assert None not in after.values()
    assert before.items() <= after.items()


@pytest.mark.parametrize("content", ["", "line,code\n2,x\n", 'token\n"x'])
def test_what_is_no_list_revokes_nothing(siyu: Terminal, tmp_path: Path, content: str) -> None:
    made(1)
    path = tmp_path / "codes.csv"
    path.write_text(content)
    assert siyu(f"codes revoke --list {path}")[0] == 2
    assert list(revoked().values()) == [None]


def test_a_code_that_was_revoked_before_keeps_its_moment(siyu: Terminal, tmp_path: Path) -> None:
    (token,) = made(1)
    earlier = NOW - timedelta(days=1)
    codes.revoke(token[1:14], earlier)
    assert siyu(f"codes revoke --list {list_of(tmp_path, [token, token])}")[0] == 0
    assert revoked() == {token[1:14]: earlier}
