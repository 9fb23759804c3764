"""Step Functions on this machine: ministack's, with canned answers in place of functions."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import botocore.session

from infra.local.engine import find_ministack, start_ministack
from infra.local.process import stop_all
from infra.local.resolver import ACCOUNT, REGION

NAME = "night"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/night"
# The test case of the canned answers, named behind the machine's ARN.
CASE = "one"


@contextmanager
def step_functions(folder: Path, answers: Mapping[str, list[Any]] | None = None) -> Iterator[str]:
    """The endpoint. `answers` are those of the tasks' functions, one after another, the last for
    ever, by the name of the state."""
    mocked = {
        "StateMachines": {NAME: {"TestCases": {CASE: {name: name for name in answers or {}}}}},
        "MockedResponses": {
            name: {
                str(number) if one is not last else f"{number}-999": {
                    "Return": {"StatusCode": 200, "Payload": one}
                }
                for last in several[-1:]
                for number, one in enumerate(several)
            }
            for name, several in (answers or {}).items()
        },
    }
    file = folder / "answers.json"
    file.write_text(json.dumps(mocked), encoding="utf-8")
    binary = find_ministack()
    assert binary is not None
    with patch.dict("os.environ", SFN_MOCK_CONFIG=str(file)):
        endpoint, process = start_ministack(binary, "sqs,states", folder, "states")
    try:
        yield endpoint
    finally:
        stop_all([process])


def client_at(endpoint: str) -> Any:
    return botocore.session.get_session().create_client(
        "stepfunctions",
        region_name=REGION,
        endpoint_url=endpoint,
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )


def create_machine(client: Any, definition: Mapping[str, Any]) -> str:
    """A machine; its ARN."""
    made = client.create_state_machine(name=NAME, definition=json.dumps(definition), roleArn=ROLE)
    arn: str = made["stateMachineArn"]
    return arn


def run(client: Any, machine: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The description of an execution that ended."""
    started = client.start_execution(stateMachineArn=f"{machine}#{CASE}", input=json.dumps(given))
    for _ in range(200):
        told: dict[str, Any] = client.describe_execution(executionArn=started["executionArn"])
        if told["status"] != "RUNNING":
            return told
        time.sleep(0.05)
    raise TimeoutError("the execution did not end")
