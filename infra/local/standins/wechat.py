"""A stand-in of WeChat's jscode2session: `python -m infra.local.standins.wechat <port>`.

A login code is "<openid>.<nonce>"; WeChat takes each code once, and so does this. The code
"errcode.<n>" gives that error (-1 busy, 45011 too often, 40226 blocked user).
WeChat answers refusals with HTTP 200 and an errcode in the body.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

PATH = "/sns/jscode2session"
LOGIN_CODE = re.compile(r"([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{1,64})")
ERRORS = {
    -1: "system error",
    40002: "invalid grant_type",
    40013: "invalid appid",
    40029: "invalid code",
    40125: "invalid appsecret",
    40163: "code been used",
    40226: "code blocked",
    45011: "api minute-quota reach limit",
}
FORCED = frozenset({-1, 40226, 45011})


class Sessions:
    """The codes used so far; empty `secret` or `app_id` accept any."""

    def __init__(self, app_id: str = "", secret: str = "") -> None:
        self._app_id = app_id
        self._secret = secret
        self._used: set[str] = set()
        self._lock = threading.Lock()

    def exchange(self, query: dict[str, str]) -> dict[str, Any]:
        """The body that WeChat answers to this query."""
        code = query.get("js_code", "")
        error = self._refusal(query) or self._use(code)
        if error:
            return {"errcode": error, "errmsg": f"{ERRORS[error]}, rid: local"}
        openid = code.partition(".")[0]
        return {
            "openid": openid,
            "session_key": hashlib.sha256(code.encode()).hexdigest()[:24],
            "unionid": f"union-{openid}",
        }

    def _refusal(self, query: dict[str, str]) -> int:
        if self._app_id and query.get("appid") != self._app_id:
            return 40013
        if self._secret and query.get("secret") != self._secret:
            return 40125
        return 0 if query.get("grant_type") == "authorization_code" else 40002

    def _use(self, code: str) -> int:
        match = LOGIN_CODE.fullmatch(code)
        if match is None:
            return 40029
        if match[1] == "errcode":
            forced = int(match[2]) if re.fullmatch(r"-?\d+", match[2]) else 0
            return forced if forced in FORCED else 40029
        with self._lock:
            if code in self._used:
                return 40163
            self._used.add(code)
        return 0


def handler_class(sessions: Sessions) -> type[BaseHTTPRequestHandler]:
    """A request handler bound to `sessions`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path != PATH:
                self.send_error(404)
                return
            body = json.dumps(sessions.exchange(dict(parse_qsl(parts.query)))).encode()
            self.send_response(200)
            # WeChat really labels its JSON as text.
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Silent: the request line holds the app secret and the login code."""

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def main(port: int) -> None:
    sessions = Sessions(os.environ.get("WECHAT_APP_ID", ""), os.environ.get("WECHAT_SECRET", ""))
    with _Server(("127.0.0.1", port), handler_class(sessions)) as server:
        server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
