"""`sam local` against engines of this machine: the network, the relay, the command lines."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from infra.local.engine import ROOT
from infra.local.errors import LocalError
from infra.local.process import Guarded, start, wait_until
from infra.local.wiring import standin_answers
from infra.samlocal import build
from infra.samlocal.containers import BASE, STAND_IN, ContainerError, Containers
from infra.samlocal.relay import Relay

CLOCK = Path(__file__).with_name("clock.py")
READY_SECONDS = 120.0
# How an engine in a virtual machine (Docker Desktop, Finch) calls the computer around it.
OUTSIDE = "import socket; print(socket.gethostbyname('host.docker.internal'))"
REACH = "import socket; [socket.create_connection(({address!r}, p), 5) for p in {ports}]"
UNREACHABLE = """The containers do not reach the engines at {address}, ports {ports}:
  {reason}
A firewall may stand between: let the addresses {subnet} in."""
NO_ADDRESS = """This container engine has neither its network on this machine nor the name
host.docker.internal for it: {reason}"""
# Credentials of whoever runs this are nobody's business in a container.
PRIVATE = ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE")


class Sam:
    """SAM's local commands; from `with` to its end there are a network and perhaps containers.

    `name` tells runs apart that may go on at the same time.
    """

    def __init__(self, name: str) -> None:
        """Finds engine and image and builds. Raises LocalError with what to do."""
        self._containers = Containers()
        self._image = self._containers.base_image()
        if self._image == STAND_IN:
            print(f"[sam-local] on {STAND_IN}, a stand-in for {BASE}", flush=True)
        print("[sam-local] sam build", flush=True)
        build.build()
        self._name = f"siyu-sam-{name}"
        self._undo = contextlib.ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def open(self, environment: Mapping[str, str]) -> None:
        """Makes the engines that the environment names reachable, and writes SAM's files."""
        network = self._containers.open_network(self._name)
        self._undo.callback(self._containers.remove_network, self._name)
        ports = build.ports_in(environment)
        address = network.gateway
        try:
            self._undo.callback(Relay(address, network.subnet, ports).close)
        except OSError:
            address = self._outside()
        self._reach(address, ports, network.subnet)
        build.write(build.seen_from_containers(environment, address))
        self._environment = {
            name: value
            for name, value in {**os.environ, **environment}.items()
            if name not in PRIVATE
        }

    def _outside(self) -> str:
        """A number, for with a name the SDK would put a bucket's name before it."""
        try:
            return self._containers.python(self._image, self._name, OUTSIDE)
        except ContainerError as error:
            raise LocalError(NO_ADDRESS.format(reason=error)) from error

    def _reach(self, address: str, ports: Sequence[int], subnet: str) -> None:
        code = REACH.format(address=address, ports=ports)
        try:
            self._containers.python(self._image, self._name, code)
        except ContainerError as error:
            text = UNREACHABLE.format(address=address, ports=ports, reason=error, subnet=subnet)
            raise LocalError(text) from error

    def command(self, kind: str, *more: str) -> list[str]:
        """`sam local <kind>` with all that this run needs."""
        image = ["--invoke-image", self._image] if self._image == STAND_IN else []
        files = ["--template", str(build.TEMPLATE), "--env-vars", str(build.ENVIRONMENT)]
        network = ["--docker-network", self._name, "--skip-pull-image"]
        sam = [str(ROOT / ".tools/sam/bin/python"), str(CLOCK), "local"]
        return [*sam, kind, *more, *files, *network, *image]

    @property
    def environment(self) -> Mapping[str, str]:
        """That of SAM's own process."""
        return {**self._environment, "SAM_CLI_TELEMETRY": "0"}

    def serve(self, kind: str, port: int, logs: Path) -> Guarded:
        """Starts start-api or start-lambda; a container lasts from its first request to the end."""
        at = ("--host", "127.0.0.1", "--port", str(port), "--warm-containers", "LAZY")
        process = start(kind, self.command(kind, *at), self.environment, logs / f"{kind}.log")
        wait_until(lambda: standin_answers(port), process, READY_SECONDS)
        return process

    def close(self) -> None:
        """Removes the network and whatever container is on it; safe to call twice."""
        self._undo.close()
