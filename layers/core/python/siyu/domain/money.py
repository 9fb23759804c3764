"""Money is an integer count of the currency's minor unit (fen for CNY); ratios are basis points."""

import re
from decimal import Decimal

MAX_AMOUNT_MINOR = 1_000_000_000
BASIS_POINTS = 10_000
# ISO 4217: the currencies without a minor unit, and those with a thousandth.
WHOLE = frozenset(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ]
)
THOUSANDTHS = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])
_AMOUNT = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?", re.ASCII)


def share_floor(amount_minor: int, rate_bp: int) -> int:
    """`rate_bp` basis points of a non-negative amount, rounded down to the minor unit.

    Rounding down means the programme never promises more than the stated share.
    """
    if amount_minor < 0 or rate_bp < 0:
        raise ValueError("a share is taken of a non-negative amount")
    return amount_minor * rate_bp // BASIS_POINTS


def to_minor(amount: str | int | Decimal, currency: str) -> int:
    """An amount in whole units, such as "19.99", as minor units, exactly.

    Raises ValueError for what is no plain non-negative number, or finer than the minor unit. Floats
    are not taken: 19.99 times 100 is 1998.9999999999998.
    """
    if isinstance(amount, bool | float) or not _AMOUNT.fullmatch(text := str(amount)):
        raise ValueError("not an amount")
    places = 0 if currency in WHOLE else 3 if currency in THOUSANDTHS else 2
    minor = Decimal(text).scaleb(places)
    if minor != minor.to_integral_value():
        raise ValueError("finer than the minor unit")
    return int(minor)
