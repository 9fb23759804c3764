"""Reads QR codes of versions 3 to 5 in byte mode: enough to check what a picture of ours holds.

It looks at nothing but dark and light modules, so it shares no code with the library that draws.
Layout, masks and block counts are those of ISO/IEC 18004.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator

Matrix = list[list[bool]]

# Version and error correction -> number of blocks and the data codewords of each.
_BLOCKS = {(3, "M"): (1, 44), (4, "M"): (2, 32), (4, "Q"): (2, 24), (5, "M"): (2, 43)}
_MASKS = (
    lambda r, c: (r + c) % 2 == 0,
    lambda r, _: r % 2 == 0,
    lambda _, c: c % 3 == 0,
    lambda r, c: (r + c) % 3 == 0,
    lambda r, c: (r // 2 + c // 3) % 2 == 0,
    lambda r, c: r * c % 2 + r * c % 3 == 0,
    lambda r, c: (r * c % 2 + r * c % 3) % 2 == 0,
    lambda r, c: ((r + c) % 2 + r * c % 3) % 2 == 0,
)
_LEVELS = {0: "M", 1: "L", 2: "H", 3: "Q"}


def from_png(picture: bytes, scale: int) -> Matrix:
    """The modules of a 1-bit greyscale PNG, one pixel out of each."""
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, depth, colour = struct.unpack(">IIBB", picture[16:26])
    assert (depth, colour) == (1, 0)
    start = picture.index(b"IDAT")
    (length,) = struct.unpack(">I", picture[start - 4 : start])
    rows = _unfiltered(zlib.decompress(picture[start + 4 : start + 4 + length]), (width + 7) // 8)
    return [
        [not row[x // 8] >> (7 - x % 8) & 1 for x in range(scale // 2, width, scale)]
        for row in rows[scale // 2 : height : scale]
    ]


def _unfiltered(raw: bytes, width: int) -> list[bytes]:
    """The rows of bytes; each begins with its filter, none (0) or up (2)."""
    rows, above = [], bytes(width)
    for at in range(0, len(raw), width + 1):
        assert raw[at] in (0, 2)
        row = raw[at + 1 : at + 1 + width]
        if raw[at] == 2:
            row = bytes((one + up) & 255 for one, up in zip(row, above, strict=True))
        rows.append(row)
        above = row
    return rows


def from_svg(picture: str) -> Matrix:
    """The modules of an SVG whose one stroke runs along the rows."""
    found = re.search(r'viewBox="0 0 (\d+) (\d+)"', picture)
    stroke = re.search(r'stroke="#000" d="([^"]+)"', picture)
    assert found is not None
    assert stroke is not None
    matrix = [[False] * int(found[1]) for _ in range(int(found[2]))]
    x = y = 0.0
    for command, first, second in re.findall(r"([Mmh])(-?[\d.]+) ?(-?[\d.]+)?", stroke[1]):
        if command == "h":
            for column in range(int(x), int(x + float(first))):
                matrix[int(y)][column] = True
            x += float(first)
        else:
            base = (0.0, 0.0) if command == "M" else (x, y)
            x, y = base[0] + float(first), base[1] + float(second)
    return matrix


def quiet_zone(matrix: Matrix) -> int:
    """How many rows, or columns if fewer, are light on every side."""
    sides = (
        matrix,
        matrix[::-1],
        list(zip(*matrix, strict=True)),
        list(zip(*matrix, strict=True))[::-1],
    )
    return min(next(n for n, line in enumerate(side) if any(line)) for side in sides)


def read(matrix: Matrix) -> tuple[str, str]:
    """The level of error correction and the text."""
    border = quiet_zone(matrix)
    symbol = [row[border : len(row) - border] for row in matrix[border : len(matrix) - border]]
    version = (len(symbol) - 17) // 4
    level, mask = _format(symbol)
    bits = [symbol[r][c] ^ _MASKS[mask](r, c) for r, c in _path(len(symbol))]
    words = [_number(bits[at : at + 8]) for at in range(0, len(bits) - 7, 8)]
    blocks, size = _BLOCKS[version, level]
    data = b"".join(bytes(words[block : blocks * size : blocks]) for block in range(blocks))
    stream = [bool(byte >> place & 1) for byte in data for place in reversed(range(8))]
    assert _number(stream[:4]) == 4, "not in byte mode"
    length = _number(stream[4:12])
    text = bytes(_number(stream[at : at + 8]) for at in range(12, 12 + 8 * length, 8))
    return level, text.decode()


def _format(symbol: Matrix) -> tuple[str, int]:
    bits = _number([symbol[8][c] for c in (0, 1, 2, 3, 4)]) ^ 0b10101
    return _LEVELS[bits >> 3], bits & 7


def _number(bits: list[bool]) -> int:
    return int("".join("01"[bit] for bit in bits), 2)


def _path(size: int) -> Iterator[tuple[int, int]]:
    """Where data and error correction stand, in order: upwards and downwards from the right."""
    for turn, right in enumerate((*range(size - 1, 6, -2), 5, 3, 1)):
        rows = range(size - 1, -1, -1) if turn % 2 == 0 else range(size)
        for row in rows:
            for column in (right, right - 1):
                if not _reserved(row, column, size):
                    yield row, column


def _reserved(row: int, column: int, size: int) -> bool:
    finder = (row < 9 and (column < 9 or column >= size - 8)) or (row >= size - 8 and column < 9)
    alignment = size - 9 <= row < size - 4 and size - 9 <= column < size - 4
    return finder or alignment or 6 in (row, column)
