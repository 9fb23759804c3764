"""The pictures of a referral code: what a member passes on."""

from __future__ import annotations

import base64
import json
import re
import struct
import subprocess
import sys
import zlib
from xml.etree import ElementTree as ET

import pytest

from infra.local.http_events import read_result
from siyu.api import poster
from siyu.domain.codes import TOKEN_CHARS, Code, CodeKind, mint
from siyu.services.codes import referral_token
from tests.codes import qr
from tests.functions.calls import ANN, BOB, Event, body, call, refused
from tests.functions.make_events import http
from tests.services.shop import KEY, door, receipt

SHORT = "https://shop.example"
CODE = referral_token(ANN)
SVG = "{http://www.w3.org/2000/svg}"


def draw(code: str = CODE, query: str = "", host: str = SHORT.removeprefix("https://")) -> Event:
    event = http("GET", f"/v1/referrals/{code}/poster", query=query)
    event["requestContext"]["domainName"] = host
    answer: Event = call("referral_poster", event)
    return answer


def text_of(answer: Event) -> str:
    assert answer["isBase64Encoded"] is False
    return str(answer["body"])


def symbol(poster: str) -> str:
    """The QR code in a poster."""
    found: list[str] = re.findall(r"<svg viewBox.*?</svg>", poster)
    assert len(found) == 1
    return found[0]


def words(poster: str) -> list[str | None]:
    return [element.text for element in ET.fromstring(poster).iter(f"{SVG}text")]  # noqa: S314


def test_the_png_is_the_qr_code_of_the_link_with_its_quiet_zone() -> None:
    answer = draw(query="format=png")
    assert answer["isBase64Encoded"] is True
    picture = read_result(answer).body
    assert picture == base64.b64decode(answer["body"])
    matrix = qr.from_png(picture, poster.PIXELS_A_MODULE)
    assert qr.read(matrix) == ("M", f"{SHORT}/r/{CODE}")
    assert qr.quiet_zone(matrix) == 4


def pixels(picture: bytes) -> list[bytes]:
    """The rows of a PNG of one byte a pixel, without their filters; every chunk is whole."""
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    at, chunks = 8, {}
    while at < len(picture):
        (length,) = struct.unpack(">I", picture[at : at + 4])
        kind, content = picture[at + 4 : at + 8], picture[at + 8 : at + 8 + length]
        (check,) = struct.unpack(">I", picture[at + 8 + length : at + 12 + length])
        assert zlib.crc32(kind + content) == check
        chunks[kind] = content
        at += 12 + length
    assert list(chunks) == [b"IHDR", b"PLTE", b"IDAT", b"IEND"]
    width, height, *how = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert (width, height, how) == (1_080, 1_440, [8, 3, 0, 0, 0])
    assert chunks[b"PLTE"].hex() == "e4f1ea0a7547ffffff000000"
    raw = zlib.decompress(chunks[b"IDAT"])
    assert len(raw) == height * (width + 1)
    return [raw[first + 1 : first + 1 + width] for first in range(0, len(raw), width + 1)]


def test_the_card_is_a_png_for_an_album_with_the_qr_code_in_the_middle() -> None:
    answer = draw(query="format=card")
    assert answer["headers"]["Content-Type"] == "image/png"
    rows = pixels(base64.b64decode(answer["body"]))
    assert set(rows[0]) == {1}
    assert set(rows[-1]) == {0}
    first, last = (
        next(at for at, row in some if 2 in row)
        for some in (enumerate(rows), reversed(list(enumerate(rows))))
    )
    left, right = rows[first].index(2), rows[first].rindex(2)
    assert last - first == right - left > 600
    assert abs(first - (len(rows) - 1 - last)) <= 1
    assert abs(left - (len(rows[0]) - 1 - right)) <= 1
    symbol = [row[left : right + 1] for row in rows[first : last + 1]]
    scale = next(n for n in range(10, 40) if len(symbol) % n == 0 and _even(symbol, n))
    matrix = [[pixel == 3 for pixel in row[::scale]] for row in symbol[::scale]]
    assert qr.read(matrix) == ("M", f"{SHORT}/r/{CODE}")
    assert qr.quiet_zone(matrix) == 4


