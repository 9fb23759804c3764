"""An empty AWS account on this computer, and the environment in which tools see no other one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from infra.local.engine import ROOT, START_SECONDS, answers
from infra.local.process import Guarded, free_port, start, wait_until
from infra.local.resolver import REGION

PYTHON = ROOT / ".tools" / "e2e" / "bin" / "python"
EMULATOR = Path(__file__).with_name("emulator.py")
KEY = "test"
# What the template is made of and what `sam` asks for.
SERVICES = (
    "apigateway,cloudformation,cloudwatch,dynamodb,dynamodbstreams,events,iam,kms,lambda,logs,s3,"
    "scheduler,secretsmanager,sns,sqs,ssm,states,sts"
)


def aws_environment(outer: Mapping[str, str], endpoint: str) -> dict[str, str]:
    """The caller's environment with this account in the place of every AWS one it names.

    A profile, a file of credentials or an endpoint of one service would lead out of this computer.
    """
    kept = {name: value for name, value in outer.items() if not name.startswith("AWS_")}
    return {
        **kept,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": KEY,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
        "SAM_CLI_TELEMETRY": "0",
        "SAM_CLI_POLL_DELAY": "1",
    }


def emulator_environment(outer: Mapping[str, str], port: int, scratch: Path) -> dict[str, str]:
    """Every function inherits it, so nothing of the caller's but what a process needs to run."""
    kept = {name: outer[name] for name in ("HOME", "LANG", "PATH") if name in outer}
    return {
        **kept,
        "TMPDIR": str(scratch),
        "SERVICES": SERVICES,
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "INFO",
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": KEY,
        "AWS_DEFAULT_REGION": REGION,
    }


@dataclass(frozen=True)
class Account:
    """A running one; `env` is for the tools that work on it."""

    endpoint: str
    process: Guarded
    env: Mapping[str, str]

    def client(self, service: str) -> Any:
        """One try each: what fails here fails for good."""
        session: Any = boto3.session.Session(KEY, KEY, region_name=REGION)
        settings = Config(retries={"total_max_attempts": 1}, read_timeout=60, proxies={})
        return session.client(service, endpoint_url=self.endpoint, config=settings)


def open_account(logs: Path, scratch: Path) -> Account:
    """Starts it on a free port of the loopback address. Raises LocalError when it does not."""
    port = free_port()
    env = emulator_environment(os.environ, port, scratch)
    command = [str(PYTHON), "-I", str(EMULATOR)]
    process = start("ministack", command, env, logs / "ministack.log")
    endpoint = f"http://127.0.0.1:{port}"
    wait_until(lambda: answers(endpoint, "dynamodb", "ListTables"), process, START_SECONDS)
    return Account(endpoint, process, aws_environment(os.environ, endpoint))
