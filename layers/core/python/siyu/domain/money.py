"""Money is an integer count of the currency's minor unit (fen for CNY); ratios are basis points."""

MAX_AMOUNT_MINOR = 1_000_000_000
BASIS_POINTS = 10_000


def share_floor(amount_minor: int, rate_bp: int) -> int:
    """`rate_bp` basis points of a non-negative amount, rounded down to the minor unit.

    Rounding down means the programme never promises more than the stated share.
    """
    if amount_minor < 0 or rate_bp < 0:
        raise ValueError("a share is taken of a non-negative amount")
    return amount_minor * rate_bp // BASIS_POINTS
