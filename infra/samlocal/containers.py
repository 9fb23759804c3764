"""The container engine: which one there is, its images, and a network of our own."""

from __future__ import annotations

import platform
import shutil
import subprocess
from dataclasses import dataclass

from infra.local.errors import LocalError

ARCHITECTURE = "arm64" if platform.machine().lower() in ("arm64", "aarch64") else "x86_64"
PYTHON = "3.13"
BASE = f"public.ecr.aws/lambda/python:{PYTHON}-{ARCHITECTURE}"
STAND_IN = f"siyu/lambda-python-stand-in:{PYTHON}-{ARCHITECTURE}"
# The interpreter of AWS's image and of the stand-in.
INTERPRETER = "/var/lang/bin/python3"
NO_ENGINE = """No container engine answers{reason}
`sam local` runs functions in containers. Install Docker or Finch and start it (Debian: apt install
docker.io; elsewhere Docker Desktop or Finch), or name its socket: DOCKER_HOST=unix:///path/to/docker.sock.
Without containers, `make dev` serves the same functions."""
NO_IMAGE = """No base image: {image} is not here and could not be fetched:
  {reason}
With access to that registry, docker pull {image}. Without, `make sam-base` makes a stand-in for
it from the Python {python} of this machine (Linux alone)."""


class ContainerError(LocalError):
    """The container engine refused; the text is what it said last."""


@dataclass(frozen=True)
class Network:
    """One of ours; `gateway` is this machine as its containers see it, `subnet` is in CIDR."""

    name: str
    gateway: str
    subnet: str


class Containers:
    """Docker or Finch by its command, which both spell alike."""

    def __init__(self) -> None:
        """Raises LocalError with what to install when nothing answers."""
        found = next((name for name in ("docker", "finch") if shutil.which(name)), None)
        if found is None:
            raise LocalError(NO_ENGINE.format(reason="."))
        self._command = found
        try:
            self.run("version", "--format", "{{.Server.Version}}")
        except ContainerError as error:
            raise LocalError(NO_ENGINE.format(reason=f": {error}")) from error

    def run(self, *arguments: str) -> str:
        """What the command prints. Raises ContainerError with its last line of complaint."""
        command = [self._command, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            lines = done.stderr.strip().splitlines() or [f"exit {done.returncode}"]
            raise ContainerError(lines[-1])
        return done.stdout.strip()

    def has_image(self, name: str) -> bool:
        try:
            self.run("image", "inspect", "--format", "{{.Id}}", name)
        except ContainerError:
            return False
        return True

    def base_image(self) -> str:
        """AWS's image, fetched when it is missing, or the stand-in where somebody made one.

        Raises LocalError when there is neither.
        """
        for name in (BASE, STAND_IN):
            if self.has_image(name):
                return name
        print(f"[sam-local] fetching {BASE}", flush=True)
        try:
            self.run("pull", "--quiet", BASE)
        except ContainerError as error:
            text = NO_IMAGE.format(image=BASE, reason=error, python=PYTHON)
            raise LocalError(text) from error
        return BASE

    def open_network(self, name: str) -> Network:
        """A bridge of that name; what a killed run left under it goes first."""
        self.remove_network(name)
        self.run("network", "create", name)
        spoken = "{{with index .IPAM.Config 0}}{{.Gateway}} {{.Subnet}}{{end}}"
        gateway, subnet = self.run("network", "inspect", "--format", spoken, name).split()
        return Network(name, gateway, subnet)

    def remove_network(self, name: str) -> None:
        """The network and every container on it; nothing when there is none."""
        ids = self.run("ps", "--all", "--quiet", "--filter", f"network={name}").split()
        if ids:
            self.run("rm", "--force", "--volumes", *ids)
        if name in self.run("network", "ls", "--format", "{{.Name}}").split():
            self.run("network", "rm", name)

    def python(self, image: str, network: str, code: str) -> str:
        """What a line of Python prints in a container of that network."""
        where = ("--network", network, "--entrypoint", INTERPRETER)
        return self.run("run", "--rm", *where, image, "-c", code)
