"""`make browser`: serves the landing page and a report of segments, and lets the machine's own
browser judge them.

The page comes from the function through the local gateway's events; the judge
(tests/browser/judge.py) runs in an environment of its own and knows the page by HTTP alone. What
it expects is written down here without the product's help.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import segno

from infra.local.engine import ROOT
from infra.local.host import Host
from infra.local.http_events import Request
from infra.local.triggers import Function, Route
from infra.segment.report import page
from siyu.settings import Settings
from tests.segment.shop import REAL_ORDERS, result_of

PYTHON = ROOT / ".tools" / "browser" / "bin" / "python"
SCREENSHOTS = ROOT / "docs" / "screenshots"
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
NONE_FOUND = (
    "No browser found. Install Chromium (Debian: apt install chromium fonts-noto-cjk; macOS: brew "
    "install --cask google-chrome) or name one: make browser BROWSER_BIN=/path/to/chromium"
)
BRAND, APP_ID, PAGE = "Siyu", "wx0123456789abcdef", "pages/scan/index"
# Has the shape of a token, and that is all the page looks at.
TOKEN = "01A1B2ABC0000001JKMNPQRSTV0123"
# Beside the page, so that whatever is asked of elsewhere is seen.
SEGMENTS_PATH = "/r/-/report.html"
FUNCTION = Function(
    logical_id="CodeLandingFunction",
    handler="code_landing.handler.lambda_handler",
    code_uri="functions/",
    timeout=5,
    memory=512,
    environment={},
    routes=(Route("GET", "/r/{token}"),),
)


def find_browser() -> str | None:
    named = os.environ.get("BROWSER_BIN")
    found = (shutil.which(name) for name in ((named,) if named else BROWSERS))
    return next(filter(None, found), None)


def environment() -> dict[str, str]:
    own = {"BRAND": BRAND, "WECHAT_APP_ID": APP_ID, "MINI_PROGRAM_PAGE": PAGE}
    names = [field.name.upper() for field in fields(Settings)]
    return {"AWS_DEFAULT_REGION": "us-east-1", **dict.fromkeys(names, "unused"), **own}


def serve() -> ThreadingHTTPServer:
    """The function behind a port of its own, in threads that end with this process."""
    name = FUNCTION.logical_id
    segments = page(result_of(REAL_ORDERS, date(2011, 12, 10))).encode()
    host = Host({name: FUNCTION}, {name: environment()})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            if url.path == SEGMENTS_PATH:
                self._send(200, {"content-type": "text/html; charset=utf-8"}, segments)
                return
            answer = host.call(Request("GET", url.path, url.query, self.headers.items()))
            self._send(answer.status, answer.headers, answer.body)

        def _send(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
            self.send_response(status)
            for header, value in headers.items():
                self.send_header(header, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nobody reads an access log here."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, name="landing", daemon=True).start()
    return server


def expectations(origin: str, browser: str, screenshots: Path | None) -> str:
    """All that the judge needs to know, as JSON."""
    shown = f"https://{origin.partition('//')[2]}/r/{TOKEN}"
    rows = segno.make_qr(shown, error="m").matrix_iter(border=4)
    query = f"appid={APP_ID}&path={PAGE}&query=token%3D{TOKEN}"
    return json.dumps(
        {
            "browser": browser,
            "page": f"{origin}/r/{TOKEN}",
            "bad_page": f"{origin}/r/{TOKEN}x",
            "segments": f"{origin}{SEGMENTS_PATH}",
            "brand": BRAND,
            "link": f"weixin://dl/business/?{query}",
            "modules": [[int(module) for module in row] for row in rows],
            "screenshots": screenshots and str(screenshots),
        }
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.run", description=__doc__)
    parser.add_argument("--screenshots", action="store_true", help="rewrite docs/screenshots")
    arguments = parser.parse_args()
    browser = find_browser()
    if browser is None:
        print(NONE_FOUND, file=sys.stderr)
        return 1
    server = serve()
    origin = f"http://127.0.0.1:{server.server_port}"
    known = expectations(origin, browser, SCREENSHOTS if arguments.screenshots else None)
    command = [str(PYTHON), "-m", "tests.browser.judge"]
    done = subprocess.run(command, cwd=ROOT, input=known, text=True, check=False)
    server.shutdown()
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
