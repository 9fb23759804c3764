"""The page behind an ordinary link in a QR code, for those whom WeChat did not take along.

It verifies nothing and looks the same for every token, so that nobody can learn from it whether a
code is valid; only text that has the shape of a token, in its normal spelling, is ever shown.
"""

import re
from dataclasses import dataclass
from enum import Enum
from html import escape
from http import HTTPStatus
from urllib.parse import quote

from siyu.api.landing_style import CSS, POLICY
from siyu.api.landing_texts import LANGUAGES, Copy, Language, Steps
from siyu.domain import base32, codes

MAX_AGE_SECONDS = 60
QUIET_ZONE = 4
# Tablets count as phones; one that asks for desktop pages looks like a desktop and gets the QR.
PHONES = re.compile(r"android|iphone|ipad|mobile|openharmony", re.IGNORECASE)
WECHAT_ON_A_DESKTOP = re.compile(r"(?:windows|mac|linux)wechat", re.IGNORECASE)
RANGE = re.compile(r"(en|zh)(?:-[a-z0-9-]+)?(?:;q=([01](?:\.\d{1,3})?))?", re.IGNORECASE)
FRAME = (
    '<svg viewBox="0 0 72 72" stroke-width="3"><path d="M2 20v-6a12 12 0 0 1 12-12h6M52 2h6a12 12 '
    '0 0 1 12 12v6M70 52v6a12 12 0 0 1-12 12h-6M20 70h-6a12 12 0 0 1-12-12v-6"/></svg>'
)


class Device(Enum):
    """Where the page is read."""

    WECHAT = "wechat"
    PHONE = "phone"
    DESKTOP = "desktop"


@dataclass(frozen=True, slots=True)
class Visit:
    """A request: nothing in it has been checked but `host`, which the gateway itself names."""

    token: str
    origin: str
    agent: str
    wanted: str
    accepted: str


@dataclass(frozen=True, slots=True)
class MiniProgram:
    """Where codes are opened; `page` has no leading slash and no query."""

    brand: str
    app_id: str
    page: str

    def link(self, token: str) -> str:
        """The plain URL scheme: its page must be declared for it in the mini-program's console.

        Source: developers.weixin.qq.com/miniprogram/dev/framework/open-ability/url-scheme.
        """
        query = quote(f"token={token}", safe="")
        return f"weixin://dl/business/?appid={self.app_id}&path={quote(self.page)}&query={query}"


@dataclass(frozen=True, slots=True)
class Page:
    """An answer."""

    status: HTTPStatus
    headers: dict[str, str]
    html: str


def page(visit: Visit, program: MiniProgram) -> Page:
    """The page for a visit: 404 when its token is none, else 200, be it valid or not."""
    device = device_of(visit.agent)
    language = language_of(visit.wanted, visit.accepted, device)
    if codes.read(visit.token) is None:
        status, copy, door, wide = HTTPStatus.NOT_FOUND, language.unreadable, "", False
    else:
        token = base32.encode(base32.decode(visit.token), codes.TOKEN_CHARS)
        status, copy, wide = HTTPStatus.OK, _copy(language, device), device is Device.DESKTOP
        door = _door(device, language, program.link(token), f"{visit.origin}/r/{token}")
    headers = {
        "Content-Security-Policy": POLICY,
        "Content-Language": language.tag,
        "Cache-Control": f"private, max-age={MAX_AGE_SECONDS}",
        "Vary": "Accept-Language, User-Agent",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
    return Page(status, headers, _html(language, copy, program.brand, door, wide=wide))


def device_of(agent: str) -> Device:
    """What a User-Agent header says; without a hint it is a desktop, whose QR helps everybody."""
    if "micromessenger" in agent.lower() and not WECHAT_ON_A_DESKTOP.search(agent):
        return Device.WECHAT
    return Device.PHONE if PHONES.search(agent) else Device.DESKTOP


def language_of(wanted: str, accepted: str, device: Device) -> Language:
    """What was asked for, else the best of Accept-Language, else what WeChat's users read."""
    name = wanted if wanted in LANGUAGES else _best(accepted)
    return LANGUAGES[name or ("zh" if device is Device.WECHAT else "en")]


def _best(accepted: str) -> str:
    best, weight = "", 0.0
    for part in accepted.replace(" ", "").split(","):
        found = RANGE.fullmatch(part)
        if found and float(found[2] or 1) > weight:
            best, weight = found[1].lower(), float(found[2] or 1)
    return best


def _copy(language: Language, device: Device) -> Copy:
    copies = {Device.WECHAT: language.wechat, Device.PHONE: language.phone}
    return copies.get(device, language.desktop)


def _door(device: Device, language: Language, link: str, address: str) -> str:
    """The way into the mini-program; WeChat's own browser blocks the scheme, so it has none."""
    if device is Device.PHONE:
        return f'<a class="button" href="{escape(link)}">{escape(language.button)}</a>'
    if device is Device.DESKTOP:
        caption = escape(language.caption)
        image = f'<div role="img" aria-label="{caption}">{_qr(address)}</div>'
        return f'<figure class="code">{image}<figcaption>{caption}</figcaption></figure>'
    return ""


def _qr(address: str) -> str:
    import segno  # noqa: PLC0415 - phones are nearly all visitors: their cold start is spared it

    code = segno.make_qr(address, error="m")
    return code.svg_inline(border=QUIET_ZONE, omitsize=True, svgclass=None, lineclass=None)


def _html(language: Language, copy: Copy, brand: str, door: str, *, wide: bool) -> str:
    def say(text: str) -> str:
        return escape(text.format(brand=brand))

    def way(steps: Steps) -> str:
        items = "".join(f"<li>{say(step)}</li>" for step in steps.steps)
        return f"<section><h2>{say(steps.heading)}</h2><ol>{items}</ol></section>"

    ways = "".join(way(steps) for steps in copy.ways)
    name, other = next((n, o) for n, o in LANGUAGES.items() if o is not language)
    width = ' class="wide"' if wide else ""
    mark = f'<div class="mark" aria-hidden="true">{FRAME}{escape(brand[:1])}</div>'
    words = f'<h1>{say(copy.heading)}</h1><p class="lead">{say(copy.lead)}</p>'
    inside = f"<div>{mark}{words}{ways}</div>{door}" if wide else f"{mark}{words}{door}{ways}"
    return f"""<!doctype html>
<html lang="{language.tag}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{say(copy.heading)} · {escape(brand)}</title>
<style>{CSS}</style>
</head>
<body>
<header{width}>
<p class="brand">{escape(brand)}</p>
<a class="language" href="?lang={name}" lang="{other.tag}" hreflang="{other.tag}">{other.name}</a>
</header>
<main{width}>{inside}</main>
</body>
</html>
"""
