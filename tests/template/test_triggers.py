"""Nothing that starts a function by itself can lose an event or repeat it for ever."""

from __future__ import annotations

import json
import re

import pytest

from tests.template.reading import ROOT, all_events, events, functions, resources

STREAMS = sorted(events("DynamoDB"))
SCHEDULES = sorted(events("ScheduleV2"))
FOLLOW_UP = {"Fn::GetAtt": ["FollowUpDeadLetterQueue", "Arn"]}


def test_routes() -> None:
    """The gateway's routes are those of the document, and each function's are its own."""
    routes = {
        name: {f"{one['Method']} {one['Path']}" for one in listed}
        for name, listed in all_events("HttpApi").items()
    }
    documented = json.loads((ROOT / "infra" / "openapi.json").read_text("utf-8"))["paths"]
    assert set().union(*routes.values()) == {
        f"{method.upper()} {path}" for path, methods in documented.items() for method in methods
    }
    assert routes["ScanSignupFunction"] == {"POST /v1/scans"}
    assert routes["CodeLandingFunction"] == {"GET /r/{token}"}
    assert sum(map(len, routes.values())) == len(set().union(*routes.values()))


def test_throttles_are_of_routes_that_exist_and_tight_where_few_come() -> None:
    """A setting of a route that is not there fails the deployment."""
    api = resources("AWS::Serverless::HttpApi")["HttpApi"]["Properties"]
    settings, usual = api["RouteSettings"], api["DefaultRouteSettings"]["ThrottlingRateLimit"]
    routes = {
        f"{one['Method']} {one['Path']}" for some in all_events("HttpApi").values() for one in some
    }
    assert set(settings) <= routes
    rates = {route: one["ThrottlingRateLimit"] for route, one in settings.items()}
    assert all(one["ThrottlingBurstLimit"] == 2 * rates[r] for r, one in settings.items())
    senders = {r for r in routes if re.match(r"POST /v1/(webhooks|wecom|wechat)/", r)}
    assert {route for route, rate in rates.items() if rate > usual} == senders
    console = {route for route in routes if " /v1/console/" in route}
    private = {"POST /v1/me/export", "GET /v1/exports/{token}", "DELETE /v1/me"}
    assert {route for route, rate in rates.items() if rate <= 10} == console | private
    guessed = {"POST /v1/scans", "POST /v1/sessions", "POST /v1/me/phone"}
    assert set(settings) == senders | console | private | guessed


QUEUES = {
    "Orders": "OrderWorkerFunction",
    "Contacts": "ContactWorkerFunction",
    "Audiences": "AudienceExportFunction",
}


@pytest.mark.parametrize(("queue", "worker"), QUEUES.items())
def test_queue_waits_six_times_the_worker(queue: str, worker: str) -> None:
    properties = resources("AWS::SQS::Queue")[f"{queue}Queue"]["Properties"]
    assert properties["VisibilityTimeout"] >= 6 * functions()[worker]["Timeout"]


@pytest.mark.parametrize("name", QUEUES)
def test_queue_gives_up_into_its_dead_letter_queue(name: str) -> None:
    queues = resources("AWS::SQS::Queue")
    redrive = queues[f"{name}Queue"]["Properties"]["RedrivePolicy"]
    target = f"{'FollowUp' if name == 'Audiences' else name}DeadLetterQueue"
    assert redrive["deadLetterTargetArn"] == {"Fn::GetAtt": [target, "Arn"]}
    assert redrive["maxReceiveCount"] == 5
    # SQS counts the retention from the first send, so the last stop must keep longer.
    last_stop = queues[target]["Properties"]["MessageRetentionPeriod"]
    assert last_stop > queues[f"{name}Queue"]["Properties"]["MessageRetentionPeriod"]


