"""Looks at the report of `siyu segment`, and takes its pictures for the documentation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser  # type: ignore[import-not-found]

from tests.browser.browsing import Report, opened
from tests.browser.scripts import CONTRASTS, WIDTHS

TEXTS = "h1, h2, p, li, li span, li b, th, th span, td, td span, td b"
SIZES = {"phone": (320, 568), "desktop": (1280, 800)}
PICTURES = {"desktop": ((1120, 1000), "light", 1), "phone": ((390, 844), "dark", 2)}


def look(browser: Browser, report: Report, url: str, min_contrast: float) -> None:
    """Light and dark, narrow and wide: readable, complete, and no wider than the screen."""
    for kind, size in SIZES.items():
        for scheme in ("light", "dark"):
            options: dict[str, Any] = {"color_scheme": scheme}
            with (
                report.looking(f"report, {scheme}, {size[0]} px wide"),
                opened(browser, report, url, kind, size, **options) as (page, answer),
            ):
                report.expect("status", answer.status, 200)
                report.expect("cells of the heat map", page.locator(".heat td b").count(), 25)
                for name, ratio in page.evaluate(CONTRASTS, TEXTS):
                    report.check(f"contrast of {name} is {ratio:.2f}", ratio >= min_contrast)
                wide, room = page.evaluate(WIDTHS)
                report.check(f"{wide} px wide", wide <= room)


def shoot(browser: Browser, report: Report, url: str, folder: Path) -> None:
    """Rewrite the pictures."""
    for kind, (size, scheme, scale) in PICTURES.items():
        options: dict[str, Any] = {"color_scheme": scheme, "device_scale_factor": scale}
        with opened(browser, report, url, kind, size, **options) as (page, _):
            page.screenshot(path=folder / f"segments-{kind}.png")