def _even(symbol: list[bytes], scale: int) -> bool:
    """Whether each module is a square of so many pixels of one colour."""
    rows = range(len(symbol))
    return all(
        symbol[y] == symbol[y - y % scale] and symbol[y][x] == symbol[y][x - x % scale]
        for y in rows
        for x in rows
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_poster_holds_the_qr_code_of_the_link_and_the_code_in_letters(lang: str) -> None:
    answer = draw(query=f"format=svg&lang={lang}")
    matrix = qr.from_svg(symbol(text_of(answer)))
    assert qr.read(matrix) == ("M", f"{SHORT}/r/{CODE}")
    assert qr.quiet_zone(matrix) == 4
    brand, invitation, _, letters = words(text_of(answer))
    assert brand == "brand"
    assert invitation == poster.WORDS[lang].invitation
    assert (letters or "").replace(" ", "") == CODE


def test_it_is_a_chinese_svg_unless_asked_otherwise() -> None:
    assert draw() == draw(query="format=svg&lang=zh")
    assert draw() != draw(query="lang=en")


@pytest.mark.parametrize("query", ["format=svg", "format=png", "format=card"])
def test_a_picture_may_be_kept_for_a_day_and_can_run_nothing(query: str) -> None:
    headers = draw(query=query)["headers"]
    assert headers["Cache-Control"] == "public, max-age=86400"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_misspelt_code_is_drawn_in_its_normal_spelling() -> None:
    misspelt = CODE.lower().replace("0", "o").replace("1", "l")
    assert misspelt != CODE
    assert draw(misspelt) == draw()


@pytest.mark.parametrize("query", ["", "format=png", "lang=en"])
def test_what_is_no_members_code_has_no_picture_and_all_such_look_alike(query: str) -> None:
    other = "7" if CODE[-1] != "7" else "8"
    by_a_till = mint(Code(CodeKind.MEMBER, 1, ANN), KEY)
    wrong = [CODE[:-1] + other, CODE[::-1], CODE[:-1], receipt(1), door(), by_a_till, "x", "é"]
    answers = [draw(code, query) for code in wrong]
    refused(answers[0], 404, "not_found")
    assert all(answer == answers[0] for answer in answers)


@pytest.mark.parametrize(
    ("query", "field"),
    [("format=gif", "format"), ("format=", "format"), ("lang=fr", "lang"), ("lang=ZH", "lang")],
)
def test_another_format_or_language_is_named(query: str, field: str) -> None:
    answer = draw(query=query)
    refused(answer, 422, "invalid_request")
    assert [error["field"] for error in body(answer)["errors"]] == [f"query.{field}"]


def test_a_poster_needs_nothing_from_elsewhere_and_has_a_title() -> None:
    root = ET.fromstring(text_of(draw()))  # noqa: S314
    assert (root.tag, root.get("role")) == (f"{SVG}svg", "img")
    assert (root.get("width"), root.get("height")) == ("750", "1000")
    (title,) = root.findall(f"{SVG}title")
    assert root.get("aria-labelledby") == title.get("id")
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags == {"svg", "title", "path", "rect", "g", "text"}
    names = {name for element in root.iter() for name in element.attrib}
    assert not [name for name in names if "href" in name or name.startswith("on")]
    assert "url(" not in text_of(draw())


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_brand_is_text_and_nothing_else(lang: str) -> None:
    brand = '"><script>alert(1)</script>&{}' + "’" * 3
    odd, plain = (poster.svg(f"{SHORT}/r/x", CODE, name, lang) for name in (brand, "Siyu"))
    shapes = [[element.tag for element in ET.fromstring(made).iter()] for made in (odd, plain)]  # noqa: S314
    assert shapes[0] == shapes[1]
    assert words(odd)[0] == brand


@pytest.mark.parametrize("brand", ["S", "思域良品", "Siyu", "W" * 80, "思" * 80])
def test_a_long_name_is_set_smaller(brand: str) -> None:
    made = poster.svg(f"{SHORT}/r/x", CODE, brand, "zh")
    line = next(ET.fromstring(made).iter(f"{SVG}text"))  # noqa: S314
    size = int(line.get("font-size") or 0)
    wide = 3 if brand[0] == "思" else 2
    assert 0 < size <= 64
    assert size * wide * len(brand) <= 3 * 630
    assert size == 64 or size * wide * len(brand) > 3 * 630 - wide * 3 * len(brand)


def test_the_link_lands_where_every_code_does_and_carries_the_code_on() -> None:
    """So the mini-program learns it as the token that was opened; its first letter tells its kind
    (16 to 23: a member's)."""
    event = http("GET", f"/r/{CODE}")
    event["headers"]["user-agent"] = "Mozilla/5.0 (Linux; Android 16; K) Mobile Safari/537.36"
    answer = call("code_landing", event)
    assert answer["statusCode"] == 200
    assert f"query=token%3D{CODE}" in answer["body"]
    assert (len(CODE), CODE[0] in "GHJKMNPQ") == (TOKEN_CHARS, True)
    assert referral_token(BOB)[0] == CODE[0]


def test_a_picture_is_drawn_without_the_table() -> None:
    program = (
        "import json, sys\n"
        "from infra.local.invoke import Context, load_handler\n"
        "handler = load_handler('referral_poster.handler.lambda_handler')\n"
        "answer = handler(json.load(sys.stdin), Context('F', 5))\n"
        "print(answer['statusCode'], *sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(http("GET", f"/v1/referrals/{CODE}/poster")),
        capture_output=True,
        text=True,
        check=True,
    )
    status, *modules = done.stdout.split()
    assert status == "200"
    assert "siyu.api.poster" in modules
    assert not {"pynamodb", "siyu.storage", "siyu.wechat"} & set(modules)
