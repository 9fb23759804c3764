"""A member's referral code as a picture: a poster as SVG, or its QR code alone as PNG.

Nothing in it comes from elsewhere, neither fonts nor images, so it can be saved and printed.
"""

from dataclasses import dataclass
from html import escape
from io import BytesIO
from unicodedata import east_asian_width

import segno

SVG, PNG = "image/svg+xml", "image/png"
# M mends 15 % of a symbol; ISO 18004 asks for a quiet zone of four modules.
ERROR, QUIET_ZONE = "m", 4
PIXELS_A_MODULE = 12
WIDTH, HEIGHT, MARGIN = 750, 1_000, 60
PAPER, ACCENT, INK, SOFT = "#e4f1ea", "#0a7547", "#16201b", "#55615a"
FONTS = (
    "system-ui, 'PingFang SC', 'Hiragino Sans GB', 'Microsoft YaHei', 'Noto Sans CJK SC', Arial, "
    "sans-serif"
)
GROUP = 5


@dataclass(frozen=True, slots=True)
class Words:
    """What a poster says in one language; `tag` is its BCP 47 tag."""

    tag: str
    invitation: str
    caption: str


WORDS = {
    "zh": Words("zh-CN", "好友邀请你成为会员", "微信扫一扫"),
    "en": Words("en", "A friend invites you to join", "Scan with WeChat"),
}


def png(link: str) -> bytes:
    """The QR code of a link in black and white, with its quiet zone."""
    stream = BytesIO()
    symbol_of(link).save(stream, kind="png", border=QUIET_ZONE, scale=PIXELS_A_MODULE)
    return stream.getvalue()


def svg(link: str, code: str, brand: str, language: str) -> str:
    """A portrait of 3 to 4: the brand, an invitation, the QR code of the link, and the code."""
    words = WORDS[language]
    spaced = " ".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))
    symbol = symbol_of(link).svg_inline(
        border=QUIET_ZONE, omitsize=True, light="#fff", svgclass=None, lineclass=None
    )
    lines = "".join(
        (
            _line(brand, 95, 64, "#fff"),
            _line(words.invitation, 250, 36, INK),
            _line(words.caption, 858, 30, INK),
            _line(spaced, 922, 26, SOFT),
        )
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'height="{HEIGHT}" lang="{words.tag}" role="img" aria-labelledby="title">'
        f'<title id="title">{escape(brand)} · {words.invitation}</title>'
        f'<path fill="{PAPER}" d="M0 0h{WIDTH}v{HEIGHT}H0z"/>'
        f'<path fill="{ACCENT}" d="M0 0h{WIDTH}v190H0z"/>'
        '<rect fill="#fff" x="125" y="310" width="500" height="500" rx="32"/>'
        f'<svg x="140" y="325" width="470" height="470" shape-rendering="crispEdges">{symbol}</svg>'
        f'<g text-anchor="middle" dominant-baseline="central" font-family="{FONTS}">{lines}</g>'
        "</svg>"
    )


def _line(text: str, y: int, size: int, colour: str) -> str:
    """A line of text in the middle, smaller where it would not fit; a wide letter is as wide as it
    is high, and another one two thirds of that at most, on average."""
    thirds = sum(3 if east_asian_width(letter) in "WFA" else 2 for letter in text)
    fitting = min(size, 3 * (WIDTH - 2 * MARGIN) // max(thirds, 1))
    middle, words = WIDTH // 2, escape(text)
    return f'<text x="{middle}" y="{y}" font-size="{fitting}" fill="{colour}">{words}</text>'


def symbol_of(link: str) -> segno.QRCode:
    """The QR code of a link."""
    return segno.make_qr(link, error=ERROR)
