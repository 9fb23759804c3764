"""The trade bill of a day, as WeChat Pay writes it.

https://pay.weixin.qq.com/docs/merchant/products/bill-download/format-trade.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

ZONE = timezone(timedelta(hours=8))
HEADINGS = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
    "付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,"
    "退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
TOTALS = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)


@dataclass(frozen=True, slots=True)
class Payment:
    """Amounts are fen: `total` of the order, of which a coupon gave `coupon`."""

    at: datetime
    out_trade_no: str
    transaction_id: str
    openid: str
    app_id: str
    total: int
    coupon: int = 0
    state: str = "SUCCESS"
    goods: str = "外套"

    @property
    def day(self) -> date:
        return self.at.astimezone(ZONE).date()

    def cells(self) -> dict[str, str]:
        return {
            **_common(self, self.at),
            "交易状态": self.state,
            "应结订单金额": yuan(self.total - self.coupon),
            "代金券金额": yuan(self.coupon),
            "订单金额": yuan(self.total),
        }


@dataclass(frozen=True, slots=True)
class Refund:
    """`amount` fen of a payment, asked for at `at`; the bill says `billed`, and keeps saying so
    when the refund has become `status` at `succeeded_at`."""

    at: datetime
    payment: Payment
    out_refund_no: str
    amount: int
    billed: str = "SUCCESS"
    status: str = "SUCCESS"
    succeeded_at: datetime | None = None

    @property
    def day(self) -> date:
        return self.at.astimezone(ZONE).date()

    def cells(self) -> dict[str, str]:
        coupon = self.amount * self.payment.coupon // self.payment.total
        return {
            **_common(self.payment, self.at),
            "交易状态": "REFUND",
            "微信退款单号": f"5030{self.out_refund_no}",
            "商户退款单号": self.out_refund_no,
            "退款金额": yuan(self.amount - coupon),
            "充值券退款金额": yuan(coupon),
            "退款类型": "ORIGINAL",
            "退款状态": self.billed,
            "申请退款金额": yuan(self.amount),
        }

    def stands(self) -> dict[str, Any]:
        """The refund, as WeChat Pay tells of it when it is asked."""
        done = {"success_time": (self.succeeded_at or self.at).astimezone(ZONE).isoformat()}
        return {
            "refund_id": f"5030{self.out_refund_no}",
            "out_refund_no": self.out_refund_no,
            "transaction_id": self.payment.transaction_id,
            "out_trade_no": self.payment.out_trade_no,
            "status": self.status,
            "amount": {"total": self.payment.total, "refund": self.amount, "currency": "CNY"},
            **(done if self.status == "SUCCESS" else {}),
        }


def bill(mchid: str, transactions: Iterable[Payment | Refund]) -> bytes:
    """The file: a mark before each cell, except in headings; amounts in yuan."""
    rows = [{**one.cells(), "商户号": mchid} for one in transactions]
    lines = [HEADINGS, *(_line(row) for row in rows), TOTALS, f"`{len(rows)}" + ",`0.00" * 6]
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8-sig")


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"


def _line(row: Mapping[str, str]) -> str:
    return ",".join(f"`{row.get(heading, '0.00')}" for heading in HEADINGS.split(","))


def _common(payment: Payment, at: datetime) -> dict[str, str]:
    return {
        "交易时间": at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S"),
        "公众账号ID": payment.app_id,
        "特约商户号": "0",
        "设备号": "",
        "微信订单号": payment.transaction_id,
        "商户订单号": payment.out_trade_no,
        "用户标识": payment.openid,
        "交易类型": "JSAPI",
        "付款银行": "OTHERS",
        "货币种类": "CNY",
        "微信退款单号": "0",
        "商户退款单号": "0",
        "退款类型": "",
        "退款状态": "",
        "商品名称": payment.goods,
        "商户数据包": "",
        "手续费": "0.00000",
        "费率": "0.60%",
        "费率备注": "",
    }
