"""A picture for a phone's album, which takes no SVG: a poster's colours around its QR code, as PNG.

There are no words on it, since letters need a font, which no function carries.
"""

import struct
import zlib
from collections.abc import Iterator

from siyu.api.poster import ACCENT, PAPER, QUIET_ZONE, symbol_of

# Portrait of 3 to 4, as wide as the screens that it is looked at on; the code is in the middle.
WIDTH, HEIGHT, BAND, ROOM = 1_080, 1_440, 270, 720
# Rows of pixels are indices into these, which PNG calls a palette.
COLOURS = (PAPER, ACCENT, "#ffffff", "#000000")
LIGHT, DARK = b"\2", b"\3"
# Each pixel is a byte that is such an index; a row begins with its filter, here none.
EIGHT_BITS, PALETTE, NO_FILTER = 8, 3, b"\0"


def card(link: str) -> bytes:
    """A picture of a link's QR code, with its quiet zone, under a band in the brand's colour."""
    paper, accent = bytes(WIDTH), b"\1" * WIDTH
    symbol = list(_symbol(link))
    above = (HEIGHT - len(symbol)) // 2
    pixels = [accent] * BAND + [paper] * (above - BAND) + symbol
    pixels += [paper] * (HEIGHT - len(pixels))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, EIGHT_BITS, PALETTE, 0, 0, 0)
    colours = b"".join(bytes.fromhex(colour[1:]) for colour in COLOURS)
    drawn = zlib.compress(b"".join(NO_FILTER + row for row in pixels))
    chunks = ((b"IHDR", header), (b"PLTE", colours), (b"IDAT", drawn), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*one) for one in chunks)


def _symbol(link: str) -> Iterator[bytes]:
    """The rows of the QR code, on paper; a module is as many whole pixels wide as there is room."""
    matrix = list(symbol_of(link).matrix_iter(border=QUIET_ZONE))
    scale = ROOM // len(matrix)
    left = (WIDTH - scale * len(matrix)) // 2
    for modules in matrix:
        row = b"".join((DARK if module else LIGHT) * scale for module in modules)
        yield from [(bytes(left) + row).ljust(WIDTH, b"\0")] * scale


def _chunk(kind: bytes, content: bytes) -> bytes:
    """https://www.w3.org/TR/png-3/#5Chunk-layout"""
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)
