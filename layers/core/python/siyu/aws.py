"""SDK clients with our own settings: the SDK's default time-outs outlive an API call.

botocore alone serves everything: importing boto3 beside PynamoDB's botocore costs a cold start for
nothing we use.
"""

import encodings.idna  # noqa: F401 - every first connection would load it
from collections.abc import Mapping
from contextlib import suppress
from functools import cache, partial
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import NoCredentialsError

from siyu import start
from siyu.aws_data import compiled_loader

CONNECT_SECONDS = 1
READ_SECONDS = 2
RETRIES = 2


def _config(
    connect_seconds: float, read_seconds: float, retries: int, signature: str | None = None
) -> Config:
    return Config(
        signature_version=signature,
        connect_timeout=connect_seconds,
        read_timeout=read_seconds,
        retries={"mode": "standard", "total_max_attempts": retries + 1},
        # The service checks what we send; checking it here too costs as much as signing it.
        parameter_validation=False,
        # A fixed name: the SDK's own is put together anew for every call, a tenth of its time.
        user_agent="siyu",
    )


CONFIG = _config(CONNECT_SECONDS, READ_SECONDS, RETRIES)
# Senders of webhooks hang up after five seconds; before, they are told that the queue is silent.
QUEUE_CONFIG = _config(0.5, 1, 1)
# A large file is stored before it is answered. Links by the older signature hold in few regions.
FILES_CONFIG = _config(CONNECT_SECONDS, 30, RETRIES, "s3v4")
_OWN = {"sqs": QUEUE_CONFIG, "s3": FILES_CONFIG}


_sessions: list[Any] = []


def session() -> Any:
    """The process's session: what describes AWS is read once for all its clients."""
    if not _sessions:
        share(botocore.session.get_session())
    return _sessions[0]


def share(made: Any) -> None:
    """Take a session that somebody else made, unless there is one: a second one costs a cold start
    as much again as the first client."""
    made.register_component("data_loader", compiled_loader())
    if not _sessions:
        _sessions.append(made)


@cache
def client(service: str) -> Any:
    """The process's client of an AWS service."""
    config = _OWN.get(service, CONFIG)
    return session().create_client(service, config=config)


def needs(service: str, method: str = "", **request: Any) -> None:
    """A module that calls a service says so: its client is made while the function starts. If it
    names a `method`, too, and a `request` that could be one, that is rehearsed."""
    start.at_end(partial(client, service))
    if method:
        start.at_end(lambda: rehearse(client(service), method, request))


def rehearse(made: Any, method: str, request: Mapping[str, Any]) -> None:
    """Address and sign a request that is never sent: where the service is and what its requests
    look like is worked out with the first one, and kept."""
    # Where there is nothing to sign with, on a laptop, the first request says so.
    with suppress(NoCredentialsError):
        made.generate_presigned_url(method, request)
