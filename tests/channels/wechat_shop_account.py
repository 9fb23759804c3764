"""The WeChat Shops of the tests: one whose pushes are plain, one whose pushes are encrypted."""

from __future__ import annotations

APP_ID = "wxshop1122334455"
SECRET = "shop-secret-of-the-tests"
TOKEN = "shopPushToken"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
FIELDS = {"kind": "wechat_shop", "app_id": APP_ID, "secret": SECRET, "token": TOKEN}
SOURCES = {"weishop": FIELDS, "weishop_safe": {**FIELDS, "aes_key": AES_KEY}}
