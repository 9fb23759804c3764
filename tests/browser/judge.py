"""Looks at the landing page and a report of segments; runs with playwright, without the product.

Reads from standard input what tests/browser/run.py expects. Prints a line for every page it looked
at and what is wrong with it.
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright  # type: ignore[import-not-found]

from tests.browser import report_page
from tests.browser.browsing import AGENTS, Report, opened
from tests.browser.scripts import CONTRASTS, LONG_BRAND, SAMPLE, TEXTS, WIDTHS

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PHONE, DESKTOP, NARROW = (390, 844), (1280, 800), (320, 568)
TAGS = {"en": "en-GB", "zh": "zh-CN"}
LANGS = {"en": "en", "zh": "zh-CN"}
HEADINGS = {
    ("en", "wechat"): "Scan it with WeChat",
    ("en", "phone"): "Continue in WeChat",
    ("en", "desktop"): "Continue on your phone",
    ("en", "bad"): "This code cannot be read",
    ("zh", "wechat"): "请用微信扫一扫",
    ("zh", "phone"): "在微信中继续",
    ("zh", "desktop"): "用手机继续",
    ("zh", "bad"): "无法识别这个二维码",
}
BUTTONS = {"en": "Open in WeChat", "zh": "打开微信小程序"}
MIN_CONTRAST = 4.5
MIN_TARGET = 44


class Judge:
    """All checks; `known` is what tests/browser/run.py expects."""

    def __init__(self, browser: Browser, known: dict[str, Any]) -> None:
        self.browser, self.known, self.report = browser, known, Report()

    def look(self, language: str, kind: str) -> None:
        """The page as it opens for a reader of `language`, at its usual size."""
        size = DESKTOP if kind == "desktop" else PHONE
        options = {"locale": TAGS[language], "java_script_enabled": False}
        with (
            self.report.looking(f"{language} {kind}"),
            opened(self.browser, self.report, self.known["page"], kind, size, **options) as page,
        ):
            self.words(*page, language, kind)
            self.doors(page[0], language, kind)

    def words(self, page: Any, answer: Any, language: str, kind: str) -> None:
        expect, heading = self.report.expect, HEADINGS[language, kind]
        expect("status", answer.status, 404 if kind == "bad" else 200)
        expect("title", page.title(), f"{heading} · {self.known['brand']}")
        expect("heading", page.locator("h1").all_inner_texts(), [heading])
        expect("lang", page.locator("html").get_attribute("lang"), LANGS[language])
        expect("content-language", answer.headers.get("content-language"), LANGS[language])
        self.report.check("the heading is not visible", page.locator("h1").is_visible())

    def doors(self, page: Any, language: str, kind: str) -> None:
        """The button on a phone, the QR code on a desktop, nothing elsewhere."""
        links = page.locator("main a")
        wanted = [self.known["link"]] if kind == "phone" else []
        found = [link.get_attribute("href") for link in links.all()]
        self.report.expect("ways into WeChat", found, wanted)
        if kind == "phone":
            self.report.expect("button", links.all_inner_texts(), [BUTTONS[language]])
            self.report.check("the button is not visible", links.is_visible())
        codes = page.locator("main figure svg")
        self.report.expect("QR codes", codes.count(), int(kind == "desktop"))
        if kind == "desktop":
            self.code(codes)

    def code(self, drawing: Any) -> None:
        """Compares the picture on the screen with the code, module by module."""
        picture = base64.b64encode(drawing.screenshot()).decode()
        modules = self.known["modules"]
        blank = self.browser.new_page()
        seen = blank.evaluate(SAMPLE, [f"data:image/png;base64,{picture}", len(modules)])
        blank.close()
        self.report.check("the QR code is not the one of this page", seen == modules)

    def look_at_bad(self, language: str, kind: str) -> None:
        """The page for what is no code."""
        url, options = self.known["bad_page"], {"locale": TAGS[language]}
        # The browser itself reports every 404 on its console.
        notice = "console: Failed to load resource: the server responded with a status of 404"
        with self.report.looking(f"{language} {kind}, no code"):
            with opened(self.browser, self.report, url, kind, PHONE, **options) as page:
                self.words(*page, language, "bad")
                self.doors(page[0], language, "bad")
                shown = url.rpartition("/")[2] in page[0].content()
                self.report.check("the page repeats what it was asked for", not shown)
            self.report.wrong[:] = [one for one in self.report.wrong if notice not in one]

    def switch(self, kind: str) -> None:
        """The link to the other language, by click, there and back."""
        with (
            self.report.looking(f"language switch, {kind}"),
            opened(
                self.browser, self.report, self.known["page"], kind, PHONE, locale="en-GB"
            ) as page,
        ):
            for language in ("zh", "en"):
                with page[0].expect_navigation() as navigation:
                    page[0].locator("header a").click()
                self.words(page[0], navigation.value, language, kind)
                self.doors(page[0], language, kind)

    def layout(self, language: str, kind: str, scheme: str) -> None:
        """Narrow screens, contrast and what a finger has to hit, light or dark."""
        options = {"locale": TAGS[language], "color_scheme": scheme}
        with (
            self.report.looking(f"{language} {kind}, {scheme}, {NARROW[0]} px wide"),
            opened(self.browser, self.report, self.known["page"], kind, NARROW, **options) as page,
        ):
            for name, ratio in page[0].evaluate(CONTRASTS, TEXTS):
                self.report.check(f"contrast of {name} is {ratio:.2f}", ratio >= MIN_CONTRAST)
            for link in page[0].locator("a").all():
                tall = link.bounding_box()["height"]
                self.report.check(f"a link is {tall} px tall", tall >= MIN_TARGET)
            for brand in ("usual", "long"):
                wide, room = page[0].evaluate(WIDTHS)
                self.report.check(f"{wide} px wide with a {brand} brand", wide <= room)
                page[0].evaluate(LONG_BRAND)

    def shoot(self, folder: Path) -> None:
        """Rewrites the pictures of the documentation."""
        views = [(language, kind) for language in TAGS for kind in ("phone", "desktop")]
        for language, kind in (*views, ("zh", "wechat")):
            size, scale = (DESKTOP, 1) if kind == "desktop" else (PHONE, 2)
            options = {"locale": TAGS[language], "device_scale_factor": scale}
            url = self.known["page"]
            with opened(self.browser, self.report, url, kind, size, **options) as (page, _):
                page.screenshot(path=folder / f"landing-{language}-{kind}.png")

    def run(self) -> Report:
        for language in TAGS:
            for kind in AGENTS:
                self.look(language, kind)
                self.look_at_bad(language, kind)
                for scheme in ("light", "dark"):
                    self.layout(language, kind, scheme)
        for kind in AGENTS:
            self.switch(kind)
        segments = (self.browser, self.report, self.known["segments"])
        report_page.look(*segments, MIN_CONTRAST)
        if self.known["screenshots"]:
            folder = Path(self.known["screenshots"])
            self.shoot(folder)
            report_page.shoot(*segments, folder)
        return self.report


def main() -> int:
    known = json.load(sys.stdin)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=known["browser"], args=FLAGS)
        print(f"Looking with {known['browser']}, version {browser.version}")
        report = Judge(browser, known).run()
        browser.close()
    print(f"{report.passed} passed, {report.failed} failed")
    return int(report.failed > 0)


if __name__ == "__main__":
    sys.exit(main())
