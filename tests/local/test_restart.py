"""What a second start finds: table, place in the stream, secret, parameters."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from infra.demo.driver import replay
from infra.demo.figures import Programme
from infra.demo.plan import Plan
from infra.local import engine as engines
from infra.local.aws_json import AwsJson
from infra.local.errors import LocalError
from infra.local.resolver import REGION
from infra.local.runner import LocalCloud
from tests.local.support import FIXTURE


def put(cloud: LocalCloud, key: str) -> None:
    client = AwsJson(cloud.engine.endpoint, "dynamodb", REGION)
    item = {"PK": {"S": key}, "SK": {"S": "job"}, "kind": {"S": "JOB"}}
    client.call("PutItem", TableName=cloud.env["TABLE_NAME"], Item=item)
    client.close()


def seen(cloud: LocalCloud) -> int:
    return sum(one.processed for name, one in cloud.status().items() if "Mirror" in name)


@pytest.mark.slow
def test_a_restart_continues_where_the_last_run_stopped(tmp_path: Path) -> None:
    data, scratch = tmp_path / "data", tmp_path / "scratch" / "table.db"
    given = {"Brand": "Other"}
    with LocalCloud(data, scratch, template_path=FIXTURE, parameters=given) as cloud:
        put(cloud, "one")
        put(cloud, "two")
        cloud.wait_idle(20)
        assert seen(cloud) == 2
        secret = cloud.secret
    assert not scratch.exists()
    with LocalCloud(data, template_path=FIXTURE) as cloud:
        assert cloud.env["BRAND"] == "Other"
        assert cloud.secret == secret
        put(cloud, "three")
        cloud.wait_idle(20)
        assert seen(cloud) == 1


@pytest.mark.slow
def test_a_run_goes_on_when_its_engine_was_killed_and_is_back(tmp_path: Path) -> None:
    with LocalCloud(tmp_path, template_path=FIXTURE) as cloud:
        put(cloud, "one")
        cloud.wait_idle(20)
        cloud.kill_engine()
        with pytest.raises(OSError, match="refused"):
            put(cloud, "nobody is there")
        cloud.restart_engine()
        put(cloud, "two")
        cloud.wait_idle(20)
        assert seen(cloud) == 2
        cloud.check()


@pytest.mark.slow
def test_the_fallback_engine_runs_the_same_template(tmp_path: Path) -> None:
    cloud = LocalCloud(tmp_path, memory=True, template_path=FIXTURE, engine="ministack")
    with cloud:
        assert cloud.engine.kind == "ministack"
        put(cloud, "one")
        cloud.wait_idle(20)
        assert seen(cloud) == 1


@pytest.mark.slow
def test_two_workers_share_a_queue(tmp_path: Path) -> None:
    cloud = LocalCloud(tmp_path, memory=True, template_path=FIXTURE, queue_workers=2)
    with cloud:
        client = AwsJson(cloud.queue_endpoint, "sqs", REGION)
        for number in range(60):
            url = cloud.env["JOBS_QUEUE_URL"]
            client.call("SendMessage", QueueUrl=url, MessageBody=f"job{number}")
        client.close()
        cloud.wait_idle(20)
        workers = [one for name, one in cloud.status().items() if "Worker" in name]
        assert sum(one.processed for one in workers) == 60
        assert len(workers) == 2


def test_without_any_engine_the_error_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "find_dynoxide", lambda: None)
    monkeypatch.setattr(engines, "find_ministack", lambda: None)
    with pytest.raises(LocalError, match="make setup"):
        engines.start_engine(tmp_path)


def test_a_wrong_binary_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DYNOXIDE_BIN", "/nowhere/dynoxide")
    with pytest.raises(LocalError, match="DYNOXIDE_BIN=/nowhere/dynoxide"):
        engines.find_dynoxide()


def test_a_second_run_on_the_same_folder_is_refused_and_harms_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with LocalCloud(data, template_path=FIXTURE) as cloud:
        put(cloud, "one")
        with pytest.raises(LocalError, match="another run uses"), LocalCloud(data):
            pass
        with pytest.raises(LocalError, match="another run uses"):
            replay(Plan((), (), date(2026, 11, 22), "CNY"), Programme(), data)
        assert (data / "env.json").exists()
        put(cloud, "two")
        cloud.wait_idle(20)
        assert seen(cloud) == 2
