"""`make e2e`: from the source to a forgotten member, on an AWS of this computer's own.

Builds and deploys with `sam`, does what ministack leaves out, plays the story of docs/e2e.md over
HTTP, deletes the stack, and ends every process it started, also when it fails or is stopped.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.e2e import sam
from infra.e2e.account import open_account
from infra.e2e.scratch import scratch
from infra.e2e.shop import Api, Shop, knock
from infra.e2e.stack import Stack
from infra.e2e.steps import step
from infra.e2e.story import play
from infra.local.engine import ROOT
from infra.local.errors import LocalError
from infra.local.process import free_port, start, stop_all, wait_until
from infra.local.stack import APP_ID, READY_SECONDS
from infra.local.storage import lock
from infra.local.wiring import accounts_json, standin_answers

FOLDER = ROOT / ".local" / "e2e"
LOGS = FOLDER / "logs"


def run(arch: str) -> None:
    """Raises LocalError, or what the AWS clients raise."""
    with ExitStack() as running:
        folder = running.enter_context(scratch(FOLDER / "scratch"))
        with step("sam build"):
            sam.build(arch, LOGS)
        with step("start ministack"):
            account = open_account(LOGS, folder)
            running.callback(stop_all, [account.process])
        with step("sam deploy"):
            sam.deploy(account, arch, LOGS)
        stack = Stack(account)
        with kept_logs(stack):
            with step("what ministack leaves out: routes, TTL, the secret, WeChat"):
                stack.make_routes()
                stack.set_ttl()
                stack.hold_schedules()
                secret = stack.fill_secret(folder)
                stack.point_at(start_wechat(secret, running))
            api = Api(account.endpoint, stack.api)
            with step(f"a stranger knocks at all {len(stack.routes)} routes"):
                knock(api, stack.routes)
            with step("the keys of a till and a token of an operator (siyu --stack)"):
                shop = Shop(account, api, secret)
            play(stack, shop)
        with step("delete the stack; what is marked to outlive it does"):
            stack.delete()


def start_wechat(secret: dict[str, Any], running: ExitStack) -> str:
    """The origin of the stand-in."""
    port = free_port()
    env = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "STANDIN_ACCOUNTS": accounts_json(APP_ID, secret),
    }
    command = [sys.executable, "-m", "infra.local.standins", str(port)]
    process = start("wechat", command, env, LOGS / "wechat.log")
    running.callback(stop_all, [process])
    wait_until(lambda: standin_answers(port), process, READY_SECONDS)
    return f"http://127.0.0.1:{port}"


@contextmanager
def kept_logs(stack: Stack) -> Iterator[None]:
    """The functions' logs are in ministack's memory, and end with it."""
    try:
        yield
    finally:
        with suppress(BotoCoreError, ClientError):
            lines = "\n".join(stack.logged())
            (LOGS / "functions.log").write_text(f"{lines}\n", encoding="utf-8")


@contextmanager
def alone() -> Iterator[None]:
    """Raises LocalError when another run has the folder: both would build into one."""
    FOLDER.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        held = lock(FOLDER)
    except LocalError:
        raise LocalError("another make e2e runs here") from None
    with held:
        yield


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.e2e", description=__doc__)
    parser.add_argument("--arch", choices=("arm64", "x86_64"), required=True)
    arch = parser.parse_args().arch
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    began = time.monotonic()
    try:
        with alone():
            shutil.rmtree(LOGS, ignore_errors=True)
            run(arch)
    except (LocalError, BotoCoreError, ClientError, OSError) as error:
        print(f"[e2e] {error}\n[e2e] failed; logs: {LOGS}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"[e2e] stopped; logs: {LOGS}", file=sys.stderr)
        return 130
    print(f"[e2e] built, deployed, lived through and deleted in {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
