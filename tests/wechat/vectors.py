"""The examples that Tencent publishes of its callbacks' signature and encryption.

SAMPLE is of github.com/sbzhu/weworkapi_python, callback/Sample.py; OLD of the samples that WeCom's
documents offered before; PUSH of the message push of a mini-program:
https://developers.weixin.qq.com/miniprogram/dev/framework/server-ability/message-push.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from siyu.secrets import Account


@dataclass(frozen=True, slots=True)
class Vector:
    """`encrypted` with its signature; `padding` is the number of bytes that fill it up."""

    account: Account
    timestamp: str
    nonce: str
    signature: str
    encrypted: str
    padding: int

    def now(self) -> datetime:
        """When it was sent."""
        return datetime.fromtimestamp(int(self.timestamp), UTC)

    def query(self) -> dict[str, str]:
        """The query of the callback that brings it."""
        return {
            "msg_signature": self.signature,
            "timestamp": self.timestamp,
            "nonce": self.nonce,
        }


SAMPLE = Account(
    "ww1436e0e65a779aee",
    "",
    "hJqcu3uJ9Tn2gXPmxx2w9kkCkCE2EPYo",
    "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt",
)
OLD = Account("wx5823bf96d3bd56c7", "", "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C")
PUSH = Account("wxba5fad812f8e6fb9", "", "AAAAA", "A" * 43)

SAMPLE_MESSAGE = (
    "Kl7kjoSf6DMD1zh7rtrHjFaDapSCkaOnwu3bqLc5tAybhhMl9pFeK8NslNPVdMwmBQTNoW4mY7AIjeLvEl3NyeTkAg"
    "GzBhzTtRLNshw2AEew+kkYcD+Fq72Kt00fT0WnN87hGrW8SqGc+NcT3mu87Ha3dz1pSDi6GaUA6A0sqfde0VJPQbZ9"
    "U+3JWcoD4Z5jaU0y9GSh010wsHF8KZD24YhmZH4ch4Ka7ilEbjbfvhKkNL65HHL0J6EYJIZUC2pFrdkJ7MhmEbU2qA"
    "RR4iQHE7wy24qy0cRX3Mfp6iELcDNfSsPGjUQVDGxQDCWjayJOpcwocugux082f49HKYg84EpHSGXAyh+/oxwaWbvL"
    "6aSDPOYuPDGOCI8jmnKiypE+"
)
OLD_MESSAGE = (
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdC"
    "Upj911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4X"
    "gpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+K"
    "qCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XX"
    "ZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHB"
    "ZZIs2pDBS8R07+qN+E7Q=="
)
PUSH_MESSAGE = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQq"
    "cvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuM"
    "cp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3"
    "VIYnSeOBrebufAlr7F9mFUPAJGj04="
)

SAMPLE_BODY = (
    "<xml><ToUserName><![CDATA[ww1436e0e65a779aee]]></ToUserName>\n"
    f"<Encrypt><![CDATA[{SAMPLE_MESSAGE}]]></Encrypt>\n"
    "<AgentID><![CDATA[1000002]]></AgentID>\n</xml>"
).encode()
OLD_BODY = (
    "<xml>\n<ToUserName><![CDATA[wx5823bf96d3bd56c7]]></ToUserName>"
    f"<Encrypt><![CDATA[{OLD_MESSAGE}]]></Encrypt>\n"
    "<AgentID><![CDATA[218]]></AgentID>\n</xml>"
).encode()

SAMPLE_ECHO = Vector(
    SAMPLE,
    "1476416373",
    "47744683",
    "012bc692d0a58dd4b10f8dfe5c4ac00ae211ebeb",
    "fsi1xnbH4yQh0+PJxcOdhhK6TDXkjMyhEPA7xB2TGz6b+g7xyAbEkRxN/3cNXW9qdqjnoVzEtpbhnFyq6SVHyA==",
    7,
)
SAMPLE_POST = Vector(
    SAMPLE,
    "1476422779",
    "1597212914",
    "0c3914025cb4b4d68103f6bfc8db550f79dcf48e",
    SAMPLE_MESSAGE,
    22,
)
OLD_ECHO = Vector(
    OLD,
    "1409659589",
    "263014780",
    "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3",
    "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==",
    7,
)
OLD_POST = Vector(
    OLD,
    "1409659813",
    "1372623149",
    "477715d11cdb4164915debcba66cb864d751f3e6",
    OLD_MESSAGE,
    30,
)
PUSH_POST = Vector(
    PUSH,
    "1714112445",
    "415670741",
    "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3",
    PUSH_MESSAGE,
    19,
)
PUSH_CHECK = {
    "signature": "f464b24fc39322e44b38aa78f5edd27bd1441696",
    "timestamp": "1714036504",
    "nonce": "1514711492",
    "echostr": "4375120948345356249",
}
