"""QR codes of links: error correction and quiet zone for thermal paper, and never a Micro QR."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO

import segno

# M mends 15 % of a symbol; ISO 18004 asks for a quiet zone of four modules.
ERROR, QUIET_ZONE = "m", 4


def link_of(origin: str, token: str) -> str:
    """What a QR code holds; `origin` is scheme and host, such as `https://shop.example`."""
    return f"{origin.rstrip('/')}/r/{token}"


def svg(link: str) -> str:
    """A vector picture without a size of its own, for a file or for inline HTML."""
    stream = BytesIO()
    _symbol(link).save(
        stream, kind="svg", border=QUIET_ZONE, light="#fff", omitsize=True, xmldecl=False, nl=False
    )
    return stream.getvalue().decode()


def png(link: str, scale: int) -> bytes:
    """A black-and-white picture, `scale` pixels a module."""
    stream = BytesIO()
    _symbol(link).save(stream, kind="png", border=QUIET_ZONE, scale=scale)
    return stream.getvalue()


@lru_cache(maxsize=1)
def _symbol(link: str) -> segno.QRCode:
    return segno.make_qr(link, error=ERROR)
