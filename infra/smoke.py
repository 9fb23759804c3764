"""`make smoke`: builds as for a deployment, then imports every handler from the artefacts alone.

Nothing of the virtual environment is on the path, so a package that is missing in the layers fails
here and not in the first invocation on Lambda.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra import build as builder
from infra.local.errors import LocalError
from infra.local.template import load_template, merge_globals

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / ".aws-sam" / "smoke"
PROBE = Path(__file__).with_name("smoke_probe.py")
LAMBDA_MINOR = "3.13"
# What Lambda itself sets and SDK clients need at import; no call leaves the process.
LAMBDA_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "smoke",
    "AWS_SECRET_ACCESS_KEY": "smoke",
    "AWS_REGION": "eu-central-1",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "LANG": "en_US.UTF-8",
    "TZ": ":UTC",
}


class SmokeError(RuntimeError):
    """What is wrong with the artefacts."""


def locate(command: str) -> str | None:
    """The real path; found by running it, for a version manager may put an empty name on PATH."""
    show = [command, "-c", "import sys; print(sys.executable)"]
    try:
        done = subprocess.run(show, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return None if done.returncode else done.stdout.strip()


def interpreter() -> tuple[str, str]:
    """Lambda's Python when it is here, else this one: (path, minor version)."""
    python = locate(f"python{LAMBDA_MINOR}")
    if python:
        return python, LAMBDA_MINOR
    minor = builder.minor_of(Path(sys.executable))
    print(f"[smoke] no Python {LAMBDA_MINOR} here: building and importing with {minor} instead")
    return sys.executable, minor


def build(arch: str, minor: str, folder: Path = BUILD, platform: str | None = None) -> None:
    """Into a folder, for this machine's platform or another. Raises SmokeError when `sam build`
    fails."""
    print(f"[smoke] sam build for {arch}, python {minor}", flush=True)
    try:
        builder.build(folder, arch, minor, platform or builder.HERE)
    except LocalError as error:
        raise SmokeError(str(error)) from error


def stand_in(name: str, value: Any, parameters: Mapping[str, Any]) -> str:
    """A value for one environment variable, as far as it is known before a deployment."""
    if isinstance(value, str):
        return value
    parameter = parameters.get(value.get("Ref"), {})
    if "Default" in parameter:
        return str(parameter["Default"])
    return "https://example.invalid/queue" if name.endswith("_URL") else "siyu-smoke-table"


def artefacts(properties: Mapping[str, Any], resources: Mapping[str, Any]) -> list[str]:
    """The folders of one function in the order Lambda searches them: own code, then layers."""
    layers = [resources[layer["Ref"]]["Properties"]["ContentUri"] for layer in properties["Layers"]]
    folders = [BUILD / properties["CodeUri"], *(BUILD / layer / "python" for layer in layers)]
    return [str(folder.resolve()) for folder in folders]


def check_import(python: str, handler: str, roots: list[str], environment: dict[str, str]) -> str:
    """One line about a good import; raises SmokeError about a bad one."""
    command = [python, "-I", "-S", "-B", str(PROBE), handler, *roots]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SmokeError(f"{handler} does not import:\n{done.stderr}")
    result = json.loads(done.stdout.splitlines()[-1])
    if not result["callable"]:
        raise SmokeError(f"{handler} is not a function")
    if result["strangers"]:
        raise SmokeError(f"{handler} imports from outside the artefacts: {result['strangers']}")
    if result["without_bytecode"]:
        raise SmokeError(f"{handler}: built without bytecode: {result['without_bytecode'][:5]}")
    return f"{handler}: {result['milliseconds']} ms, {result['modules']} modules"


def check_all(python: str) -> int:
    """The number of handlers imported."""
    template = load_template(BUILD / "template.yaml")
    resources, shared = template["Resources"], template["Globals"]["Function"]
    functions = [r for r in resources.values() if r["Type"] == "AWS::Serverless::Function"]
    for function in functions:
        properties = merge_globals(shared, function["Properties"])
        variables = properties["Environment"]["Variables"]
        environment = {n: stand_in(n, v, template["Parameters"]) for n, v in variables.items()}
        line = check_import(
            python,
            properties["Handler"],
            artefacts(properties, resources),
            {**LAMBDA_ENVIRONMENT, **environment},
        )
        print(f"[smoke] {line}", flush=True)
    return len(functions)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.smoke", description=__doc__)
    parser.add_argument("--arch", choices=("arm64", "x86_64"), required=True)
    arguments = parser.parse_args()
    python, minor = interpreter()
    try:
        build(arguments.arch, minor)
        count = check_all(python)
    except SmokeError as error:
        print(f"[smoke] {error}", file=sys.stderr)
        return 1
    print(f"[smoke] {count} handlers import from the built artefacts alone")
    return 0


if __name__ == "__main__":
    sys.exit(main())
