"""The summary as aligned text, bilingual where a shop owner reads it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

GROUP_TITLES = {
    "important_value": "Important, value · 重要价值",
    "important_develop": "Important, develop · 重要发展",
    "important_keep": "Important, keep · 重要保持",
    "important_win_back": "Important, win back · 重要挽留",
    "general_value": "General, value · 一般价值",
    "general_develop": "General, develop · 一般发展",
    "general_keep": "General, keep · 一般保持",
    "general_win_back": "General, win back · 一般挽留",
}
STAGE_TITLES = {
    "prospect": "Prospect · 潜在客户",
    "new": "New · 新会员",
    "first_purchase": "First purchase · 首购",
    "repurchase_1": "1st repurchase · 首次复购",
    "repurchase_2": "2nd repurchase · 二次复购",
    "repurchase_3": "3rd repurchase · 三次复购",
    "repurchase_4": "4th repurchase · 四次复购",
    "repurchase_5_or_more": "5 or more · 五次及以上",
    "key_care": "Key care · 重点关怀",
    "super_user": "Super user · 超级用户",
    "dormant": "Dormant · 沉睡",
    "lost": "Lost · 流失",
}
_WITHOUT_MINOR_UNIT = frozenset({"JPY", "KRW", "VND"})
_TITLE_WIDTH = 36


def money(minor: int, currency: str) -> str:
    """`-1234567` in GBP -> `-GBP 12,345.67`; integers only."""
    sign = "-" if minor < 0 else ""
    if currency in _WITHOUT_MINOR_UNIT:
        return f"{sign}{currency} {abs(minor):,}"
    whole, rest = divmod(abs(minor), 100)
    return f"{sign}{currency} {whole:,}.{rest:02d}"


def render(summary: Mapping[str, Any]) -> str:
    sections = (_sales, _groups, _stages, _referrals, _checks, _cost)
    return "\n\n".join("\n".join(section(summary)) for section in sections) + "\n"


def _sales(summary: Mapping[str, Any]) -> Iterator[str]:
    currency = summary["currency"]
    yield f"Your shop up to {summary['as_of']} (that day not included)"
    yield _line("Members · 会员", f"{summary['members']:,}")
    yield _line("Orders · 订单", f"{summary['orders']:,}")
    yield _line("Refunds · 退款", f"{summary['refunds']:,}")
    yield _line("Net sales · 净销售额", money(summary["net_sales_minor"], currency))
    yield _line("  of them to members", money(summary["members_net_sales_minor"], currency))
    yield _line("Orders nobody claimed · 未认领", f"{summary['unclaimed_orders']:,}")


def _groups(summary: Mapping[str, Any]) -> Iterator[str]:
    yield from _table("Value groups · 价值分群", summary["groups"], GROUP_TITLES, summary)
    if summary["unscored_members"]:
        yield _line("Not scored · 未评分", f"{summary['unscored_members']:,}")


def _stages(summary: Mapping[str, Any]) -> Iterator[str]:
    yield from _table("Life cycle · 生命周期", summary["stages"], STAGE_TITLES, summary)


def _table(
    title: str,
    shares: Mapping[str, Mapping[str, int]],
    titles: Mapping[str, str],
    summary: Mapping[str, Any],
) -> Iterator[str]:
    yield _row(title, "members", "share", "net sales")
    everyone = max(summary["members"], 1)
    for name, share in shares.items():
        # Tenths of a per cent, rounded half up in integers.
        tenths = (share["members"] * 2_000 + everyone) // (2 * everyone)
        net = money(share["net_sales_minor"], summary["currency"])
        part = f"{tenths // 10}.{tenths % 10} %"
        yield _row(titles.get(name, name), f"{share['members']:,}", part, net)


def _referrals(summary: Mapping[str, Any]) -> Iterator[str]:
    currency, credit = summary["currency"], summary["credits"]
    yield "Referral credits · 老带新奖励 (who brought whom is invented: the file does not say)"
    yield _line("Members brought by members", f"{summary['referrals']['edges']:,}")
    yield _line("Released · 已发放", money(credit["released"], currency))
    yield _line("Pending · 待发放", money(credit["pending"], currency))
    yield _line("Taken back by refunds · 已扣回", money(credit["reversed"], currency))
    for best in summary["top_referrers"]:
        amount = money(best["credit_minor"], currency)
        yield _line(f"  customer {best['customer_id']}", f"{best['referred']:,} brought, {amount}")


def _checks(summary: Mapping[str, Any]) -> Iterator[str]:
    yield "Recomputed from the order file, independently of the product · 独立复算"
    yield _line("Members compared", f"{summary['compared_members']:,}")
    yield _line("Members that differ", f"{summary['differing_members']:,}")
    yield from (f"  {words}" for words in summary["differences"])
    yield _line("Webhooks delivered twice", f"{summary['duplicates_delivered']:,}")
    yield _line("Events set aside · 待处理", f"{summary['quarantined']:,}")
    yield _line("Bad rows left out", f"{summary['bad_rows']:,}")
    yield from (f"  {words}" for words in summary["bad_row_reasons"])


def _cost(summary: Mapping[str, Any]) -> Iterator[str]:
    yield "Work done"
    yield _line("Read units", f"{summary['read_units']:,.0f}")
    yield _line("Write units", f"{summary['write_units']:,.0f}")
    yield _line("Orders per second", f"{summary['orders_per_second']:,.1f}")
    if summary["setup_seconds"] is not None:
        yield _line("Set-up time", f"{summary['setup_seconds']:,.0f} s")
    yield _line("Run time", f"{summary['run_seconds']:,.0f} s")


def _line(title: str, value: str) -> str:
    return _pad(title, _TITLE_WIDTH) + value.rjust(12)


def _row(title: str, *values: str) -> str:
    widths: Sequence[int] = (12, 9, 22)
    cells = "".join(value.rjust(width) for value, width in zip(values, widths, strict=True))
    return _pad(title, _TITLE_WIDTH) + cells


def _pad(text: str, width: int) -> str:
    """Chinese characters take two columns of a terminal."""
    taken = sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
    return text + " " * max(width - taken, 1)
