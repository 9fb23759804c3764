"""The fixture template on the real engines: triggers, failures, idleness, units, HTTP."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from infra.local.aws_json import AwsJson
from infra.local.errors import LocalError
from infra.local.process import free_port
from infra.local.resolver import REGION
from infra.local.runner import LocalCloud
from tests.local.support import FIXTURE, eventually


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    with LocalCloud(tmp_path_factory.mktemp("cloud"), memory=True, template_path=FIXTURE) as cloud:
        yield cloud


def send(cloud: LocalCloud, *bodies: str) -> None:
    client = AwsJson(cloud.queue_endpoint, "sqs", REGION)
    for body in bodies:
        client.call("SendMessage", QueueUrl=cloud.env["JOBS_QUEUE_URL"], MessageBody=body)
    client.close()


def item(cloud: LocalCloud, key: str, kind: str) -> dict[str, Any]:
    client = AwsJson(cloud.engine.endpoint, "dynamodb", REGION)
    answer = client.call(
        "GetItem", TableName=cloud.env["TABLE_NAME"], Key={"PK": {"S": key}, "SK": {"S": kind}}
    )
    client.close()
    found: dict[str, Any] = answer.get("Item", {})
    return found


def test_environment_is_the_templates(cloud: LocalCloud) -> None:
    assert cloud.env["TABLE_NAME"] == "siyu-local-Table"
    assert cloud.env["WECHAT_API_URL"] == f"{cloud.wechat_url}/sns"
    assert cloud.environment("WebFunction")["BRAND"] == "Web"
    assert cloud.environment("WorkerFunction")["BRAND"] == "Fixture"


def test_message_becomes_item_becomes_stream_record(cloud: LocalCloud) -> None:
    before = cloud.units()
    send(cloud, "job1", "job2")
    cloud.wait_idle(20)
    record = json.loads(item(cloud, "job1", "seen")["record"]["S"])
    assert record["eventSource"] == "aws:dynamodb"
    assert record["eventSourceARN"].endswith(cloud.resources["Table"].attributes["StreamArn"])
    assert record["awsRegion"] == REGION
    assert record["dynamodb"]["NewImage"]["raw"] == {"B": "AAE="}
    assert isinstance(record["dynamodb"]["ApproximateCreationDateTime"], float | int)
    assert item(cloud, "job2", "seen")
    assert cloud.units().write >= before.write + 4


@pytest.mark.slow
def test_failed_messages_go_to_the_dead_letter_queue(cloud: LocalCloud) -> None:
    send(cloud, "fail1", "job3")
    cloud.wait_idle(30)
    assert cloud.queue_depth("DeadJobs") == 1
    assert item(cloud, "job3", "job")


@pytest.mark.slow
def test_failed_records_go_to_the_on_failure_queue(cloud: LocalCloud) -> None:
    send(cloud, "poison", "sour")
    cloud.wait_idle(30)
    assert cloud.queue_depth("DeadRecords") == 2
    assert "poisoned record" in "".join(
        path.read_text() for path in cloud.logs.glob("MirrorFunction*.log")
    )
    send(cloud, "job4")
    cloud.wait_idle(20)
    assert item(cloud, "job4", "seen")


def test_http_event_and_answer(cloud: LocalCloud) -> None:
    answer = cloud.call(
        "POST",
        "/things/shop",
        {"X-A": "1", "Cookie": "a=b; c=d"},
        b'{"x": "\xc3\xa9"}',
        query="q=1&q=2",
        time_epoch_ms=1291180000123,
    )
    event = answer.json()
    assert answer.status == 200
    assert 0 < int(answer.headers["x-left"]) <= 5000
    assert event["routeKey"] == "POST /things/{source}"
    assert event["pathParameters"] == {"source": "shop"}
    assert event["queryStringParameters"] == {"q": "1,2"}
    assert event["headers"] == {"x-a": "1"}
    assert event["cookies"] == ["a=b", "c=d"]
    assert (event["body"], event["isBase64Encoded"]) == ('{"x": "é"}', False)
    assert event["requestContext"]["timeEpoch"] == 1291180000123
    assert event["requestContext"]["time"] == "01/Dec/2010:05:06:40 +0000"


def test_binary_bodies_are_base64_both_ways(cloud: LocalCloud) -> None:
    event = cloud.call("POST", "/things/shop", body=b"\xff\xfe").json()
    assert (event["body"], event["isBase64Encoded"]) == ("//4=", True)
    answer = cloud.call("POST", "/things/bytes")
    assert (answer.status, answer.body, answer.cookies) == (201, b"\xff\x00", ("a=1; Path=/",))


def test_gateway_answers_for_unknown_routes_and_raising_functions(cloud: LocalCloud) -> None:
    assert cloud.call("GET", "/nothing").status == 404
    failed = cloud.call("POST", "/things/boom")
    assert (failed.status, failed.json()) == (500, {"message": "Internal Server Error"})


def test_wechat_stand_in_is_reached(cloud: LocalCloud) -> None:
    secret = cloud.secret["wechat_secret"]
    query = f"appid=wxlocal&secret={secret}&js_code=u1.n1&grant_type=authorization_code"
    assert cloud.call("POST", "/things/wx", query=query).json()["openid"] == "u1"


def test_schedule_input_carries_the_planned_time(cloud: LocalCloud) -> None:
    result = cloud.invoke_schedule("NightlyFunction", datetime(2011, 12, 10, tzinfo=UTC))
    assert result == {"event": {"scheduled_for": "2011-12-10T00:00:00Z"}}
    with pytest.raises(LocalError, match="time zone"):
        cloud.invoke_schedule("NightlyFunction", datetime(2011, 12, 10))  # noqa: DTZ001
    with pytest.raises(LocalError, match="ScheduleV2"):
        cloud.invoke_schedule("WebFunction", datetime(2011, 12, 10, tzinfo=UTC))


def test_secret_is_private_and_stays(cloud: LocalCloud) -> None:
    path = cloud.data_dir / "Secrets.json"
    assert path.stat().st_mode & 0o777 == 0o600
    value = json.loads(path.read_text())
    assert value == cloud.secret
    assert len(value["master_key"]) == 64
    assert value["webhooks"]["shop"][0].startswith("whsec_")


def fetch(url: str, data: bytes | None = None) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url, data, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


# Powertools leaves the two files of Swagger UI open until they are collected.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_server_serves_routes_documents_and_schedules(cloud: LocalCloud) -> None:
    from infra.local.server import make_server  # noqa: PLC0415 - after the environment is set

    port = free_port()
    server = make_server(cloud, port)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert eventually(lambda: server.started)
        base = f"http://127.0.0.1:{port}"
        status, body = fetch(f"{base}/things/a%20b?q=%20", b"hello")
        event = json.loads(body)
        assert status == 200
        assert (event["rawPath"], event["rawQueryString"]) == ("/things/a b", "q=%20")
        assert event["body"] == "hello"
        status, page = fetch(f"{base}/docs")
        assert status == 200
        assert b"SwaggerUIBundle" in page
        document = json.loads(fetch(f"{base}/openapi.json")[1])
        assert document["paths"]["/things"]["get"]["summary"] == "All things"
        assert fetch(f"{base}/nothing")[0] == 404
        assert fetch(f"{base}/_local/schedules/NightlyFunction", b"")[0] == 200
        assert fetch(f"{base}/_local/schedules/WebFunction", b"")[0] == 404
        night_as_of_another_time(f"{base}/_local/schedules/NightlyFunction")
    finally:
        server.should_exit = True
        thread.join(10)


def night_as_of_another_time(night: str) -> None:
    later = b'{"scheduled_for": "2027-03-01T02:00:00+08:00"}'
    assert b"2027-02-28T18:00:00Z" in fetch(night, later)[1]
    for wrong in (b"x", b"[]", b'{"at": 1}', b'{"scheduled_for": "2027-03-01"}'):
        status, body = fetch(night, wrong)
        said = json.loads(body)
        assert (status, said["status"]) == (422, 422)
        assert said["type"] == "urn:siyu:problem:invalid_request"
        assert said["errors"][0]["field"].startswith("body")


def test_wait_idle_says_what_is_missing(cloud: LocalCloud) -> None:
    with pytest.raises(LocalError, match=r"not idle after 0 s(.|\n)*queue Jobs: \d+ messages"):
        cloud.wait_idle(0)


def test_logs_are_kept_apart(cloud: LocalCloud) -> None:
    names = {path.name for path in Path(cloud.logs).iterdir()}
    assert {"engine.log", "queues.log", "wechat.log", "functions.log"} <= names
