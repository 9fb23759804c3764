"""GET /r/{token}: a page that helps everybody into the mini-program and betrays no code."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from dataclasses import fields
from html.parser import HTMLParser
from typing import Any

import pytest
import segno

from infra.local.http_events import Answer, Request, Routes, build_event, read_result
from infra.local.invoke import Context, load_handler
from infra.local.triggers import Function, Route
from siyu.api.landing_page import Device, MiniProgram, Visit, page
from siyu.api.landing_texts import CHINESE, ENGLISH, LANGUAGES, Copy

HANDLER = "code_landing.handler.lambda_handler"
ROUTES = Routes([Function("F", HANDLER, "", 5, 512, {}, routes=(Route("GET", "/r/{token}"),))])
TOKEN = "01A1B2ABC0000001" + "JKMNPQRSTV0011"
OTHER = "11A1B2ABC0000002" + "0123456789ABCD"
MISSPELT = TOKEN.lower().replace("0", "o").replace("1", "L")
AGENTS = {
    Device.WECHAT: "Mozilla/5.0 (iPhone) AppleWebKit/605 Mobile/15E148 MicroMessenger/8.0.66",
    Device.PHONE: "Mozilla/5.0 (Linux; Android 16; K) Chrome/142.0.0.0 Mobile Safari/537.36",
    Device.DESKTOP: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/142.0.0.0 Safari/537.36",
}
UNREADABLE = [
    "x",
    TOKEN[:-1],
    TOKEN + "0",
    TOKEN[:-1] + "U",
    TOKEN[:-1] + "０",
    "Z" + TOKEN[1:],
    '"><script>alert(1)</script>',
    "{brand}",
    "a/b",
    "a\nb",
    "é\ud800",
    "x" * 8_000,
]


def event(token: str, agent: str = "", accepted: str = "", query: str = "") -> dict[str, Any]:
    path = f"/r/{token}"
    headers = [("User-Agent", agent), ("Accept-Language", accepted)]
    match = ROUTES.find("GET", "/r/x")
    assert match is not None
    return build_event(Request("GET", path, query, headers), match)


def visit(token: str, agent: str = "", accepted: str = "", query: str = "") -> Answer:
    made = load_handler(HANDLER)(event(token, agent, accepted, query), Context("F", 5))
    return read_result(json.loads(json.dumps(made)))


class Elements(HTMLParser):
    """Start tags with their attributes, and all text, of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data

    def links(self) -> list[str | None]:
        return [attributes.get("href") for tag, attributes in self.found if tag == "a"]


def scheme(token: str) -> str:
    return f"weixin://dl/business/?appid=wxtest&path=pages/scan/index&query=token%3D{token}"


def drawn(text: str) -> list[str]:
    """The outlines of all QR codes in a page."""
    return re.findall(r'<path stroke="#000" d="([^"]+)"', text)


def test_a_phone_gets_a_button_into_the_mini_program() -> None:
    answer = visit(TOKEN, AGENTS[Device.PHONE])
    assert (answer.status, Elements(answer.text).links()) == (200, ["?lang=zh", scheme(TOKEN)])
    assert not drawn(answer.text)


def test_wechats_own_browser_gets_words_alone() -> None:
    answer = visit(TOKEN, AGENTS[Device.WECHAT])
    assert (answer.status, Elements(answer.text).links()) == (200, ["?lang=en"])
    assert not drawn(answer.text)
    assert TOKEN not in answer.text


def test_a_desktop_gets_the_same_code_to_scan() -> None:
    answer = visit(TOKEN, AGENTS[Device.DESKTOP])
    assert (answer.status, Elements(answer.text).links()) == (200, ["?lang=zh"])
    code = segno.make_qr(f"https://localhost/r/{TOKEN}", error="m")
    assert drawn(answer.text) == drawn(code.svg_inline(border=4, svgclass=None, lineclass=None))


def own(answer: Answer) -> dict[str, str]:
    """The headers without the one that every answer has, with another value."""
    assert answer.headers["x-request-id"]
    return {name: text for name, text in answer.headers.items() if name != "x-request-id"}


@pytest.mark.parametrize("device", Device)
def test_every_code_gets_the_same_page_whoever_signed_it(device: Device) -> None:
    one, two = (visit(token, AGENTS[device]) for token in (TOKEN, OTHER))
    if device is Device.DESKTOP:
        assert drawn(one.text) != drawn(two.text)
    plain, other = (
        re.sub(r' d="[^"]+"', "", answer.text).replace(token, "")
        for answer, token in ((one, TOKEN), (two, OTHER))
    )
    assert (one.status, own(one), plain) == (two.status, own(two), other)


