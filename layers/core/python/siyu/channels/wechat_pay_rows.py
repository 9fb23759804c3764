"""The lines of WeChat Pay's trade bill, found by their headings.

https://pay.weixin.qq.com/docs/merchant/products/bill-download/format-trade.html
Headings, a line for each payment and each refund, headings of the totals, totals.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from siyu.errors import UnavailableError

MARK, TOTALS = "`", "总交易单数"


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """A line of a bill; amounts in whole units, `at` in ISO 8601. A refund has the time at which
    it was asked for."""

    at: str
    app_id: str
    transaction_id: str
    out_trade_no: str
    openid: str
    state: str
    currency: str
    total: str
    out_refund_no: str
    refund: str
    refund_status: str


# Bills of the oldest form call the amounts otherwise; coupons are part of neither.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "at": ("交易时间",),
    "app_id": ("公众账号ID",),
    "transaction_id": ("微信订单号",),
    "out_trade_no": ("商户订单号",),
    "openid": ("用户标识",),
    "state": ("交易状态",),
    "currency": ("货币种类",),
    "total": ("订单金额", "总金额"),
    "out_refund_no": ("商户退款单号",),
    "refund": ("申请退款金额", "退款金额"),
    "refund_status": ("退款状态",),
}


def read_rows(lines: Iterable[str]) -> Iterator[Row]:
    """The rows between the headings and the totals. Raises UnavailableError for another form.

    Cells may hold commas, so the mark before each of them is what parts them.
    """
    remaining = iter(lines)
    headings = next(remaining, "").rstrip("\r\n").split(",")
    names = {field: _first(headings, HEADINGS[field]) for field in HEADINGS}
    for line in remaining:
        if line.startswith(TOTALS):
            return
        cells = line.rstrip("\r\n").removeprefix(MARK).split(f",{MARK}")
        if not line.startswith(MARK) or len(cells) != len(headings):
            break
        row = Row(**{field: cells[place] for field, place in names.items()})
        yield replace(row, at=f"{row.at.replace(' ', 'T')}+08:00")
    raise UnavailableError("WeChat Pay's bill has another form")


def _first(headings: list[str], wanted: tuple[str, ...]) -> int:
    for heading in wanted:
        if heading in headings:
            return headings.index(heading)
    raise UnavailableError("WeChat Pay's bill has other headings")
