"""The phone number that a shopper chose to share, as WeChat has verified it.

https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/user-info/phone-number/getPhoneNumber.html
The number comes from WeChat alone: one that the mini-program itself sends proves nothing.
"""

import re
import unicodedata
from typing import Any

from siyu.errors import PhoneRefusedError
from siyu.settings import settings
from siyu.wechat.client import ErrcodeError
from siyu.wechat.tokens import Api, call

MAINLAND = "86"
_SEPARATORS = re.compile(r"[\s()-]+")
_COUNTRY_CODE = re.compile(r"[1-9][0-9]{0,2}")
_MAINLAND_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_ELSEWHERE = re.compile(r"[0-9]{6,14}")


def phone_of(code: str) -> str:
    """The number behind a code of the phone button, which WeChat accepts once, in E.164.

    Raises PhoneRefusedError when WeChat says no or the number is none, UnavailableError when WeChat
    is busy or silent.
    """
    try:
        answer = call(Api.MINI_PROGRAM, "/wxa/business/getuserphonenumber", body={"code": code})
    except ErrcodeError as refusal:
        raise PhoneRefusedError(str(refusal)) from None
    info = _object(answer.get("phone_info"))
    if _object(info.get("watermark")).get("appid") != settings().wechat_app_id:
        raise PhoneRefusedError("the number was given to another app")
    # The documents call the country code a string and show a number.
    return e164(str(info.get("countryCode", "")), str(info.get("purePhoneNumber", "")))


def e164(country_code: str, number: str) -> str:
    """`+` and ASCII digits only, from a national number as people and phones write it.

    Raises PhoneRefusedError for what is no mobile number of the mainland, or elsewhere not 6 to 14
    digits with its country code (E.164 has at most 15).
    """
    country, national = _plain(country_code).removeprefix("+"), _plain(number)
    if not _COUNTRY_CODE.fullmatch(country):
        raise PhoneRefusedError("no country code")
    if country == MAINLAND:
        valid = _MAINLAND_MOBILE.fullmatch(national)
    else:
        valid = _ELSEWHERE.fullmatch(country + national)
    if not valid:
        raise PhoneRefusedError("no phone number")
    return f"+{country}{national}"


def _plain(text: str) -> str:
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
