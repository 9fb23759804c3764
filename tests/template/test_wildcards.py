"""Nobody may do everything, or something to everything: each exception has its reason here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.policies import listed
from tests.template.reading import template

# Resource of the template, effect, what is wild -> why it has to be.
REASONS = {
    ("DataKey", "Allow", "kms:*"): "a key that nobody administers is lost; this is the account",
    ("DataKey", "Allow", "Resource"): "in the policy of a key, * is the key",
    ("AudiencesBucketPolicy", "Deny", "s3:*"): "nothing goes over plain HTTP",
    ("ImportsBucketPolicy", "Deny", "s3:*"): "nothing goes over plain HTTP",
    ("QueuesPolicy", "Deny", "sqs:*"): "nothing goes over plain HTTP",
    ("QueuesPolicy", "Deny", "Resource"): "in the policy of a queue, * is the queue",
    ("FollowUpDeadLetterQueuePolicy", "Deny", "sqs:*"): "nothing goes over plain HTTP",
    ("FollowUpDeadLetterQueuePolicy", "Deny", "Resource"): "in the policy of a queue, * is it",
    ("NetworkIsLambdasPolicy", "Deny", "Resource"): "no interface at all",
    ("SegmentNightMachine", "Allow", "Resource"): "deliveries of logs have no ARN to name",
}


def statements(node: Any) -> Iterator[dict[str, Any]]:
    """Every statement of a policy, wherever in a resource it stands."""
    if isinstance(node, dict):
        if "Effect" in node:
            yield node
        for value in node.values():
            yield from statements(value)
    elif isinstance(node, list):
        for value in node:
            yield from statements(value)


def wild() -> Iterator[tuple[str, str, str]]:
    for name, resource in template()["Resources"].items():
        for one in statements(resource.get("Properties", {})):
            assert "NotAction" not in one
            assert "NotResource" not in one
            for action in listed(one["Action"]):
                if "*" in action:
                    yield name, one["Effect"], action
            # What a role trusts has none.
            if "*" in listed(one.get("Resource", [])):
                yield name, one["Effect"], "Resource"


def test_every_wildcard_has_a_reason_and_every_reason_a_wildcard() -> None:
    assert set(wild()) == set(REASONS)


def test_whoever_is_let_in_from_anywhere_is_held_by_a_condition() -> None:
    open_doors = [
        one
        for resource in template()["Resources"].values()
        for one in statements(resource.get("Properties", {}))
        if one["Effect"] == "Allow" and one.get("Principal") in ("*", {"AWS": "*"})
    ]
    assert [one["Sid"] for one in open_doors] == ["UseThroughServices"]
    assert "kms:CallerAccount" in open_doors[0]["Condition"]["StringEquals"]
