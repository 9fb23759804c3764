"""SDK clients with our own settings: the SDK's default time-outs outlive an API call.

botocore alone serves everything: importing boto3 beside PynamoDB's botocore costs a cold start for
nothing we use.
"""

from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config

CONNECT_SECONDS = 1
READ_SECONDS = 2
RETRIES = 2
CONFIG = Config(
    connect_timeout=CONNECT_SECONDS,
    read_timeout=READ_SECONDS,
    retries={"mode": "standard", "max_attempts": RETRIES + 1},
    # The service checks what we send; checking it here too costs as much as signing it.
    parameter_validation=False,
    # A fixed name: the SDK's own is put together anew for every call, a tenth of the call's time.
    user_agent="siyu",
)


@cache
def client(service: str) -> Any:
    """The process's client of an AWS service."""
    return botocore.session.get_session().create_client(service, config=CONFIG)
