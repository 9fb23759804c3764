"""A WeChat or WeCom that says what the test wants and keeps what it was asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Reply = bytes | dict[str, Any]


@dataclass(slots=True)
class Partner:
    """`replies` are given in turn, the last one for ever; `requests` are path, query and body."""

    origin: str
    replies: list[Reply]
    status: int
    headers: dict[str, str]
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def paths(self) -> list[str]:
        return [path for path, _, _ in self.requests]


@contextmanager
def partner(
    *replies: Reply, status: int = 200, headers: dict[str, str] | None = None
) -> Iterator[Partner]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            said.requests.append((parts.path, dict(parse_qsl(parts.query)), body))
            reply = said.replies.pop(0) if len(said.replies) > 1 else said.replies[0]
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply if isinstance(reply, bytes) else json.dumps(reply).encode())

        do_POST = do_GET  # noqa: N815 - the name is the library's

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Silent."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        origin = f"http://127.0.0.1:{server.server_port}"
        said = Partner(origin, list(replies), status, headers or {})
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield said
        finally:
            server.shutdown()
            thread.join()
