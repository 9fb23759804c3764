"""Every alarm reaches somebody and says where to read on; everything that can fail has one."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.template.reading import ROOT, functions, resources, sources, template
from tests.template.test_triggers import QUEUES, STREAMS

ALARMS = {n: one["Properties"] for n, one in resources("AWS::CloudWatch::Alarm").items()}
HEADINGS = re.findall(r"^## (.+)$", (ROOT / "docs/runbook.md").read_text("utf-8"), re.MULTILINE)
OURS = {name: one for name, one in ALARMS.items() if one.get("Namespace") == "Siyu"}
# Nothing at all is the alarm: a job of the night that did not happen.
MISSED = {"NightMissedAlarm", "ReleaseMissedAlarm", "ReconcileMissedAlarm"}
# What counts for one stack must not count for the other stages of an account.
OF_THIS_STACK = {"Name": "service", "Value": {"Ref": "AWS::StackName"}}


@pytest.mark.parametrize("name", sorted(ALARMS))
def test_alarm_is_told_and_says_where_to_read_on(name: str) -> None:
    alarm = ALARMS[name]
    assert alarm["AlarmActions"] == [{"Ref": "AlarmTopic"}]
    (heading,) = re.findall(r'See the runbook, "(.+)"\.$', alarm["AlarmDescription"])
    assert heading in HEADINGS
    silent = "breaching" if name in MISSED else "notBreaching"
    assert alarm["TreatMissingData"] == silent


def test_alarms_go_by_mail_where_there_is_an_address() -> None:
    subscription = resources("AWS::SNS::Subscription")["AlarmSubscription"]
    assert subscription["Condition"] == "TellsSomebody"
    assert subscription["Properties"]["TopicArn"] == {"Ref": "AlarmTopic"}
    assert template()["Parameters"]["AlarmEmail"]["Default"] == ""
    assert resources("AWS::SNS::Topic")["AlarmTopic"]["Properties"]["KmsMasterKeyId"]


def test_alarms_alone_may_publish() -> None:
    policy = resources("AWS::SNS::TopicPolicy")["AlarmTopicPolicy"]["Properties"]
    (allow,) = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Allow"]
    assert allow["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert allow["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


@pytest.mark.parametrize("function", sorted(functions()))
def test_errors_of_the_alias_alarm_and_take_a_release_back(function: str) -> None:
    name = f"{function.removesuffix('Function')}ErrorsAlarm"
    alarm = ALARMS[name]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Lambda", "Errors")
    assert alarm["Dimensions"] == [
        {"Name": "FunctionName", "Value": {"Ref": function}},
        {"Name": "Resource", "Value": {"Fn::Sub": f"${{{function}}}:live"}},
    ]
    assert (alarm["Statistic"], alarm["Threshold"], alarm["Period"]) == ("Sum", 0, 60)
    preference = functions()[function]["DeploymentPreference"]
    assert preference["Enabled"] == {"Ref": "GradualDeployment"}
    assert preference["Alarms"] == [{"Ref": name}]
    assert functions()[function]["AutoPublishAlias"] == "live"


def dead_letters() -> list[str]:
    return [name for name in resources("AWS::SQS::Queue") if name.endswith("DeadLetterQueue")]


def watching(namespace: str, metric: str, value: Any) -> list[dict[str, Any]]:
    """The alarms on a metric of one thing."""
    return [
        one
        for one in ALARMS.values()
        if (one.get("Namespace"), one.get("MetricName")) == (namespace, metric)
        and one["Dimensions"][0]["Value"] == value
    ]


@pytest.mark.parametrize("queue", dead_letters())
def test_any_dead_letter_alarms(queue: str) -> None:
    name = {"Fn::GetAtt": [queue, "QueueName"]}
    (alarm,) = watching("AWS/SQS", "ApproximateNumberOfMessagesVisible", name)
    assert (alarm["Threshold"], alarm["Statistic"]) == (0, "Maximum")


@pytest.mark.parametrize("queue", QUEUES)
def test_a_queue_that_is_not_worked_off_alarms_before_it_forgets(queue: str) -> None:
    name = {"Fn::GetAtt": [f"{queue}Queue", "QueueName"]}
    (alarm,) = watching("AWS/SQS", "ApproximateAgeOfOldestMessage", name)
    kept = resources("AWS::SQS::Queue")[f"{queue}Queue"]["Properties"]
    # A message that is tried again is not late yet.
    assert kept["VisibilityTimeout"] < alarm["Threshold"] < kept["MessageRetentionPeriod"] / 10


@pytest.mark.parametrize("function", STREAMS)
def test_a_stream_that_is_read_late_alarms_long_before_it_forgets(function: str) -> None:
    (alarm,) = watching("AWS/Lambda", "IteratorAge", {"Ref": function})
    assert alarm["Statistic"] == "Maximum"
    assert alarm["Threshold"] <= 3600 * 1000


@pytest.mark.parametrize("name", sorted(OURS))
def test_alarm_watches_a_metric_that_a_function_counts(name: str) -> None:
    alarm = OURS[name]
    assert alarm["Dimensions"] == [OF_THIS_STACK]
    counted = f'"{alarm["MetricName"]}"'
    assert any(counted in path.read_text("utf-8") for path in sources())


@pytest.mark.parametrize("function", sorted(functions()))
def test_functions_count_under_the_name_that_alarms_listen_to(function: str) -> None:
    variables = functions()[function]["Environment"]["Variables"]
    assert variables["POWERTOOLS_SERVICE_NAME"] == OF_THIS_STACK["Value"]
    assert variables["POWERTOOLS_METRICS_NAMESPACE"] == "Siyu"


def test_no_level_of_logging_drops_the_lines_that_metrics_are_made_of() -> None:
    """They have no level, and Lambda takes them for INFO."""
    assert template()["Parameters"]["LogLevel"]["AllowedValues"] == ["DEBUG", "INFO"]
    formats = [functions()[name]["LoggingConfig"] for name in functions()]
    assert {str(one["ApplicationLogLevel"]) for one in formats} == {"{'Ref': 'LogLevel'}"}


@pytest.mark.parametrize("name", sorted(MISSED))
def test_a_job_that_did_not_happen_alarms_and_one_that_is_late_does_not(name: str) -> None:
    """Samples are counted and not what they add up to: an empty shop has nothing to release.

    From one night's end to the next's it may be a day and as long as a night takes at most longer.
    """
    alarm = OURS[name]
    assert (alarm["Statistic"], alarm["Threshold"]) == ("SampleCount", 1)
    assert alarm["ComparisonOperator"] == "LessThanThreshold"
    assert alarm["DatapointsToAlarm"] == alarm["EvaluationPeriods"]
    assert alarm["Period"] == 3600, "in hours, so that the day is none of the calendar's"
    assert 26 * 3600 <= alarm["Period"] * alarm["EvaluationPeriods"] <= 7 * 86_400


def test_alarms_that_money_hangs_on_are_there() -> None:
    assert {one["MetricName"] for one in OURS.values()} >= {
        "EventQuarantined",
        "EventsMissed",
        "ScanRefused",
        "TransactionGaveUp",
        "WebhookRefused",
    }
    assert "Dimensions" not in ALARMS["ThrottlesAlarm"], "the quota is the account's"
    assert ALARMS["ApiErrorsAlarm"]["MetricName"] == "5xx"


def test_many_refusals_alarm_where_they_are_most_of_the_calls() -> None:
    told = ALARMS["ApiRefusalsAlarm"]["Metrics"]
    seen = {one["Id"]: one["MetricStat"]["Metric"] for one in told if "MetricStat" in one}
    assert {key: one["MetricName"] for key, one in seen.items()} == {
        "refused": "4xx",
        "calls": "Count",
    }
    assert all(one["Dimensions"][0]["Value"] == {"Ref": "HttpApi"} for one in seen.values())
    (expression,) = [one["Expression"] for one in told if "Expression" in one]
    assert expression == "IF(refused > 1000 AND refused > calls / 2, 1, 0)"
