"""Nothing that `make e2e` starts can reach another account, or keeps what a killed run left."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from infra.e2e import scratch as scratch_module
from infra.e2e.account import aws_environment, emulator_environment
from infra.e2e.emulator import plain
from infra.e2e.scratch import scratch

ENDPOINT = "http://127.0.0.1:4566"
OUTER = {
    "PATH": "/bin",
    "HOME": "/nowhere",
    "AWS_PROFILE": "prod",
    "AWS_SESSION_TOKEN": "real",
    "AWS_ENDPOINT_URL_S3": "https://s3.example",
    "AWS_ACCESS_KEY_ID": "real",
    "PYTHONPATH": "/else",
}
NOBODY = 2**22 + 1  # beyond what Linux gives as a process id


def test_tools_see_one_account_and_no_profile() -> None:
    env = aws_environment(OUTER, ENDPOINT)
    assert env["PATH"] == "/bin"
    assert env["AWS_ENDPOINT_URL"] == ENDPOINT
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3"} & env.keys()
    assert env["AWS_ACCESS_KEY_ID"] != "real"
    assert env["AWS_CONFIG_FILE"] == env["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull


def test_functions_inherit_nothing_of_the_callers_but_what_a_process_needs() -> None:
    env = emulator_environment(OUTER, 4566, Path("/scratch"))
    assert OUTER.keys() & env.keys() == {"PATH", "HOME", "AWS_ACCESS_KEY_ID"}
    assert env["AWS_ACCESS_KEY_ID"] != "real"
    assert env["BIND_HOST"] == "127.0.0.1"
    assert (env["GATEWAY_PORT"], env["TMPDIR"]) == ("4566", "/scratch")


def test_an_alarm_over_an_expression_is_taken_as_one_over_its_first_metric() -> None:
    stat = {"Metric": {"Namespace": "N", "MetricName": "M"}, "Period": 60, "Stat": "Sum"}
    queries = [{"Id": "e", "Expression": "a + b"}, {"Id": "a", "MetricStat": stat}]
    assert plain({"Metrics": queries, "Threshold": 1}) == {
        "Threshold": 1,
        "Namespace": "N",
        "MetricName": "M",
    }


def test_any_other_alarm_stays_as_it_is() -> None:
    alarm = {"Namespace": "N", "MetricName": "M", "Threshold": 1}
    assert plain(alarm) == alarm


def test_the_scratch_folder_is_gone_afterwards_even_on_failure(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "layer").mkdir()
        raise RuntimeError

    with pytest.raises(RuntimeError), scratch(tmp_path / "disk", tmp_path) as given:
        fail(given)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_goes_and_that_of_a_running_one_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scratch_module, "NEEDED_BYTES", 0)
    mine = f"siyu-e2e-{os.getuid()}-"
    left, running = tmp_path / f"{mine}{NOBODY}", tmp_path / f"{mine}{os.getppid()}"
    left.mkdir()
    running.mkdir()
    with scratch(tmp_path / "disk", tmp_path) as folder:
        assert folder.parent == tmp_path
    assert list(tmp_path.iterdir()) == [running]


def test_without_room_in_memory_the_scratch_folder_is_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scratch_module, "NEEDED_BYTES", 2**62)
    with scratch(tmp_path / "disk", tmp_path) as folder:
        assert folder == tmp_path / "disk"
    assert not folder.exists()
