"""`sam build` and `sam deploy`, as a person runs them."""

from __future__ import annotations

from pathlib import Path

from infra import build as builder
from infra.e2e.account import PYTHON, Account
from infra.local.engine import ROOT
from infra.local.stack import APP_ID

STACK = "siyu-e2e"
BUILT = ROOT / ".aws-sam" / "e2e"
# As in production, where ministack knows what they switch on.
SWITCHES = ("AlarmEmail=e2e@example.invalid", "ReservedConcurrency=true")


def build(arch: str, logs: Path) -> None:
    """For this computer's processor and the interpreter that will run the functions. Raises
    LocalError."""
    minor = builder.minor_of(PYTHON)
    builder.build(BUILT, arch, minor, builder.HERE, logs / "sam-build.log")


def deploy(account: Account, arch: str, logs: Path) -> None:
    """With samconfig.toml, whose default section holds as for a person. Raises LocalError."""
    parameters = [f"Architecture={arch}", f"WeChatAppId={APP_ID}", *SWITCHES]
    # Beside a template of its own folder `sam` would look for the file there.
    files = [
        f"--config-file={ROOT / 'samconfig.toml'}",
        f"--template-file={BUILT / 'template.yaml'}",
    ]
    words = ["deploy", *files, "--stack-name", STACK, "--parameter-overrides", *parameters]
    builder.run_sam(words, account.env, logs / "sam-deploy.log")