@pytest.mark.parametrize("device", Device)
def test_a_misspelt_token_is_shown_in_its_normal_spelling(device: Device) -> None:
    assert visit(MISSPELT, AGENTS[device]).text == visit(TOKEN, AGENTS[device]).text


@pytest.mark.parametrize("device", Device)
def test_what_is_no_token_is_answered_without_a_word_of_it(device: Device) -> None:
    answers = [visit(token, AGENTS[device], "en") for token in UNREADABLE]
    (text,) = {answer.text for answer in answers}
    assert {answer.status for answer in answers} == {404}
    assert {answer.headers["content-type"] for answer in answers} == {"text/html; charset=utf-8"}
    assert Elements(text).links() == ["?lang=zh"]
    assert not drawn(text)
    assert ENGLISH.unreadable.heading in text


@pytest.mark.parametrize("token", [TOKEN, "x"])
@pytest.mark.parametrize("device", Device)
def test_every_page_is_locked_down(device: Device, token: str) -> None:
    answer = visit(token, AGENTS[device], "zh")
    style = re.search(r"<style>(.*)</style>", answer.text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert own(answer) == {
        "content-type": "text/html; charset=utf-8",
        "content-language": "zh-CN",
        "content-security-policy": (
            f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
            "form-action 'none'; frame-ancestors 'none'"
        ),
        "cache-control": "private, max-age=60",
        "vary": "Accept-Language, User-Agent",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
    }


@pytest.mark.parametrize("name", LANGUAGES)
@pytest.mark.parametrize("device", Device)
def test_a_page_needs_neither_scripts_nor_anything_from_elsewhere(
    device: Device, name: str
) -> None:
    seen = Elements(visit(TOKEN, AGENTS[device], query=f"lang={name}").text)
    tags = [tag for tag, _ in seen.found]
    assert tags.count("h1") == tags.count("main") == tags.count("title") == 1
    assert not {"script", "img", "link", "form", "iframe"} & set(tags)
    handlers = [key for _, attributes in seen.found for key in attributes if key[:2] == "on"]
    assert not handlers
    assert seen.found[0] == ("html", {"lang": LANGUAGES[name].tag})


def branded(brand: str, agent: str, language: str) -> str:
    return page(Visit(TOKEN, "h", agent, language, ""), MiniProgram(brand, "wx1", "p")).html


@pytest.mark.parametrize("name", LANGUAGES)
@pytest.mark.parametrize("device", Device)
def test_a_brand_is_text_and_nothing_else(device: Device, name: str) -> None:
    brand = '<b onload="x">&{brand}'
    odd, plain = (branded(text, AGENTS[device], name) for text in (brand, "Siyu"))
    assert [odd.count(mark) for mark in '<">'] == [plain.count(mark) for mark in '<">']
    assert Elements(odd).found == Elements(plain).found
    assert Elements(odd).words.count(brand) == Elements(plain).words.count("Siyu") >= 3


def test_the_link_to_the_other_language_leads_there_and_back() -> None:
    english = visit(TOKEN, AGENTS[Device.WECHAT], "zh", "lang=en")
    chinese = visit(TOKEN, AGENTS[Device.WECHAT], "en", "lang=zh")
    assert Elements(english.text).links() == ["?lang=zh"]
    assert Elements(chinese.text).links() == ["?lang=en"]
    assert ENGLISH.wechat.heading in english.text
    assert CHINESE.wechat.heading in chinese.text


def test_both_languages_say_the_same_things() -> None:
    for field in fields(ENGLISH):
        english, chinese = getattr(ENGLISH, field.name), getattr(CHINESE, field.name)
        assert english != chinese
        if isinstance(english, Copy):
            assert [len(way.steps) for way in english.ways] == [len(w.steps) for w in chinese.ways]
            assert str(english).count("{brand}") == str(chinese).count("{brand}")


def test_a_phone_is_answered_without_models_table_secrets_and_qr_codes() -> None:
    code = (
        "import json, sys\n"
        "from infra.local.invoke import Context, load_handler\n"
        f"answer = load_handler({HANDLER!r})(json.load(sys.stdin), Context('F', 5))\n"
        "print(answer['statusCode'], *sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps(event(TOKEN, AGENTS[Device.PHONE])),
        capture_output=True,
        text=True,
        check=True,
    )
    status, *modules = done.stdout.split()
    assert status == "200"
    assert "siyu.api.landing_page" in modules
    slow = {"pydantic", "segno", "pynamodb", "botocore.session", "siyu.storage", "siyu.secrets"}
    assert not slow & set(modules)
