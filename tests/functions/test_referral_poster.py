"""GET /v1/me/referral and the pictures of a referral code: what a member passes on."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest

from infra.local.http_events import read_result
from siyu.api import poster, session
from siyu.domain.codes import TOKEN_CHARS, Code, CodeKind, mint
from siyu.services.codes import referral_token
from tests.codes import qr
from tests.functions.calls import ANN, BOB, Event, body, call, refused
from tests.functions.make_events import http
from tests.services.shop import KEY, door, receipt, scan
from tests.support import NOW

ORIGIN = "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"
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


def test_a_member_is_told_the_code_its_link_and_where_the_pictures_are() -> None:
    bearer = {"authorization": f"Bearer {session.issue(ANN, NOW).token}"}
    said = body(call("referral_poster", http("GET", "/v1/me/referral", **bearer)))
    assert (said["code"], said["link"]) == (CODE, f"{ORIGIN}/r/{CODE}")
    for picture in said["pictures"]:
        path, _, query = picture["url"].removeprefix(ORIGIN).partition("?")
        answer = call("referral_poster", http("GET", path, query=query))
        kind = {"svg": "image/svg+xml", "png": "image/png"}[picture["format"]]
        assert (answer["statusCode"], answer["headers"]["Content-Type"]) == (200, kind)
    shown = [(picture["format"], picture["lang"]) for picture in said["pictures"]]
    assert shown == [("svg", "zh"), ("svg", "en"), ("png", None)]


def test_the_code_is_the_one_that_a_signup_tells() -> None:
    assert scan(receipt(1), "ann").referral_code != CODE
    member = scan(receipt(2), "bob")
    bearer = {"authorization": f"Bearer {session.issue(member.member_id, NOW).token}"}
    said = body(call("referral_poster", http("GET", "/v1/me/referral", **bearer)))
    assert said["code"] == member.referral_code


def test_without_a_session_there_is_no_code() -> None:
    refused(call("referral_poster", http("GET", "/v1/me/referral")), 401, "not_signed_in")


def test_the_png_is_the_qr_code_of_the_link_with_its_quiet_zone() -> None:
    answer = draw(query="format=png")
    assert answer["isBase64Encoded"] is True
    picture = read_result(answer).body
    assert picture == base64.b64decode(answer["body"])
    matrix = qr.from_png(picture, poster.PIXELS_A_MODULE)
    assert qr.read(matrix) == ("M", f"{SHORT}/r/{CODE}")
    assert qr.quiet_zone(matrix) == 4


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


@pytest.mark.parametrize("query", ["format=svg", "format=png"])
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
