"""The HTTP server of the stand-ins: paths to answers.

`GET /_standin/sent` lists the welcomes sent; it is no path of WeCom's.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from infra.local.standins import errcodes, shop, wechat, wecom
from infra.local.standins.state import State

Answer = dict[str, Any]

GETS: dict[str, Callable[[State, dict[str, str]], Answer]] = {
    "/sns/jscode2session": wechat.jscode2session,
    "/cgi-bin/user/info": wechat.user_info,
    "/cgi-bin/gettoken": wecom.gettoken,
    "/cgi-bin/externalcontact/get": wecom.get_contact,
    "/_standin/sent": lambda state, _: {"sent": state.sent()},
}
POSTS: dict[str, Callable[[State, dict[str, str], Answer], Answer]] = {
    "/cgi-bin/stable_token": wechat.stable_token,
    "/wxa/business/getuserphonenumber": wechat.getuserphonenumber,
    "/channels/ec/order/get": shop.get_order,
    "/channels/ec/aftersale/getaftersaleorder": shop.get_aftersale,
    "/cgi-bin/externalcontact/add_contact_way": wecom.add_contact_way,
    "/cgi-bin/externalcontact/send_welcome_msg": wecom.send_welcome_msg,
    "/cgi-bin/idconvert/unionid_to_external_userid": wecom.unionid_to_external_userid,
    "/cgi-bin/idconvert/batch/external_userid_to_pending_id": wecom.external_userid_to_pending_id,
}


class Handler(BaseHTTPRequestHandler):
    """Answers from the state of its server."""

    server: Server
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_GET(self) -> None:
        path, query = self._target()
        found = GETS.get(path)
        self._send(found(self.server.state, query) if found else None)

    def do_POST(self) -> None:
        path, query = self._target()
        body, found = self._body(), POSTS.get(path)
        if found and body is None:
            self._send(errcodes.answer(errcodes.BODY_INVALID))
        else:
            self._send(found(self.server.state, query, body or {}) if found else None)

    def _target(self) -> tuple[str, dict[str, str]]:
        parts = urlsplit(self.path)
        self.server.state.count(parts.path)
        return parts.path, dict(parse_qsl(parts.query, keep_blank_values=True))

    def _body(self) -> Answer | None:
        try:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
        except ValueError:
            return None
        return body if isinstance(body, dict) else None

    def _send(self, answer: Answer | None) -> None:
        body = json.dumps(answer or {}, ensure_ascii=False).encode()
        self.send_response(200 if answer is not None else 404)
        # WeChat really labels its JSON as text.
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Silent: the request line holds secrets, tokens and codes."""


class Server(ThreadingHTTPServer):
    """Serves `state` on 127.0.0.1; port 0 takes a free one."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, state: State, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.state = state

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"
