"""A batch makes every code once, however often and wherever it is cut short."""

from __future__ import annotations

import csv
from collections.abc import Callable
from itertools import count, pairwise
from pathlib import Path

import pytest

from infra.cli.__main__ import main
from infra.cli.batch import Batch, Row
from infra.cli.work import THREADS
from siyu.domain.issued_codes import CodeSpec, IssuedKind
from siyu.services import issue_codes
from siyu.storage import codes
from siyu.wechat import wecom
from siyu.wechat.client import ErrcodeError
from tests.cli.terminal import ORIGIN
from tests.faults import KilledError, line
from tests.services.shop import scan
from tests.support import NOW, kinds

STORES = [f"{number:03d}" for number in range(20)]


def rows(size: int) -> list[Row]:
    """Ten equal rows in a line, then ten others."""
    specs = [
        CodeSpec(IssuedKind.POSTER, STORES[number // 10 % len(STORES)], label=str(number // 10))
        for number in range(size)
    ]
    origins = issue_codes.origins("batch", specs)
    return [Row(at, *pair) for at, pair in enumerate(zip(specs, origins, strict=True), start=2)]


def tokens(ordered: list[Row]) -> list[str]:
    made = Batch(ordered, NOW, wecom=False).make()
    assert [one.row for one in made] == ordered
    return [one.issued.token for one in made]


def killed_at_put(number: int, accident: str) -> Callable[[int, str], str | None]:
    """The process dies at that put; nothing of what its threads had in mind arrives any more."""
    puts = count(1)

    def fault(_: int, operation: str) -> str | None:
        at = next(puts) if operation == "PutItem" else 0
        if at > number:
            return "killed before"
        return accident if at == number else None

    return fault


def stored() -> set[str]:
    """The tokens of all codes there are."""
    return {issue_codes.token_of_issued(code) for store in STORES for code in codes.of_store(store)}


def resumed(size: int, at_put: int, accident: str = "killed after") -> None:
    """A run is killed, run again, and run once more."""
    ordered = rows(size)
    with line(killed_at_put(at_put, accident)), pytest.raises(KilledError):
        tokens(ordered)
    before = stored()
    assert 0 <= at_put - len(before) <= THREADS
    second = tokens(ordered)
    assert len(set(second)) == size
    assert before < set(second) == stored()
    assert tokens(ordered[:50]) == second[:50]


@pytest.mark.parametrize("at_put", [1, 2, 60, 100])
def test_a_batch_killed_before_a_put_is_made_whole(at_put: int) -> None:
    resumed(120, at_put, "killed before")


@pytest.mark.parametrize("at_put", [1, 2, 60, 100])
def test_a_batch_killed_after_a_put_is_made_whole(at_put: int) -> None:
    resumed(120, at_put)


@pytest.mark.slow
def test_ten_thousand_codes_survive_a_kill() -> None:
    resumed(10_000, 2_500)


def test_ten_thousand_equal_rows_have_ten_thousand_origins() -> None:
    spec = CodeSpec(IssuedKind.POSTER, "001")
    assert len(set(issue_codes.origins("batch", [spec] * 10_000))) == 10_000


def run(folder: Path, text: str, *more: str) -> tuple[int, list[dict[str, str]]]:
    """The command over a file; its exit code, and the list it wrote."""
    (folder / "doors.csv").write_text(text, encoding="utf-8")
    out = folder / "out"
    arguments = ["codes", "batch", str(folder / "doors.csv"), "--origin", ORIGIN, "--out", str(out)]
    code = main([*arguments, *more])
    with (out / "codes.csv").open(encoding="utf-8-sig", newline="") as stream:
        return code, list(csv.DictReader(stream))


def test_the_command_writes_list_pictures_and_sheet(tmp_path: Path) -> None:
    text = "kind,store,guide,label\nstore,A1B,,正门\n\nposter,a1b,,left\nposter,A1B,,left\n"
    code, found = run(tmp_path, text, "--title", "Spring")
    assert code == 0
    assert [one["line"] for one in found] == ["2", "4", "5"]
    assert found[0]["label"] == "正门"
    printed = [one["token"] for one in found]
    assert [one["link"] for one in found] == [f"{ORIGIN}/r/{token}" for token in printed]
    for suffix, begin in (("svg", b"<svg"), ("png", b"\x89PNG")):
        pictures = {path.stem: path for path in (tmp_path / "out" / suffix).iterdir()}
        assert set(pictures) == set(printed)
        assert all(path.read_bytes().startswith(begin) for path in pictures.values())
    sheet = (tmp_path / "out" / "sheet.html").read_text(encoding="utf-8")
    assert "<title>Spring</title>" in sheet
    assert sheet.count("<svg") == 3
    assert [scan(token, name).joined for name, token in enumerate_names(printed)] == [True] * 3


def enumerate_names(printed: list[str]) -> list[tuple[str, str]]:
    return [(f"shopper{number}", token) for number, token in enumerate(printed)]


def test_bad_rows_are_named_and_mended_without_a_second_code_for_the_good_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "kind,store,label\nstore,A1B,one\ndoor,A1,two\nstore,A1B,three\n"
    code, before = run(tmp_path, text, "--no-png")
    told = capsys.readouterr().err
    assert code == 1
    assert "line 3: kind is 'door'" in told
    assert "; store 'A1' is not 3 characters" in told
    assert not (tmp_path / "out" / "png").exists()
    name = told.partition("batch ")[2].partition(":")[0]
    code, after = run(tmp_path, text.replace("door,A1,", "store,A1B,"), "--no-png", "--name", name)
    assert (code, len(after), kinds()) == (0, 3, {"CODE": 3})
    assert [one["token"] for one in before] == [after[0]["token"], after[2]["token"]]


def test_revoked_codes_are_told_and_another_name_makes_new_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "kind,store\nstore,A1B\nstore,A1B\n"
    run(tmp_path, text, "--no-png")
    assert main(["codes", "revoke", "--list", str(tmp_path / "out" / "codes.csv")]) == 0
    code, old = run(tmp_path, text, "--no-png")
    assert code == 1
    assert "2 of these codes are revoked" in capsys.readouterr().err
    (tmp_path / "two").mkdir()
    _, new = run(tmp_path / "two", text, "--no-png", "--name", "again")
    assert not {one["token"] for one in old} & {one["token"] for one in new}
    assert scan(new[0]["token"], "ann").joined


def test_a_folder_holds_one_batch_and_an_empty_one_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The list is what a misprinted batch is revoked by: it must not be lost to another one."""
    text = "kind,store\nstore,A1B\n"
    _, kept = run(tmp_path, text, "--no-png", "--name", "first")
    for more in (["--name", "second"], []):
        code, now = run(tmp_path, text + "poster,A1B\n", "--no-png", *more)
        assert (code, now) == (2, kept)
    assert "holds batch first" in capsys.readouterr().err
    code, now = run(tmp_path, "kind,store\ndoor,A1B\n", "--no-png", "--name", "first")
    assert (code, now) == (1, kept)


def test_a_code_whose_last_day_has_passed_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, made = run(tmp_path, "kind,store,valid_until\nstore,A1B,2020-01-31\n", "--no-png")
    assert (code, len(made)) == (1, 1)
    assert "1 of these codes are over already" in capsys.readouterr().err


def test_a_guide_whom_wecom_refuses_is_named_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = wecom.add_contact_way

    def choosy(user_id: str, state: str) -> wecom.ContactWay:
        if user_id == "gone":
            raise ErrcodeError(40031)
        return real(user_id, state)

    monkeypatch.setattr(wecom, "add_contact_way", choosy)
    text = "kind,store,guide\nguide,A1B,gone\nguide,A1B,lily\n"
    code, found = run(tmp_path, text, "--no-png")
    assert (code, len(found)) == (1, 2)
    assert "line 2: the code is made, but WeCom refuses its guide" in capsys.readouterr().err
    links = [scan(one["token"], one["guide"]).friend_link for one in found]
    assert [link is None for link in links] == [True, False]
    monkeypatch.undo()
    assert run(tmp_path, text, "--no-png")[0] == 0
    assert scan(found[0]["token"], "gone").friend_link


def test_without_wecom_no_contact_way_is_made(tmp_path: Path) -> None:
    _, found = run(tmp_path, "kind,store,guide\nguide,A1B,lily\n", "--no-png", "--no-wecom")
    assert scan(found[0]["token"], "ann").friend_link is None


def test_lines_rise_with_the_file(tmp_path: Path) -> None:
    text = 'kind,store,label\nstore,A1B,"a"\nposter,A1B,\n\n,,\nparcel,A1B,x\n'
    _, found = run(tmp_path, text, "--no-png")
    numbers = [int(one["line"]) for one in found]
    assert all(one < other for one, other in pairwise(numbers))
    assert numbers == [2, 3, 6]
