"""HTTP requests as API Gateway HTTP API events (payload 2.0), and results as HTTP answers."""

from __future__ import annotations

import base64
import json
import re
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from infra.local.resolver import ACCOUNT
from infra.local.triggers import Function

DOMAIN = "localhost"


@dataclass(frozen=True)
class Request:
    """One request; `path` is decoded, `query` is raw, `time_epoch_ms` None means now."""

    method: str
    path: str
    query: str = ""
    headers: Iterable[tuple[str, str]] = ()
    body: bytes = b""
    source_ip: str = "127.0.0.1"
    time_epoch_ms: int | None = None


@dataclass(frozen=True)
class Answer:
    """What the caller gets; header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    cookies: tuple[str, ...] = ()

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(frozen=True)
class Match:
    function: Function
    key: str
    parameters: Mapping[str, str]


class Routes:
    """The template's HttpApi events."""

    def __init__(self, functions: Iterable[Function]) -> None:
        self._routes = [
            (route.method, _pattern(route.path), f"{route.method} {route.path}", function)
            for function in functions
            for route in function.routes
        ]

    def find(self, method: str, path: str) -> Match | None:
        for wanted, pattern, key, function in self._routes:
            found = pattern.fullmatch(path)
            if found and wanted in (method.upper(), "ANY"):
                return Match(function, key, found.groupdict())
        return None


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)(\+?)\}", path)
    text = re.escape(parts[0])
    for name, greedy, literal in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        text += f"(?P<{name}>{'.+' if greedy else '[^/]+'})" + re.escape(literal)
    return re.compile(text)


def build_event(request: Request, match: Match) -> dict[str, Any]:
    """The event that API Gateway would send for this request and route."""
    headers, cookies = _headers(request.headers)
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": match.key,
        "rawPath": request.path,
        "rawQueryString": request.query,
        "headers": headers,
        "requestContext": _context(request, match.key, headers),
        "isBase64Encoded": False,
    }
    if cookies:
        event["cookies"] = cookies
    if request.query:
        event["queryStringParameters"] = _joined(parse_qsl(request.query, keep_blank_values=True))
    if match.parameters:
        event["pathParameters"] = dict(match.parameters)
    if request.body:
        event["body"], event["isBase64Encoded"] = _body(request.body)
    return event


def _context(request: Request, key: str, headers: Mapping[str, str]) -> dict[str, Any]:
    epoch = int(time.time() * 1000) if request.time_epoch_ms is None else request.time_epoch_ms
    moment = datetime.fromtimestamp(epoch / 1000, UTC)
    return {
        "accountId": ACCOUNT,
        "apiId": "local",
        "domainName": headers.get("host", DOMAIN),
        "domainPrefix": "local",
        "http": {
            "method": request.method.upper(),
            "path": request.path,
            "protocol": "HTTP/1.1",
            "sourceIp": request.source_ip,
            "userAgent": headers.get("user-agent", ""),
        },
        "requestId": str(uuid.uuid4()),
        "routeKey": key,
        "stage": "$default",
        "time": moment.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": epoch,
    }


def _headers(pairs: Iterable[tuple[str, str]]) -> tuple[dict[str, str], list[str]]:
    """Lower-case names, repeated values joined by a comma; cookies have their own list."""
    lowered = [(name.lower(), value) for name, value in pairs]
    jars = [value.split(";") for name, value in lowered if name == "cookie"]
    cookies = [one.strip() for jar in jars for one in jar]
    return _joined((name, value) for name, value in lowered if name != "cookie"), cookies


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _body(body: bytes) -> tuple[str, bool]:
    try:
        return body.decode("utf-8"), False
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), True


def read_result(result: Any) -> Answer:
    """A result without a statusCode is the body of a 200, as payload 2.0 allows."""
    if not isinstance(result, dict) or "statusCode" not in result:
        text = result if isinstance(result, str) else json.dumps(result)
        return Answer(200, {"content-type": "application/json"}, text.encode())
    headers = {name.lower(): str(value) for name, value in (result.get("headers") or {}).items()}
    body = result.get("body") or ""
    data = base64.b64decode(body) if result.get("isBase64Encoded") else str(body).encode()
    return Answer(int(result["statusCode"]), headers, data, tuple(result.get("cookies") or ()))


def plain(status: int, message: str) -> Answer:
    """An answer of the gateway itself, not of a function."""
    body = json.dumps({"message": message}).encode()
    return Answer(status, {"content-type": "application/json"}, body)
