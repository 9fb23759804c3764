"""One cold start: a process of its own, its INIT, its first event, and the same once more."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.coldstart.runtime_api import NEXT, RESPONSE, ColdStartError, RuntimeApi

MS = 1000.0
Event = Callable[[], dict[str, Any]]
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Program:
    """A built function: its folders in the order Lambda searches them, and its variables."""

    name: str
    handler: str
    roots: tuple[str, ...]
    environment: Mapping[str, str]
    memory: int
    timeout_seconds: int


@dataclass(frozen=True, slots=True)
class Sample:
    """Milliseconds of processor (all threads, user and system) and of the wall; peak megabytes."""

    init_cpu: float
    init_wall: float
    first_cpu: float
    first_wall: float
    second_cpu: float
    second_wall: float
    rss: float


def cold_start(python: Path, program: Program, event: Event) -> Sample:
    """`event` is called for each invocation: some are good but once. Raises ColdStartError when it
    does not start, or its answer is no success."""
    api = RuntimeApi(program.name, program.timeout_seconds)
    with tempfile.TemporaryFile() as log:
        began = time.monotonic()
        process = subprocess.Popen(
            [str(python), "-m", "awslambdaric", program.handler],
            cwd=program.roots[0],
            env=environment(program, api.address),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            started = api.hear(NEXT).at - began
            clock = Clock(process.pid)
            init = clock.milliseconds()
            first_wall = invoke(api, event())
            first = clock.milliseconds()
            second_wall = invoke(api, event())
            second = clock.milliseconds()
            rss = peak_megabytes(process.pid)
        except ColdStartError as error:
            log.seek(0)
            raise ColdStartError(f"{error}\n{log.read()[-4000:].decode()}") from None
        finally:
            process.kill()
            process.wait()
            api.close()
    walls = (started * MS, first_wall * MS, second_wall * MS)
    return Sample(init, walls[0], first - init, walls[1], second - first, walls[2], rss)


def invoke(api: RuntimeApi, event: dict[str, Any]) -> float:
    """Seconds until it answered. It is at rest again when this returns."""
    began = api.send(event)
    said = api.hear(RESPONSE)
    api.hear(NEXT)
    check(api.function, said.body)
    return said.at - began


def check(function: str, body: bytes) -> None:
    """Raises ColdStartError about an answer that is no success."""
    answer = json.loads(body)
    told = answer if isinstance(answer, dict) else {}
    if told.get("statusCode", 200) >= 300 or told.get("batchItemFailures"):
        raise ColdStartError(f"{function} answered {body[:500].decode()}")


def environment(program: Program, runtime_api: str) -> dict[str, str]:
    """What Lambda sets, and nothing of this machine.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
    """
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PYTHONPATH": os.pathsep.join(program.roots),
        # On Lambda the artefacts cannot be written to.
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_RUNTIME_API": runtime_api,
        "AWS_LAMBDA_FUNCTION_NAME": program.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(program.memory),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "AWS_LAMBDA_LOG_LEVEL": "INFO",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{program.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "coldstart",
        "LAMBDA_TASK_ROOT": program.roots[0],
        "_HANDLER": program.handler,
        **program.environment,
    }


class Clock:
    """The processor time of another process, threads that have ended included."""

    def __init__(self, pid: int) -> None:
        self._clock = ctypes.c_int()
        failed = _libc.clock_getcpuclockid(pid, ctypes.byref(self._clock))
        if failed:
            raise OSError(failed, os.strerror(failed))

    def milliseconds(self) -> float:
        return time.clock_gettime_ns(self._clock.value) / 1_000_000


def peak_megabytes(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == "VmHWM":
            return int(value.split()[0]) * 1024 / 1_000_000
    raise ColdStartError("the kernel does not tell how much memory was used")
