"""Shopify's Admin API: the list of orders, page by page, and tokens for an app's credentials.

A server of its own, as a shop has a host of its own. Its orders are the ones it is given; `busy`
requests for the list are answered with 429 first.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

ORDERS = re.compile(r"/admin/api/[0-9]{4}-[0-9]{2}/orders\.json", re.ASCII)
TOKENS = "/admin/oauth/access_token"
MAX_ROWS = 250
TOKEN_SECONDS = 86_399

Answer = tuple[int, Mapping[str, Any], Mapping[str, str]]


class Handler(BaseHTTPRequestHandler):
    """Answers from the orders of its server."""

    server: Shopify
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if not ORDERS.fullmatch(parts.path):
            self._send((404, {"errors": "Not Found"}, {}))
            return
        token = self.headers.get("X-Shopify-Access-Token", "")
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self._send(self.server.list_orders(token, parts.path, query))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        known = urlsplit(self.path).path == TOKENS
        fields = dict(parse_qsl(body.decode()))
        self._send(self.server.make_token(fields) if known else (404, {}, {}))

    def _send(self, answer: Answer) -> None:
        status, content, headers = answer
        body = json.dumps(content, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Silent, as the other stand-ins."""


class Shopify(ThreadingHTTPServer):
    """Serves a shop's orders on 127.0.0.1; port 0 takes a free one.

    `page_rows` may make pages smaller than asked for. `asked` holds the query of every request for
    the list that was let in.
    """

    daemon_threads = True

    def __init__(
        self, credentials: tuple[str, str], orders: Iterable[Mapping[str, Any]] = (), port: int = 0
    ) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.credentials = credentials
        self.token = "shpat_" + secrets.token_hex(16)
        self.orders = list(orders)
        self.page_rows = MAX_ROWS
        self.busy = 0
        self.asked: list[dict[str, str]] = []
        self._pages: dict[str, list[Mapping[str, Any]]] = {}

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def make_token(self, fields: Mapping[str, str]) -> Answer:
        given = (fields.get("client_id"), fields.get("client_secret"))
        if fields.get("grant_type") != "client_credentials" or given != self.credentials:
            return 400, {"error": "invalid_client"}, {}
        return 200, {"access_token": self.token, "expires_in": TOKEN_SECONDS}, {}

    def list_orders(self, token: str, path: str, query: dict[str, str]) -> Answer:
        """A page as `page_info` says, or the first of those that the filters of a query leave."""
        if token != self.token:
            return 401, {"errors": "[API] Invalid API key or access token"}, {}
        if self.busy:
            self.busy -= 1
            return 429, {"errors": "Exceeded 2 calls per second"}, {"Retry-After": "0.1"}
        self.asked.append(query)
        page_info = query.get("page_info")
        if page_info is None:
            rows = [one for one in self.orders if _wanted(one, query)]
        elif query.keys() <= {"page_info", "limit"} and page_info in self._pages:
            rows = self._pages[page_info]
        else:
            return 400, {"errors": {"page_info": "Invalid value."}}, {}
        size = min(int(query.get("limit", "50")), self.page_rows, MAX_ROWS)
        headers = self._links(path, query.get("limit", "50"), rows[size:])
        return 200, {"orders": rows[:size]}, headers

    def _links(self, path: str, limit: str, rest: list[Mapping[str, Any]]) -> dict[str, str]:
        if not rest:
            return {}
        name = secrets.token_urlsafe(16)
        self._pages[name] = rest
        url = f"{self.origin}{path}"
        before = urlencode({"limit": limit, "page_info": "before"})
        after = urlencode({"limit": limit, "page_info": name})
        return {"Link": f'<{url}?{before}>; rel="previous", <{url}?{after}>; rel="next"'}


def _wanted(order: Mapping[str, Any], query: Mapping[str, str]) -> bool:
    """Without `status=any` Shopify leaves out what is closed or cancelled."""
    if query.get("status") != "any" and (order["closed_at"] or order["cancelled_at"]):
        return False
    since = query.get("updated_at_min", "1970-01-01T00:00:00+00:00")
    return datetime.fromisoformat(order["updated_at"]) >= datetime.fromisoformat(since)
