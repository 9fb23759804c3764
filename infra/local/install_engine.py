"""Installs the local stand-ins for DynamoDB, SQS and Secrets Manager into the git-ignored .tools/.

DynamoDB is dynoxide (one npm package with one binary); where that cannot be had, ministack takes
its place. ministack always comes along, for SQS and Secrets Manager. Standard library only: this
must not depend on what it prepares.
"""

from __future__ import annotations

import json
import platform
import shutil
import socket
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools"
MINISTACK = TOOLS / "ministack"
VERSION = "1.2.1"
# npm checks a download against the digest the registry states; these are the ones we reviewed.
# A platform without a line is installed on the registry's word, and the run says so.
INTEGRITY = {
    "linux-x64": (
        "sha512-sBHqlxJ9ANkLluFkYRfd5r8Y0ApFew4FhOrlhgRAgD4XzEoFOukEo1nuBTQ1+jTtofqwn4NWQ2k0Tn5mNTjgUg=="
    ),
}
MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
DOWNLOAD_SECONDS = 300
START_SECONDS = 5.0


class InstallError(RuntimeError):
    """Why a stand-in is not usable on this machine."""


def say(text: str) -> None:
    print(f"[setup] {text}", flush=True)


def npm_platform() -> str:
    """The suffix npm packages use for this machine, for example linux-x64 or darwin-arm64."""
    machine = platform.machine().lower()
    return f"{sys.platform}-{MACHINES.get(machine, machine)}"


def run(command: list[str], seconds: int = DOWNLOAD_SECONDS) -> None:
    """Raises InstallError with the last line the command wrote when it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired as error:
        raise InstallError(f"{command[0]} took more than {seconds} s") from error
    if done.returncode:
        lines = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()
        reasons = [line for line in lines if "code E" in line or "ERROR" in line]
        raise InstallError(f"{Path(command[0]).name}: {(reasons or lines)[-1].strip()}")


def download_dynoxide(suffix: str) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise InstallError("npm is not on PATH")
    package = f"@dynoxide/{suffix}"
    flags = ["--no-save", "--no-audit", "--no-fund", "--ignore-scripts"]
    run([npm, "install", "--prefix", str(TOOLS), *flags, f"{package}@{VERSION}"])
    check_integrity(package, suffix)
    return TOOLS / "node_modules" / package / "dynoxide"


def check_integrity(package: str, suffix: str) -> None:
    """Compares the digest npm verified the download against with the one pinned here."""
    lock = json.loads((TOOLS / "node_modules" / ".package-lock.json").read_text(encoding="utf-8"))
    found = lock["packages"][f"node_modules/{package}"].get("integrity", "none")
    expected = INTEGRITY.get(suffix)
    if expected is None:
        say(f"no digest of {package} is pinned yet; took the registry's: {found}")
    elif found != expected:
        shutil.rmtree(TOOLS / "node_modules" / package, ignore_errors=True)
        raise InstallError(f"{package}@{VERSION} is not the package that was reviewed ({found})")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def check_starts(binary: Path) -> None:
    """Starts the engine once, in memory: a binary for another libc or processor fails here."""
    port = str(free_port())
    command: list[str | Path] = [binary, "serve", "--host", "127.0.0.1", "--port", port]
    try:
        engine = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except OSError as error:
        raise InstallError(f"{binary.name} does not start: {error}") from error
    try:
        deadline = time.monotonic() + START_SECONDS
        while not answers(binary, port):
            if engine.poll() is not None or time.monotonic() > deadline:
                raise InstallError(f"{binary.name} does not answer on this machine")
            time.sleep(0.02)
    finally:
        engine.kill()
        engine.wait()


def answers(binary: Path, port: str) -> bool:
    command: list[str | Path] = [binary, "healthcheck", "--port", port]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def install_dynoxide() -> bool:
    """True when dynoxide is ready; otherwise says why not and leaves no broken copy behind."""
    suffix = npm_platform()
    began = time.monotonic()
    try:
        check_starts(download_dynoxide(suffix))
    except InstallError as error:
        shutil.rmtree(TOOLS / "node_modules" / "@dynoxide", ignore_errors=True)
        say(f"dynoxide {VERSION} for {suffix}: {error}")
        return False
    say(f"dynoxide {VERSION}: download and first start {time.monotonic() - began:.1f} s")
    return True


def install_ministack() -> None:
    """Raises InstallError when the packages cannot be installed."""
    requirements = ROOT / "requirements" / "ministack.txt"
    installed = MINISTACK / "requirements.txt"
    if installed.is_file() and installed.read_bytes() == requirements.read_bytes():
        return
    began = time.monotonic()
    venv.EnvBuilder(with_pip=True, clear=True).create(MINISTACK)
    python = str(MINISTACK / "bin" / "python")
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--no-deps", "--require-hashes", "-r", str(requirements)])
    run([python, "-c", "import ministack"])
    shutil.copyfile(requirements, installed)
    say(f"ministack: download {time.monotonic() - began:.1f} s")


def main() -> int:
    TOOLS.mkdir(exist_ok=True)
    has_dynoxide = install_dynoxide()
    try:
        install_ministack()
    except InstallError as error:
        say(f"ministack: {error}")
        say("No SQS and Secrets Manager here. Check the network, then run make engine again.")
        return 1
    if not has_dynoxide:
        say("DynamoDB will run on ministack: correct, but slower and in memory only.")
        say("For dynoxide install Node.js with npm (or set DYNOXIDE_BIN); then make engine.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
