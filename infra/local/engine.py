"""Finds and starts the DynamoDB-compatible engine of a local run."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import sys
from dataclasses import dataclass
from pathlib import Path

from infra.local.aws_json import AwsError, AwsJson
from infra.local.errors import LocalError
from infra.local.process import Guarded, free_port, start, wait_until
from infra.local.resolver import REGION

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools"
ARCHITECTURES = {"x86_64": "x64", "AMD64": "x64", "aarch64": "arm64", "arm64": "arm64"}
START_SECONDS = 20.0
# Without this index every write to a table with a stream reads all stream records of the table.
STREAM_INDEX = (
    "CREATE INDEX IF NOT EXISTS local_stream_seq"
    " ON _stream_records(table_name, CAST(sequence_number AS INTEGER))"
)
HELP = """No local DynamoDB engine was found.
Run `make setup`; it puts one into .tools/. By hand, either
  set DYNOXIDE_BIN to a dynoxide executable, or put `dynoxide` on PATH, or
  python3 -m venv .tools/ministack && .tools/ministack/bin/pip install ministack"""


@dataclass(frozen=True)
class Engine:
    """A running engine; `kind` is dynoxide or ministack."""

    kind: str
    endpoint: str
    process: Guarded


def find_dynoxide() -> Path | None:
    """$DYNOXIDE_BIN, then .tools, then PATH. Raises LocalError when $DYNOXIDE_BIN is wrong."""
    named = os.environ.get("DYNOXIDE_BIN")
    if named:
        if not os.access(named, os.X_OK):
            raise LocalError(f"DYNOXIDE_BIN={named} is not an executable file")
        return Path(named)
    machine = ARCHITECTURES.get(platform.machine(), platform.machine())
    local = TOOLS / f"node_modules/@dynoxide/{sys.platform}-{machine}/dynoxide"
    if os.access(local, os.X_OK):
        return local
    on_path = shutil.which("dynoxide")
    return Path(on_path) if on_path else None


def find_ministack() -> Path | None:
    """$MINISTACK_BIN, then .tools, then PATH."""
    named = os.environ.get("MINISTACK_BIN")
    local = Path(named) if named else TOOLS / "ministack/bin/ministack"
    if os.access(local, os.X_OK):
        return local
    on_path = shutil.which("ministack")
    return Path(on_path) if on_path else None


def start_engine(
    logs: Path, db_path: Path | None = None, kind: str | None = None, port: int | None = None
) -> Engine:
    """Starts dynoxide (`db_path` None: in memory) or, without a binary for it, ministack.

    `kind` forces one of the two; `port` None takes a free one. Raises LocalError with what to
    install when there is neither.
    """
    binary = find_dynoxide() if kind in (None, "dynoxide") else None
    if binary is not None:
        return _dynoxide(binary, logs, db_path, port or free_port())
    fallback = find_ministack() if kind in (None, "ministack") else None
    if fallback is None:
        raise LocalError(HELP)
    endpoint, process = start_ministack(fallback, "dynamodb,dynamodbstreams", logs, "engine")
    return Engine("ministack", endpoint, process)


def _dynoxide(binary: Path, logs: Path, db_path: Path | None, port: int) -> Engine:
    command = [str(binary), "serve", "--host", "127.0.0.1", "--port", str(port)]
    if db_path is not None:
        db_path.parent.mkdir(parents=True, exist_ok=True)
        command += ["--db-path", str(db_path)]
    process = start("engine", command, os.environ, logs / "engine.log")
    endpoint = f"http://127.0.0.1:{port}"
    wait_until(lambda: answers(endpoint, "dynamodb", "ListTables"), process, START_SECONDS)
    if db_path is not None:
        _index_stream(db_path)
    return Engine("dynoxide", endpoint, process)


def _index_stream(db_path: Path) -> None:
    connection = sqlite3.connect(db_path, timeout=10)
    try:
        connection.execute(STREAM_INDEX)
        connection.commit()
    finally:
        connection.close()


def start_ministack(binary: Path, services: str, logs: Path, name: str) -> tuple[str, Guarded]:
    """ministack with some services only, on this computer's loopback address."""
    port = free_port()
    settings = {
        "SERVICES": services,
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": "127.0.0.1",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        # The functions' own: S3 looks at the signature of a link.
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
    }
    process = start(name, [str(binary)], {**os.environ, **settings}, logs / f"{name}.log")
    endpoint = f"http://127.0.0.1:{port}"
    dynamo = "dynamodb" in services
    probe = ("dynamodb", "ListTables") if dynamo else ("sqs", "ListQueues")
    wait_until(lambda: answers(endpoint, *probe), process, START_SECONDS)
    return endpoint, process


def answers(endpoint: str, service: str, operation: str) -> bool:
    try:
        with AwsJson(endpoint, service, REGION, timeout=5) as client:
            client.call(operation)
    except (OSError, AwsError):
        return False
    return True
