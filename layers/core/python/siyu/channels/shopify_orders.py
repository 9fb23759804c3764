"""HTTP to Shopify's Admin API, with our own time-outs; no secret gets into an error.

https://shopify.dev/docs/api/admin-rest/latest/resources/order
https://shopify.dev/docs/api/admin-rest/usage/pagination
"""

import re
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlencode

import urllib3

from siyu.channels.reading import require_json
from siyu.errors import RefusalError, UnavailableError
from siyu.secrets import Source

# Shopify answers a version that it has retired with the oldest one it still has.
VERSION = "2026-01"
PAGE_ROWS = 250
TIMEOUT = urllib3.Timeout(connect=2.0, read=15.0)
ATTEMPTS = 5
MAX_PAUSE_SECONDS = 10.0
OK, TOO_MANY_REQUESTS = 200, 429
_SECONDS = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,6})?", re.ASCII)
_NEXT = re.compile(r'<([^<>]*)>\s*;\s*rel="?next"?\s*(?:,|$)')


def orders(source: Source, since: datetime) -> Iterator[Any]:
    """Every order to which anything happened since then, as Shopify tells it, page by page.

    Raises UnavailableError; NotConfiguredError for a source without a shop or without access to it.
    """
    origin = source.fields.get("api_url") or f"https://{source.text('shop').lower()}"
    headers = {"X-Shopify-Access-Token": _token(source, origin), "Accept": "application/json"}
    version = source.fields.get("api_version") or VERSION
    query = {"status": "any", "updated_at_min": since.isoformat(), "limit": PAGE_ROWS}
    url: str | None = f"{origin}/admin/api/{version}/orders.json?{urlencode(query)}"
    while url is not None:
        answer, response_headers = _ask("GET", url, headers=headers)
        rows = answer.get("orders")
        if not isinstance(rows, list):
            raise UnavailableError("Shopify's answer cannot be read")
        yield from rows
        url = _next_page(response_headers.get("Link", ""), origin)


def _token(source: Source, origin: str) -> str:
    """The token of the source, or one that is made of the app's credentials and holds for a day.

    https://shopify.dev/docs/apps/build/authentication-authorization/client-credentials-grant
    """
    if source.fields.get("access_token"):
        return source.text("access_token")
    fields = {
        "grant_type": "client_credentials",
        "client_id": source.text("client_id"),
        "client_secret": source.text("client_secret"),
    }
    url = f"{origin}/admin/oauth/access_token"
    answer, _ = _ask("POST", url, fields=fields, encode_multipart=False)
    token = answer.get("access_token")
    if not isinstance(token, str):
        raise UnavailableError("Shopify's answer cannot be read")
    return token


def _next_page(link: str, origin: str) -> str | None:
    """The page that a Link header calls the next. Our token goes nowhere but to the shop."""
    match = _NEXT.search(link)
    if match is None:
        return None
    if not match[1].startswith(f"{origin}/"):
        raise UnavailableError("Shopify's next page is not Shopify's")
    return match[1]


def _ask(method: str, url: str, **sent: Any) -> tuple[Mapping[str, Any], Mapping[str, str]]:
    """The object and the headers of an answer; waits as long as it is told to, a few times."""
    response = _once(method, url, sent)
    for _ in range(ATTEMPTS - 1):
        if response.status != TOO_MANY_REQUESTS:
            break
        time.sleep(_pause(response.headers.get("Retry-After", "")))
        response = _once(method, url, sent)
    if response.status != OK:
        raise UnavailableError(f"Shopify answered {response.status}")
    try:
        answer = require_json(response.data)
    except RefusalError:
        raise UnavailableError("Shopify's answer cannot be read") from None
    if not isinstance(answer, dict):
        raise UnavailableError("Shopify's answer cannot be read")
    return answer, response.headers


def _once(method: str, url: str, sent: Mapping[str, Any]) -> urllib3.BaseHTTPResponse:
    try:
        return _pool().request(method, url, redirect=False, **sent)
    except (urllib3.exceptions.HTTPError, ValueError):
        # A header that cannot be sent is in the exception's text, and it may be the token.
        raise UnavailableError("Shopify did not answer") from None


def _pause(header: str) -> float:
    return min(float(header), MAX_PAUSE_SECONDS) if _SECONDS.fullmatch(header) else 1.0


@cache
def _pool() -> urllib3.PoolManager:
    # Its own obedience to Retry-After knows no upper bound.
    retries = urllib3.Retry(connect=1, read=0, respect_retry_after_header=False)
    return urllib3.PoolManager(timeout=TIMEOUT, retries=retries)
