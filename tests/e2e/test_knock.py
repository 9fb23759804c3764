"""A stranger finds out which routes lead to no function of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from infra.e2e.routes import Route
from infra.e2e.shop import Api, knock
from infra.local.errors import LocalError

OURS = {"type": "urn:siyu:problem:not_signed_in", "title": "Sign in", "status": 401}
# What ministack answers where it knows no route, and where a function breaks.
NO_ROUTE, BROKEN = (404, {"message": "Not Found"}), (502, {"message": "boom"})
PREFIX = "/_aws/execute-api/a1"

Answers = dict[str, tuple[int, Any]]


class Handler(BaseHTTPRequestHandler):
    server: Gateway

    def do_GET(self) -> None:
        key = f"{self.command} {self.path.removeprefix(PREFIX)}"
        self.server.asked.append(key)
        status, body = self.server.answers.get(key, NO_ROUTE)
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Silent."""


class Gateway(ThreadingHTTPServer):
    def __init__(self, answers: Answers) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers, self.asked = answers, list[str]()


@contextmanager
def gateway(answers: Answers) -> Iterator[tuple[Gateway, Api]]:
    with Gateway(answers) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server, Api(f"http://127.0.0.1:{server.server_port}", "a1")
        server.shutdown()


def test_refusals_and_pages_of_ours_are_answers() -> None:
    answers: Answers = {
        "GET /v1/me": (401, OURS),
        "POST /v1/hooks/none": (401, OURS),
        "GET /r/none": (404, "<html>no such code</html>"),
    }
    routes = [Route("GET /v1/me", "Me"), Route("POST /v1/hooks/{source}", "Hook")]
    with gateway(answers) as (server, api):
        knock(api, [*routes, Route("GET /r/{token}", "Page")])
    assert set(server.asked) == answers.keys()


@pytest.mark.parametrize("answer", [NO_ROUTE, BROKEN, (500, OURS)])
def test_a_route_where_nobody_of_ours_answers_is_named(answer: tuple[int, Any]) -> None:
    answers: Answers = {"GET /v1/me": (401, OURS), "GET /v1/other": answer}
    routes = [Route("GET /v1/me", "Me"), Route("GET /v1/other", "Other")]
    with gateway(answers) as (_, api), pytest.raises(LocalError, match="GET /v1/other") as told:
        knock(api, routes)
    assert "/v1/me" not in str(told.value)
