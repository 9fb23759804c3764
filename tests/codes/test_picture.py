"""What a picture holds is the link, readable from a small piece of thermal paper."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
import segno

from infra.codes.picture import link_of, png, svg
from tests.codes import qr

TOKEN = "1A1B9JY000003VSPTJQ5QV5PFWKD6Q"
# Host -> level of error correction: M, or better where that costs no larger symbol.
LEVELS = {"c.cn": "Q", "shop.example.com": "M", "members.long-brand-name.example.com": "M"}


@pytest.mark.parametrize(("host", "level"), LEVELS.items())
def test_a_picture_holds_the_link_within_four_light_modules(host: str, level: str) -> None:
    link = link_of(f"https://{host}", TOKEN)
    for matrix in (qr.from_svg(svg(link)), qr.from_png(png(link, 3), 3)):
        assert qr.read(matrix) == (level, f"https://{host}/r/{TOKEN}")
        assert qr.quiet_zone(matrix) == 4


def test_a_link_has_one_slash_after_the_host() -> None:
    assert link_of("https://a.cn/", TOKEN) == link_of("https://a.cn", TOKEN)


def test_a_scale_is_pixels_a_module() -> None:
    link = link_of("https://shop.example.com", TOKEN)
    modules = len(qr.from_svg(svg(link)))
    for scale in (1, 8):
        assert len(qr.from_png(png(link, scale), scale)) == modules
        assert png(link, scale)[16:20] == (modules * scale).to_bytes(4, "big")


def test_a_vector_picture_is_a_file_of_its_own_with_a_light_ground() -> None:
    picture = ET.fromstring(svg(link_of("https://a.cn", TOKEN)))  # noqa: S314 - our own picture
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    assert next(path.get("fill") for path in picture) == "#fff"


def test_both_pictures_of_a_link_come_of_one_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    real = segno.make_qr

    def counting(content: str, *, error: str) -> segno.QRCode:
        drawn.append(content)
        return real(content, error=error)

    monkeypatch.setattr(segno, "make_qr", counting)
    links = [link_of("https://one.example", TOKEN), link_of("https://two.example", TOKEN)]
    for link in links:
        svg(link)
        png(link, 1)
    assert drawn == links
