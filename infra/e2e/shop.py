"""The people of the story, by HTTP alone: shoppers, a till, the shop's webhooks, an operator."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import itertools
import json
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any
from urllib.parse import urlsplit

from infra.demo.shop import load_signer
from infra.e2e.account import Account
from infra.e2e.routes import Route
from infra.e2e.sam import STACK
from infra.e2e.steps import expect
from infra.local.engine import ROOT
from infra.local.errors import LocalError
from infra.local.stack import DEFAULT_SOURCE
from siyu.domain.calendar import business_date

STORE = "E2E"
PARAMETER = re.compile(r"\{\w+\}")
SERVER_ERROR = 500
CALLERS = 2
target_of = attrgetter("target")


@dataclass(frozen=True)
class Member:
    """A shopper who joined; the session opens their own pages."""

    member_id: str
    referral_code: str
    session: str


class Api:
    """The HTTP API at its public door."""

    def __init__(self, endpoint: str, api: str) -> None:
        self._host = urlsplit(endpoint).netloc
        self._root = f"/_aws/execute-api/{api}"

    def call(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: str | None = None,
    ) -> tuple[int, Any]:
        """Status and body; a gateway's own error may be no JSON."""
        connection = http.client.HTTPConnection(self._host, timeout=60)
        sent = {"content-type": "application/json", **(headers or {})}
        connection.request(method, self._root + path, body, sent)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        try:
            return answer.status, json.loads(text)
        except ValueError:
            return answer.status, text

    def read(self, path: str, token: str) -> Any:
        """Raises LocalError when it is refused."""
        status, body = self.call("GET", path, {"authorization": f"Bearer {token}"})
        expect(f"GET {path}: {body}", status, 200)
        return body


def knock(api: Api, routes: Sequence[Route]) -> None:
    """Calls every route as a stranger, who may get no further than the function's own refusal.

    Raises LocalError naming the routes where no function of ours answered.
    """

    def odd(route: Route) -> str | None:
        method, path = route.key.split(" ")
        status, body = api.call(method, PARAMETER.sub("none", path))
        ours = isinstance(body, str) or "type" in body
        return None if ours and status < SERVER_ERROR else f"{route.key}: {status} {body}"

    # One caller for a function: a second one at the same time would make it start twice.
    by_function = itertools.groupby(sorted(routes, key=target_of), target_of)
    doors = [list(group) for _, group in by_function]
    with ThreadPoolExecutor(CALLERS) as callers:
        answers = callers.map(lambda door: [odd(route) for route in door], doors)
        found = [one for door in answers for one in door if one]
    expect("routes that lead nowhere", found, [])


class Shop:
    """Holds what real ones would: the till's key, the webhook's secret, an operator's token."""

    def __init__(self, account: Account, api: Api, secret: Mapping[str, Any]) -> None:
        self.api = api
        self._webhook = base64.b64decode(
            secret["webhooks"][DEFAULT_SOURCE][0].removeprefix("whsec_")
        )
        till = operator(account, "store", "keys", STORE)
        self._till_key = bytes.fromhex(till["receipt_key"])
        self.console = str(operator(account, "console", "token", "--by", "e2e")["token"])
        self._signer = load_signer()
        self._logins = itertools.count()

    def receipt(self, serial: int) -> str:
        """The token that the till prints, signed by the file that tills get."""
        today = business_date(datetime.now(UTC))
        printed: str = self._signer.token(self._till_key, STORE, today, serial)
        return printed

    def login(self, openid: str) -> str:
        """A code of wx.login(), which WeChat takes once."""
        return f"{openid}.{next(self._logins)}"

    def scan(self, openid: str, token: str, referral: str | None = None) -> tuple[Member, Any]:
        """The member, and all that was answered. Raises LocalError when it is refused."""
        request = {"token": token, "login_code": self.login(openid), "device_id": f"{openid}-phone"}
        if referral:
            request["referral_code"] = referral
        status, body = self.api.call("POST", "/v1/scans", body=json.dumps(request))
        expect(f"scan of {openid}: {body}", status, 200)
        member = body["member"]
        return Member(member["id"], member["referral_code"], body["session"]["token"]), body

    def send(
        self, delivery: str, kind: str, data: Mapping[str, Any], *, forge: bool = False
    ) -> int:
        """The status that the shop gets; `forge` breaks the signature."""
        now = int(time.time())
        event = {"type": kind, "timestamp": datetime.now(UTC).isoformat(), "data": dict(data)}
        body = json.dumps(event)
        signed = f"{delivery}.{now}.{body}".encode()
        mac = hmac.digest(self._webhook, signed + b"!" * forge, hashlib.sha256)
        headers = {
            "webhook-id": delivery,
            "webhook-timestamp": str(now),
            "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
        }
        status, _ = self.api.call("POST", f"/v1/webhooks/{DEFAULT_SOURCE}", headers, body)
        return status


def operator(account: Account, *words: str) -> Any:
    """The answer of the operator's command on the stack. Raises LocalError when it refuses."""
    command = [sys.executable, "-P", "-m", "infra.cli", *words, "--stack", STACK, "--json"]
    done = subprocess.run(
        command, cwd=ROOT, env=account.env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise LocalError(f"siyu {' '.join(words)} failed (exit {done.returncode}):\n{done.stderr}")
    return json.loads(done.stdout)
