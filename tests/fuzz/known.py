"""What the generator is helped with: nobody could guess it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

STORE = "DEV"


@dataclass(frozen=True)
class Known:
    """What no generator guesses: authorizations, and what there is in the table."""

    currency: str
    member: str
    operator: str
    coupons: Sequence[str]
    receipts: Sequence[str]
    events: Sequence[str]
    wallet_codes: Sequence[str]
    holds: Sequence[str]
    credits: Sequence[str]
    referrers: Sequence[str]

    def order(self, number: int) -> dict[str, str]:
        return {
            "currency": self.currency,
            "order_id": f"order-{number % 7}",
            "buyer_id": f"buyer-{number % 3}",
            "store_id": STORE,
        }

    def contact(self, number: int) -> dict[str, str]:
        return {
            "CreateTime": str(int(time.time())),
            "UserID": "li",
            "ExternalUserID": f"wm-shopper-{number % 5}",
            "FromUserName": f"fan~shopper-{number % 5}",
            "WelcomeCode": f"welcome-{number}",
        }

    def scan(self, number: int) -> dict[str, str]:
        return {"token": one_of(self.receipts, number), **self.login(number)}

    def login(self, number: int) -> dict[str, str]:
        return {"login_code": f"shopper-{number % 40}.{number}"}

    def coupon(self, number: int) -> dict[str, str]:
        return {"coupon_code": one_of(self.coupons, number)}

    def wallet(self, number: int) -> dict[str, Any]:
        code = one_of(self.wallet_codes, number)
        return {"wallet_code": code, "amount_minor": 1 + number % 50, "spend_minor": 1_000}

    def hold(self, number: int) -> dict[str, Any]:
        return {"hold": one_of(self.holds, number), "amount_minor": 1 + number % 50}

    def names(self, number: int) -> dict[str, str]:
        """What stands in paths of the console."""
        return {
            "{event_id}": one_of(self.events, number),
            "{credit}": one_of(self.credits, number),
            "{member}": one_of(self.referrers, number),
        }


def one_of(values: Sequence[str], number: int) -> str:
    return values[number % len(values)]
