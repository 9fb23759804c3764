"""`make dev`: the whole back end on this computer until Ctrl-C, with lines to try it."""

from __future__ import annotations

import base64
import json
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from infra.local.engine import ROOT
from infra.local.errors import LocalError
from infra.local.runner import LocalCloud
from infra.local.stack import DEFAULT_SOURCE
from infra.local.storage import TABLE_FILE
from siyu.domain.calendar import business_date
from siyu.domain.codes import mint, receipt_code
from siyu.domain.keys import store_code_key

STORE = "DEV"
PAID_MINOR = 12800


def dev(port: int, data: Path, *, empty: bool = False) -> None:
    """Serves until a signal. Raises LocalError with what to do when it cannot."""
    refuse_taken(port)
    if not empty and not (data / TABLE_FILE).exists():
        load_demo(data)
    # uvicorn gives the signal back after its own shutdown; this turns it into an ordinary exit.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with LocalCloud(data, console=True) as cloud:
        # Imported after the start: the functions' modules read the environment that it sets.
        from infra.local.server import make_server  # noqa: PLC0415

        server = make_server(cloud, port)
        print(welcome(cloud, port), flush=True)
        server.run()


def refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise LocalError(f"port {port} is not free ({error}); take another: --port") from error


def load_demo(data: Path) -> None:
    """Runs the demo in a process of its own: clients and settings are cached per process."""
    print("No demo data yet: replaying the demo first.", flush=True)
    command = [sys.executable, "-m", "infra.demo", "--data", str(data)]
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    if not (data / TABLE_FILE).exists():
        raise LocalError(
            f"the demo (exit {code}) left no {data / TABLE_FILE}; --empty goes without"
        )


def receipt_token(cloud: LocalCloud, store: str, number: int) -> str:
    """The token that the till of `store` prints on the receipt of second `number` (epoch)."""
    day = business_date(datetime.fromtimestamp(number, UTC))
    code = receipt_code(store, day, number % 2**35)
    master, brand = cloud.secret["master_key"].encode(), cloud.env["BRAND"]
    return mint(code, store_code_key(master, brand, store, code.key_version))


def welcome(cloud: LocalCloud, port: int) -> str:
    """What is where, and three lines that work in bash and zsh whenever they are pasted."""
    base = f"http://127.0.0.1:{port}"
    number = int(time.time())
    token = receipt_token(cloud, STORE, number)
    lines = [f"\nSiyu is at {base} (API: {base}/docs). Logs: {cloud.logs}. Ctrl-C stops it.\n"]
    lines += [_schedule_line(base, function_id, cloud) for function_id in _scheduled(cloud)]
    lines += ["\n# 1. A shop reports a paid order.", webhook_line(cloud, base, number, token)]
    lines += ["\n# 2. The shopper scans the receipt.", scan_line(base, token)]
    lines += ["\n# 3. The shopper looks at the account.", profile_line(base)]
    return "\n".join(lines) + "\n"


def _scheduled(cloud: LocalCloud) -> list[str]:
    return [name for name, function in cloud.functions.items() if function.schedules]


def _schedule_line(base: str, name: str, cloud: LocalCloud) -> str:
    plan = cloud.functions[name].schedules[0]
    when = f"{plan.expression} {plan.timezone}"
    return f"{name} runs on AWS at {when}; now: curl -sS -X POST {base}/_local/schedules/{name}"


def webhook_line(cloud: LocalCloud, base: str, number: int, token: str) -> str:
    """Signs at the time of pasting; the order is the same each time, so a repeat is a repeat."""
    key = base64.b64decode(cloud.secret["webhooks"][DEFAULT_SOURCE][0].removeprefix("whsec_"))
    body = json.dumps(order_paid(cloud.env, number, token), separators=(",", ":"))
    return (
        f"ID=msg_$(openssl rand -hex 8); AT=$(date +%s); BODY={shlex.quote(body)}; "
        'SIGNATURE=$(printf %s "$ID.$AT.$BODY" | '
        f"openssl dgst -sha256 -mac HMAC -macopt hexkey:{key.hex()} -binary | base64); "
        f"curl -sS {base}/v1/webhooks/{DEFAULT_SOURCE} -H 'content-type: application/json' "
        '-H "webhook-id: $ID" -H "webhook-timestamp: $AT" '
        '-H "webhook-signature: v1,$SIGNATURE" --data-raw "$BODY"'
    )


def order_paid(env: Mapping[str, str], number: int, token: str) -> dict[str, Any]:
    moment = datetime.fromtimestamp(number, UTC).isoformat()
    return {
        "type": "order.paid",
        "timestamp": moment,
        "data": {
            "order_id": f"dev-{number}",
            "paid_minor": PAID_MINOR,
            "currency": env["CURRENCY"],
            "occurred_at": moment,
            "buyer_id": "demo-buyer",
            "receipt_token": token,
            "store_id": STORE,
        },
    }


def scan_line(base: str, token: str) -> str:
    body = f'{{"token":"{token}","login_code":"demo-shopper.\'$RANDOM$(date +%s)\'"}}'
    return (
        f"ANSWER=$(curl -sS {base}/v1/scans -H 'content-type: application/json' "
        f"--data-raw '{body}'); echo \"$ANSWER\"; "
        'SESSION=$(printf %s "$ANSWER" | '
        """sed -n 's/.*"session":{[^}]*"token":"\\([^"]*\\)".*/\\1/p')"""
    )


def profile_line(base: str) -> str:
    return f'curl -sS {base}/v1/me -H "authorization: Bearer $SESSION"'