@pytest.mark.parametrize("name", QUEUES.values())
def test_worker_fails_one_message_at_a_time_and_leaves_room_for_the_api(name: str) -> None:
    _, event = events("SQS")[name]
    assert event["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    # A welcome has seconds and a file takes minutes, so these come one by one.
    assert event["BatchSize"] == (10 if name == "OrderWorkerFunction" else 1)
    assert 2 <= event["ScalingConfig"]["MaximumConcurrency"] <= 1000


def test_stream_has_the_two_readers_it_can_bear() -> None:
    assert STREAMS == ["MemberChangesFunction", "ReferralCreditFunction"]


@pytest.mark.parametrize("name", STREAMS)
def test_poison_record_cannot_block_the_stream(name: str) -> None:
    _, event = events("DynamoDB")[name]
    assert event["MaximumRetryAttempts"] == 5
    # The stream keeps a record for a day; what waits that long is handed on before it is gone.
    assert 22 * 3600 <= event["MaximumRecordAgeInSeconds"] < 24 * 3600
    assert event["BisectBatchOnFunctionError"] is True
    assert event["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert event["DestinationConfig"]["OnFailure"]["Destination"] == FOLLOW_UP


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("MemberChangesFunction", ["IDENTITY", "RECEIPT", "ERASURE", "LOOKUP", "AUDIENCE"]),
        ("ReferralCreditFunction", ["ORDER", *["PROFILE"] * 3, "REVIEW"]),
    ],
)
def test_stream_reader_sees_only_its_kinds(name: str, kinds: list[str]) -> None:
    _, event = events("DynamoDB")[name]
    patterns = [json.loads(one["Pattern"]) for one in event["FilterCriteria"]["Filters"]]
    images = [pattern["dynamodb"] for pattern in patterns]
    # An undone merge shows in what was there before.
    seen = [image.get("NewImage", image.get("OldImage"))["kind"] for image in images]
    assert seen == [{"S": [kind]} for kind in kinds]
    assert not any("REMOVE" in pattern["eventName"] for pattern in patterns)


@pytest.mark.parametrize("name", SCHEDULES)
def test_night_is_shanghais_and_has_six_fields(name: str) -> None:
    _, event = events("ScheduleV2")[name]
    fields = re.fullmatch(r"cron\((.+)\)", event["ScheduleExpression"])
    assert fields is not None
    assert len(fields[1].split()) == 6
    assert event["ScheduleExpressionTimezone"] == "Asia/Shanghai"
    due = {"scheduled_for": "<aws.scheduler.scheduled-time>"}
    if name == "SegmentNightlyFunction":
        said = json.loads(event["Input"]["Fn::Sub"])
        assert said == {**due, "machine": "${SegmentNightMachine}"}
    else:
        assert json.loads(event["Input"]) == due


def test_jobs_run_when_what_they_need_is_there() -> None:
    """Credits are released before members are scored; WeChat Pay's list is there from ten."""
    expressions = {n: e["ScheduleExpression"] for n, (_, e) in events("ScheduleV2").items()}
    assert expressions == {
        "OrderReconcileFunction": "cron(0 11 * * ? *)",
        "ReferralReleaseFunction": "cron(0 2 * * ? *)",
        "SegmentNightlyFunction": "cron(30 2 * * ? *)",
    }


@pytest.mark.parametrize("name", SCHEDULES)
def test_failed_night_is_kept(name: str) -> None:
    _, event = events("ScheduleV2")[name]
    assert event["RetryPolicy"]["MaximumRetryAttempts"] <= 185
    assert event["DeadLetterConfig"] == {"Arn": FOLLOW_UP}
    # The scheduler only hands over; a crash of the function itself goes by this way.
    asynchronous = functions()[name]["EventInvokeConfig"]
    assert asynchronous["DestinationConfig"]["OnFailure"]["Destination"] == FOLLOW_UP


def test_day_files_start_the_import_and_its_reports_do_not() -> None:
    _, event = events("EventBridgeRule")["OrderImportFunction"]
    detail = event["Pattern"]["detail"]
    assert detail["bucket"]["name"] == [{"Ref": "ImportsBucket"}]
    assert detail["object"]["key"] == [{"prefix": "incoming/"}]
    bucket = resources("AWS::S3::Bucket")["ImportsBucket"]["Properties"]
    assert bucket["NotificationConfiguration"]["EventBridgeConfiguration"] == {
        "EventBridgeEnabled": True
    }
    assert event["DeadLetterConfig"] == {"Arn": FOLLOW_UP}
    assert event["RetryPolicy"]["MaximumRetryAttempts"] <= 185
    # The rule has no role: the queue itself lets it in, and nobody else's rule.
    policy = resources("AWS::SQS::QueuePolicy")["FollowUpDeadLetterQueuePolicy"]["Properties"]
    (allow,) = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Allow"]
    assert (allow["Action"], allow["Resource"]) == ("sqs:SendMessage", FOLLOW_UP)
    rule = {"Fn::GetAtt": ["OrderImportFunctionFile", "Arn"]}
    assert allow["Condition"] == {"ArnEquals": {"aws:SourceArn": rule}}
    asynchronous = functions()["OrderImportFunction"]["EventInvokeConfig"]
    assert asynchronous["DestinationConfig"]["OnFailure"]["Destination"] == FOLLOW_UP
