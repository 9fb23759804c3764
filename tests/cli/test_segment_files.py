"""What `siyu segment` reads and writes: odd files, full disks, and never one run over another's."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from infra.cli import segment
from tests.cli.terminal import Terminal
from tests.cli.test_segment import SAMPLE, orders

AS_OF = "2011-12-10"
ANN = "1,order,,ann,2026-03-01,12.50"


def run(
    folder: Path, *words: str, biggest: int | None = None
) -> subprocess.CompletedProcess[bytes]:
    """The command by bash, in a process that may write no file of more than `biggest` bytes."""
    command = f"{sys.executable} -m infra.cli segment {' '.join(words)}"

    def limit() -> None:
        if biggest is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (biggest, biggest))

    return subprocess.run(
        ["bash", "-c", command],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        cwd=folder,
        capture_output=True,
        check=False,
        preexec_fn=limit,
    )


def test_a_full_disk_is_told_and_leaves_what_was_there(tmp_path: Path) -> None:
    words = (str(SAMPLE), "--as-of", AS_OF, "--out", "out")
    assert run(tmp_path, *words).returncode == 0
    before = {one.name: one.read_bytes() for one in (tmp_path / "out").iterdir()}
    biggest = len(before["members.csv"])
    assert biggest < len(before["report.html"])
    told = run(tmp_path, str(SAMPLE), "--as-of", "2011-12-01", "--out", "out", biggest=biggest)
    assert (told.returncode, told.stdout) == (2, b"")
    assert told.stderr.decode().splitlines() == ["siyu: out: File too large"]
    assert {one.name: one.read_bytes() for one in (tmp_path / "out").iterdir()} == before


def test_a_folder_in_the_place_of_a_file_is_told(siyu: Terminal, tmp_path: Path) -> None:
    (tmp_path / "out" / "members.csv").mkdir(parents=True)
    code, out, err = siyu(f"segment {SAMPLE} --out {tmp_path / 'out'}")
    assert (code, out, "members.csv" in err) == (2, "", True)


def test_a_name_that_is_no_text_is_shown_as_far_as_it_is(siyu: Terminal, tmp_path: Path) -> None:
    path = orders(tmp_path, ANN).rename(tmp_path / os.fsdecode(b"b\xffd.csv"))
    code, _, _ = siyu("segment", str(path), "--out", str(tmp_path / "out"))
    assert code == 0
    assert "b\ufffdd.csv" in (tmp_path / "out" / "report.html").read_text("utf-8")


def test_each_file_has_a_folder_of_its_own(
    siyu: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = orders(tmp_path, ANN)
    folders = [siyu.json(f"segment {path}")["out"]]
    for name in ("shop.CSV.gz", "till.txt"):
        path = path.rename(tmp_path / name)
        folders += [siyu.json(f"segment {path}")["out"] for _ in range(2)]
    assert folders == [
        "segments-orders-2026-03-01",
        *["segments-shop-2026-03-01"] * 2,
        *["segments-till.txt-2026-03-01"] * 2,
    ]


def test_a_scheme_may_begin_with_a_byte_order_mark(siyu: Terminal, tmp_path: Path) -> None:
    rules = tmp_path / "scheme.json"
    rules.write_bytes(b'\xef\xbb\xbf{"name": "mine", "min_population": 1}')
    path = orders(tmp_path, ANN)
    assert (
        siyu.json(f"segment {path} --scheme {rules} --out {tmp_path / 'out'}")["scheme"] == "mine"
    )


def test_it_reads_what_another_command_prints(tmp_path: Path) -> None:
    orders(tmp_path, ANN)
    told = run(tmp_path, "<(gzip -c orders.csv)", "--out", "out")
    assert (told.returncode, told.stderr) == (0, b"")
    assert b"members: 1\n" in told.stdout


def test_ctrl_c_says_that_it_begins_anew(
    siyu: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(segment, "write_bad_rows", stopped)
    code, _, err = siyu(f"segment {SAMPLE} --out {tmp_path / 'out'}")
    assert (code, "begins anew" in err, "goes on" in err) == (130, True, False)
    assert list((tmp_path / "out").iterdir()) == []


def test_what_is_not_the_members_is_told_beside_their_sales(siyu: Terminal, tmp_path: Path) -> None:
    path = orders(tmp_path, ANN, "2,order,,,2026-03-01,4", "3,refund,,dan,2026-03-01,1")
    _, printed, _ = siyu(f"segment {path} --out {tmp_path / 'out'}")
    for line in (
        "orders: 1",
        "net_sales: CNY 12.50",
        "net_sales_besides:",
        "  without_customer: CNY 4.00",
        "  refunds_only: CNY -1.00",
    ):
        assert f"\n{line}\n" in printed
    rules = tmp_path / "scheme.json"
    rules.write_text('{"name": "short", "window_days": 90}')
    _, printed, _ = siyu(f"segment {path} --out {tmp_path / 'out'} --scheme {rules}")
    assert "\nwindow: 90 days\n" in printed
