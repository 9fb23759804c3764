"""The HTTP face of a local run: the functions' routes, Swagger UI and the schedules."""

from __future__ import annotations

import asyncio
import json
import sys
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import uvicorn
from aws_lambda_powertools.event_handler import HttpResolverLocal, Response
from pydantic import ValidationError

from infra.local.errors import LocalError
from infra.local.fired import as_of, failed, not_understood
from infra.local.http_events import Answer, Request, plain
from infra.local.runner import LocalCloud
from siyu.api.document import DESCRIPTION, SECURITY_SCHEMES, TITLE, VERSION

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
THREADS = 8
DOCS, OPENAPI = "/docs", "/openapi.json"
# Only here, not on AWS: `curl -X POST localhost:3000/_local/schedules/<Function>`, by default as of
# now, with `-d '{"scheduled_for": "<instant>"}'` as of another time.
SCHEDULES = "/_local/schedules/"


def documentation(cloud: LocalCloud) -> HttpResolverLocal:
    """An app with all routers, for /docs and /openapi.json only; assets come with Powertools."""
    app = HttpResolverLocal(enable_validation=True)
    for function in cloud.functions.values():
        if function.routes:
            cloud.host.handler(function)
            _include(app, sys.modules[function.handler.rpartition(".")[0]])
    about: dict[str, Any] = {
        "title": TITLE,
        "version": VERSION,
        "description": DESCRIPTION,
        "security_schemes": dict(SECURITY_SCHEMES),
    }
    app.enable_swagger(path=DOCS, **about)
    schema = app.get_openapi_json_schema(**about)

    @app.get(OPENAPI, include_in_schema=False)
    def openapi() -> Response[str]:
        return Response(200, "application/json", schema)

    return app


def _include(app: HttpResolverLocal, module: ModuleType) -> None:
    router = getattr(module, "router", None)
    if router is not None:
        own = router.api_resolver
        app.include_router(router)
        # Including a router hands its request state to this app; the function needs its own.
        router.api_resolver = own


class Gateway:
    """ASGI application in the place of API Gateway."""

    def __init__(self, cloud: LocalCloud) -> None:
        self._cloud = cloud
        self._docs = documentation(cloud)
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="gateway")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._docs(scope, receive, send)
        elif self._cloud.host.routed(scope["method"], scope["path"]):
            request = _request(scope, await body_of(receive))
            await _reply(send, await self._in_thread(self._cloud.host.call, request))
        elif scope["path"].startswith(SCHEDULES) and scope["method"] == "POST":
            asked = scope["path"].removeprefix(SCHEDULES), await body_of(receive)
            await _reply(send, await self._in_thread(self._fire, asked))
        elif scope["path"] in (DOCS, OPENAPI):
            await self._docs(scope, receive, send)
        else:
            await _reply(send, plain(404, "Not Found"))

    async def _in_thread(self, work: Callable[[Any], Answer], argument: Any) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, argument)

    def _fire(self, asked: tuple[str, bytes]) -> Answer:
        name, said = asked
        try:
            at = as_of(said, datetime.now(UTC))
        except ValidationError as error:
            return not_understood(error)
        try:
            result = self._cloud.invoke_schedule(name, at)
        except LocalError as error:
            return plain(404, str(error))
        except Exception as error:  # noqa: BLE001 - whatever a function raises is told
            traceback.print_exc()
            return failed(error)
        body = json.dumps(result, default=str).encode()
        return Answer(200, {"content-type": "application/json"}, body)


def _request(scope: Scope, body: bytes) -> Request:
    headers = [
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]
    ]
    headers.append(("x-forwarded-proto", "http"))
    client = scope.get("client") or ("127.0.0.1", 0)
    query = scope["query_string"].decode("latin-1")
    return Request(scope["method"], scope["path"], query, headers, body, client[0])


async def body_of(receive: Receive) -> bytes:
    """The whole body of a request."""
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


async def _reply(send: Send, answer: Answer) -> None:
    headers = [
        (name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.items()
    ]
    headers += [(b"set-cookie", cookie.encode("latin-1")) for cookie in answer.cookies]
    if "content-length" not in answer.headers:
        headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


def make_server(cloud: LocalCloud, port: int) -> uvicorn.Server:
    config = uvicorn.Config(
        Gateway(cloud), host="127.0.0.1", port=port, log_level="warning", lifespan="off"
    )
    return uvicorn.Server(config)
