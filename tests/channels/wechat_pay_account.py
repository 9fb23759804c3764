"""The tests' merchant at WeChat Pay: keys that never change, and the source made of them."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

DATA = Path(__file__).parents[1] / "data"


def pem(name: str) -> str:
    return (DATA / f"wechat_pay_{name}.pem").read_text(encoding="ascii")


def private_key(name: str) -> RSAPrivateKey:
    key = load_pem_private_key(pem(name).encode(), password=None)
    assert isinstance(key, RSAPrivateKey)
    return key


def public_key(name: str) -> RSAPublicKey:
    key = load_pem_public_key(pem(name).encode())
    assert isinstance(key, RSAPublicKey)
    return key


PLATFORM = private_key("platform_key")
KEY_ID = "PUB_KEY_ID_0119000000012026112200000001"
API_V3_KEY = "api-v3-key-of-the-tests-32-bytes"
MCHID = "1900000001"
APP_ID = "wxtest"
SOURCE = "pay"
PLATFORM_KEYS = {KEY_ID: pem("platform_public")}
FIELDS = {
    "kind": "wechat_pay",
    "mchid": MCHID,
    "api_v3_key": API_V3_KEY,
    "platform_keys": PLATFORM_KEYS,
}
# What asking for bills needs too: the source of the handlers' tests keeps no list.
MERCHANT_SERIAL = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"
MERCHANT_FIELDS = {"merchant_serial": MERCHANT_SERIAL, "merchant_key": pem("merchant_key")}
