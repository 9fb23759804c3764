"""What the console says of rules that are off, and of faults, in plain words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from siyu.api.programme import ProgrammeRequest
from tests.functions.calls import body, call, refused, with_body
from tests.functions.make_events import http
from tests.functions.programme_events import events
from tests.support import dump

PUBLISH = events(http)["console_programme/publish"]


def publish(**fields: Any) -> Any:
    return call("console_programme", with_body(PUBLISH, json.dumps({"version": "v", **fields})))


def test_rules_that_are_off_need_no_rate_and_may_have_one() -> None:
    made = body(publish(enabled=False))
    assert (made["enabled"], made["rate_bp"], made["fixed_minor"]) == (False, 0, None)
    assert body(publish(enabled=False)) == made
    again = body(publish(version="w", enabled=False, fixed_minor=100))
    assert (again["rate_bp"], again["fixed_minor"]) == (None, 100)


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"enabled": True}, "body", "give rate_bp or fixed_minor, one of the two"),
        (
            {"enabled": False, "rate_bp": 1, "fixed_minor": 1},
            "body",
            "give rate_bp or fixed_minor, one of the two",
        ),
        ({"rate_bp": 1, "rate": 5}, "body.rate", "no such field"),
        ({"rate_bp": 1, "checks": {"fraud": 1}}, "body.checks.fraud", "no such field"),
        ({"rate_bp": 1, "coupon": {"name": "a", "valid_days": 1}}, "body.coupon.value_minor", "is"),
        ({"rate_bp": 1, "coupon": 5}, "body.coupon", "a JSON object is expected"),
        ({"rate_bp": "8%"}, "body.rate_bp", "a whole number of basis points (800 is 8 per cent)"),
        (
            {"rate_bp": 1, "max_credit_minor": 0.5},
            "body.max_credit_minor",
            "a whole number of minor",
        ),
        ({"rate_bp": 0}, "body.rate_bp", "0 earns nothing; to give nothing, publish a pause"),
        ({"rate_bp": 1, "budget_minor": 0}, "body.budget_minor", "0 lets nothing be earned"),
        (
            {"rate_bp": 1, "per_day_minor": 9, "per_month_minor": 8},
            "body.per_day_minor",
            "9 is more than the 8 of per_month_minor: lower it, or raise per_month_minor",
        ),
        ({"rate_bp": 1, "return_window_days": 60}, "body.return_window_days", "59 at most"),
        ({"rate_bp": 1, "excluded_skus": ["*"]}, "body.excluded_skus", "a pattern excludes every"),
        *(
            ({"rate_bp": 1, "effective_from": at}, "body.effective_from", "a time is written like")
            for at in ("2027-03-01T00:00:00", "2027-03-01", "soon", 1_900_000_000)
        ),
    ],
)
def test_faults_are_told_in_plain_words(fields: dict[str, Any], field: str, words: str) -> None:
    answer = publish(**fields)
    refused(answer, 422, "invalid_request")
    (fault,) = body(answer)["errors"]
    assert fault["field"] == field
    assert fault["problem"].startswith(words)
    assert dump() == {}


def test_every_field_of_the_rules_is_described() -> None:
    schema = ProgrammeRequest.model_json_schema()
    bodies = [one for one in (schema, *schema["$defs"].values()) if "enum" not in one]
    assert len(bodies) == 3
    for one in bodies:
        assert one["properties"]
        assert [
            name for name, field in one["properties"].items() if "description" not in field
        ] == []
