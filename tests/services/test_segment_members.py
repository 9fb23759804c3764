"""The night labels everybody by the definitions, and writes only what changed."""

import json
import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

from siyu.aws import client
from siyu.services.segment_members import segment_members
from siyu.services.show_member import show_member
from tests.faults import Canned
from tests.services.shop import paid, receipt, scan, settle
from tests.support import NOW, dump

TONIGHT = NOW.date()


def shop_of(members: int) -> None:
    """Members with one to five purchases of random size over the last 400 days."""
    randomness = random.Random(7)
    for number in range(members):
        for purchase in range(randomness.randint(1, 5)):
            at = NOW - timedelta(days=randomness.randint(0, 400))
            paid(
                f"{number}-{purchase}",
                randomness.randint(100, 90_000),
                buyer_id=f"b{number}",
                receipt_token=receipt(number) if purchase == 0 else None,
                occurred_at=at.isoformat(),
            )
        scan(receipt(number), f"shopper{number}")
    settle()


def labels() -> dict[str, str]:
    return {
        item["SK"]["S"]: item["lb"]["S"]
        for item in dump().values()
        if item["kind"]["S"] == "AGGREGATE" and "lb" in item
    }


def test_a_night_over_a_shop() -> None:
    shop_of(60)
    report = segment_members(TONIGHT)
    assert (report.members, report.changed) == (60, 60)
    for table, place in ((report.groups, 1), (report.stages, 0)):
        counted = Counter(label.split("|")[place] for label in labels().values())
        assert {name: row["members"] for name, row in table.items() if row["members"]} == counted
        sales = sum(row["net_sales_minor"] for row in table.values())
        assert sales == sum(show_member(member).measure.net_minor for member in labels())


def test_a_second_run_of_the_night_writes_no_label() -> None:
    shop_of(10)
    first = segment_members(TONIGHT)
    before = labels()
    again = segment_members(TONIGHT)
    assert (again.changed, labels()) == (0, before)
    assert (again.groups, again.stages) == (first.groups, first.stages)


def test_a_member_sees_stage_and_group() -> None:
    shop_of(10)
    segment_members(TONIGHT)
    member_id, label = next(iter(labels().items()))
    assert show_member(member_id).label == label


def refusing(code: str, times: int) -> Callable[..., AWSResponse | None]:
    """Answers the first label writes as DynamoDB does when one statement of a call failed."""
    left = times

    def answer(request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        nonlocal left
        operation = str(request.headers["X-Amz-Target"])
        if "BatchExecuteStatement" not in operation or not left:
            return None
        left -= 1
        sent: Any = request.body
        count = len(json.loads(sent)["Statements"])
        body = {"Responses": [{"Error": {"Code": code, "Message": "no"}}] * count}
        return AWSResponse(request.url, 200, HTTPHeaders(), Canned(json.dumps(body).encode()))

    return answer


@pytest.mark.parametrize(
    ("code", "times", "changed"),
    [
        ("TransactionConflict", 2, 10),
        ("ThrottlingError", 99, 0),
        ("ConditionalCheckFailed", 1, 0),
    ],
)
def test_a_statement_that_fails_for_now_is_tried_again_and_then_left_to_the_next_night(
    code: str, times: int, changed: int
) -> None:
    shop_of(10)
    events = client("dynamodb").meta.events
    refuse = refusing(code, times)
    events.register("before-send.dynamodb", refuse)
    try:
        report = segment_members(TONIGHT)
    finally:
        events.unregister("before-send.dynamodb", refuse)
    assert report.changed == changed == len(labels())
    assert segment_members(TONIGHT).changed == 10 - changed


def test_a_statement_that_is_wrong_stops_the_night() -> None:
    shop_of(1)
    events = client("dynamodb").meta.events
    refuse = refusing("ValidationError", 1)
    events.register("before-send.dynamodb", refuse)
    try:
        with pytest.raises(RuntimeError, match="ValidationError"):
            segment_members(TONIGHT)
    finally:
        events.unregister("before-send.dynamodb", refuse)


def test_an_empty_shop_and_a_shop_without_purchases() -> None:
    assert segment_members(TONIGHT).members == 0
    scan(receipt(1), "ann")
    report = segment_members(TONIGHT)
    assert report.stages["new"]["members"] == 1
    assert report.groups["unscored"]["members"] == 1


def test_cut_points_and_report_are_published() -> None:
    shop_of(5)
    segment_members(TONIGHT)
    published: dict[Any, Any] = {
        key[1]: item for key, item in dump().items() if item["kind"]["S"] == "SEGMENT"
    }
    assert published.keys() == {f"T#{TONIGHT}", f"RUN#{TONIGHT}"}
