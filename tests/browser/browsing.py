"""Opens pages as phones and desktops do, and keeps what is found wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Error  # type: ignore[import-not-found]

AGENTS = {
    "wechat": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.66(0x18004236) NetType/WIFI",
    "phone": "Mozilla/5.0 (Linux; Android 16; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Mobile Safari/537.36",
    "desktop": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36",
}


@dataclass
class Report:
    """What was looked at, and what was found wrong."""

    passed: int = 0
    failed: int = 0
    wrong: list[str] = field(default_factory=list)

    def expect(self, what: str, found: Any, wanted: Any) -> None:
        if found != wanted:
            self.wrong.append(f"{what} is {found!r}, not {wanted!r}")

    def check(self, what: str, good: bool) -> None:
        if not good:
            self.wrong.append(what)

    @contextmanager
    def looking(self, name: str) -> Iterator[None]:
        self.wrong = []
        try:
            yield
        except Error as error:
            self.wrong.append(f"the browser says: {error}")
        self.passed += not self.wrong
        self.failed += bool(self.wrong)
        print("\n     ".join([f"{'FAIL' if self.wrong else 'ok'}   {name}", *self.wrong]))


@contextmanager
def opened(
    browser: Browser, report: Report, url: str, kind: str, size: tuple[int, int], **options: Any
) -> Iterator[tuple[Any, Any]]:
    """A page and its answer; complaints of the browser and requests to elsewhere are faults."""
    context = browser.new_context(
        user_agent=AGENTS[kind],
        viewport={"width": size[0], "height": size[1]},
        is_mobile=kind != "desktop",
        has_touch=kind != "desktop",
        **options,
    )
    page = context.new_page()
    origin = url.partition("/r/")[0]
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: report.wrong.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: report.wrong.append(f"error: {error}"))
    try:
        yield page, page.goto(url)
        strangers = [one for one in asked if not one.startswith(f"{origin}/r/")]
        report.expect("what was asked from elsewhere", strangers, [])
        report.expect("cookies", context.cookies(), [])
    finally:
        context.close()
