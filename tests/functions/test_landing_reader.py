"""Who reads the landing page: the device and the language, from what a browser sends."""

from __future__ import annotations

import pytest

from siyu.api.landing_page import Device, device_of, language_of
from siyu.api.landing_texts import CHINESE, ENGLISH, Language

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 "
ANDROID = "Mozilla/5.0 (Linux; Android 16; K) AppleWebKit/537.36 (KHTML, like Gecko) "
OPEN_HARMONY = "Mozilla/5.0 (Phone; OpenHarmony 6.0) AppleWebKit/537.36 (KHTML, like Gecko) "
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (IPHONE + "Mobile/15E148 MicroMessenger/8.0.66(0x18004236) NetType/4G", Device.WECHAT),
        (ANDROID + "Chrome/138.0 Mobile Safari/537.36 MicroMessenger/8.0.65", Device.WECHAT),
        (OPEN_HARMONY + "ArkWeb/6.0 Mobile MicroMessenger/8.0.13 NetType/WIFI", Device.WECHAT),
        (IPHONE + "wxwork/5.0.3 MicroMessenger/7.0.1 Language/zh", Device.WECHAT),
        (OPEN_HARMONY + "ArkWeb/6.0 Mobile", Device.PHONE),
        (ANDROID + "Chrome/142.0.0.0 Mobile Safari/537.36", Device.PHONE),
        (IPHONE + "Version/19.1 Mobile/15E148 Safari/604.1", Device.PHONE),
        (ANDROID + "Chrome/142.0.0.0 Safari/537.36", Device.PHONE),
        (MAC + "Version/19.1 Safari/605.1.15", Device.DESKTOP),
        (WINDOWS + "MicroMessenger/7.0.20 WindowsWechat(0x63090c33)", Device.DESKTOP),
        (MAC + "MicroMessenger/6.8.0 MacWechat/3.8.10", Device.DESKTOP),
        (WINDOWS + "Chrome/142.0.0.0 Safari/537.36", Device.DESKTOP),
        ("", Device.DESKTOP),
    ],
)
def test_the_device_is_what_its_browser_says(agent: str, device: Device) -> None:
    assert device_of(agent) is device


@pytest.mark.parametrize(
    ("wanted", "accepted", "device", "language"),
    [
        ("zh", "en", Device.PHONE, CHINESE),
        ("en", "zh", Device.WECHAT, ENGLISH),
        ("fr", "zh-CN,zh;q=0.9,en;q=0.8", Device.PHONE, CHINESE),
        ("", "zh-Hant-TW", Device.DESKTOP, CHINESE),
        ("", "ZH", Device.DESKTOP, CHINESE),
        ("", "en-GB, zh;q=0.9", Device.WECHAT, ENGLISH),
        ("", "fr, en;q=0.4, zh-CN;q=0.7", Device.PHONE, CHINESE),
        ("", "zh;q=0, en;q=0.1", Device.WECHAT, ENGLISH),
        ("", "zh;q=0", Device.PHONE, ENGLISH),
        ("", "zhx, zh;q=x, zh;q=nan", Device.PHONE, ENGLISH),
        ("", "fr", Device.PHONE, ENGLISH),
        ("", "fr", Device.WECHAT, CHINESE),
        ("", "", Device.WECHAT, CHINESE),
        ("", "", Device.DESKTOP, ENGLISH),
    ],
)
def test_the_language_is_what_was_asked_for_then_what_the_reader_reads(
    wanted: str, accepted: str, device: Device, language: Language
) -> None:
    assert language_of(wanted, accepted, device) is language
