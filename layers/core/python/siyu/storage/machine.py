"""The state machine that runs a night in parts (infra/segment_night.asl.yaml)."""

import json
from datetime import date

from botocore.exceptions import ClientError

from siyu.aws import client, needs

needs("stepfunctions")

ALREADY = "ExecutionAlreadyExists"


def start_night(machine: str, as_of: date) -> None:
    """Start the machine with this ARN for a business day, unless it was started for it before.

    An execution has the name of its night, so a trigger that comes twice starts one. Step Functions
    keeps names for 90 days. Raises what the SDK raises when it is not reached.
    https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
    """
    night = as_of.isoformat()
    try:
        client("stepfunctions").start_execution(
            stateMachineArn=machine, name=f"night-{night}", input=json.dumps({"as_of": night})
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != ALREADY:
            raise
