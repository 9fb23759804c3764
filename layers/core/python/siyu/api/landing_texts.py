"""What the landing page says, in English and in Simplified Chinese; `{brand}` is filled in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Steps:
    """A heading and what to do, in order."""

    heading: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Copy:
    """The words of one case."""

    heading: str
    lead: str
    ways: tuple[Steps, ...] = ()


@dataclass(frozen=True, slots=True)
class Language:
    """All words in one language; `tag` is its BCP 47 tag, `name` what its readers call it."""

    tag: str
    name: str
    button: str
    caption: str
    wechat: Copy
    phone: Copy
    desktop: Copy
    unreadable: Copy


ENGLISH = Language(
    tag="en",
    name="English",
    button="Open in WeChat",
    caption="Scan with WeChat",
    wechat=Copy(
        "Scan it with WeChat",
        "This code opens in the {brand} mini-program, not on a web page.",
        (
            Steps(
                "Scan the code again",
                (
                    "Go back to your chats in WeChat.",
                    "Tap + at the top right, then Scan.",
                    "Scan the code.",
                ),
            ),
            Steps(
                "Or start in the mini-program",
                (
                    "Search WeChat for {brand} and open the mini-program.",
                    "Tap Scan and scan the code.",
                ),
            ),
        ),
    ),
    phone=Copy(
        "Continue in WeChat",
        "This code opens in the {brand} mini-program.",
        (
            Steps(
                "If nothing opens",
                (
                    "Open WeChat.",
                    "Tap + at the top right, then Scan.",
                    "Scan the code again.",
                ),
            ),
        ),
    ),
    desktop=Copy(
        "Continue on your phone",
        "This code opens in the {brand} mini-program in WeChat.",
        (
            Steps(
                "Scan it with your phone",
                (
                    "Open WeChat on your phone.",
                    "Tap + at the top right, then Scan.",
                    "Scan the code on this screen.",
                ),
            ),
        ),
    ),
    unreadable=Copy(
        "This code cannot be read",
        "It may be damaged or incomplete. Please ask the staff for a new one.",
    ),
)

CHINESE = Language(
    tag="zh-CN",
    name="中文",
    button="打开微信小程序",
    caption="微信扫一扫",
    wechat=Copy(
        "请用微信扫一扫",
        "这个二维码由“{brand}”小程序打开，网页无法直接打开。",
        (
            Steps(
                "重新扫码",
                (
                    "返回微信首页。",
                    "点右上角的“+”，选择“扫一扫”。",
                    "扫描二维码。",
                ),
            ),
            Steps(
                "或者从小程序进入",
                (
                    "微信搜索“{brand}”，打开小程序。",
                    "点“扫码”，扫描二维码。",
                ),
            ),
        ),
    ),
    phone=Copy(
        "在微信中继续",
        "这个二维码由“{brand}”小程序打开。",
        (
            Steps(
                "如果没有打开",
                (
                    "打开微信。",
                    "点右上角的“+”，选择“扫一扫”。",
                    "重新扫描二维码。",
                ),
            ),
        ),
    ),
    desktop=Copy(
        "用手机继续",
        "这个二维码由微信的“{brand}”小程序打开。",
        (
            Steps(
                "用手机扫码",
                (
                    "在手机上打开微信。",
                    "点右上角的“+”，选择“扫一扫”。",
                    "扫描屏幕上的二维码。",
                ),
            ),
        ),
    ),
    unreadable=Copy(
        "无法识别这个二维码",
        "二维码可能已损坏或不完整，请向店员索取新的二维码。",
    ),
)

LANGUAGES = {"en": ENGLISH, "zh": CHINESE}
