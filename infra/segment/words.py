"""What the report calls things, in English and Chinese, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Words(NamedTuple):
    """A name and a remark in both languages."""

    en: str
    zh: str
    about_en: str = ""
    about_zh: str = ""


def window_words(days: int | None) -> tuple[str, str]:
    """What follows a figure in English, and goes before it in Chinese, where it is of a window."""
    return ("", "") if days is None else (f" in {days} days", f"近 {days} 天")


GROUPS: Mapping[str, Words] = {
    "important_value": Words(
        "Important, value", "重要价值",
        "Lately, often, much: keep them close", "近期买过、买得勤、花得多：好好维护",
    ),
    "important_develop": Words(
        "Important, develop", "重要发展",
        "Lately and much, but seldom: a reason to come again", "近期买过、花得多、次数少：促复购",
    ),
    "important_keep": Words(
        "Important, keep", "重要保持",
        "Often and much, but not lately: call them back", "买得勤、花得多、近期未买：唤回",
    ),
    "important_win_back": Words(
        "Important, win back", "重要挽留",
        "Much, but neither lately nor often: win them back", "花得多、近期未买、次数少：挽留",
    ),
    "general_value": Words(
        "General, value", "一般价值",
        "Lately and often, for little: larger baskets", "近期买过、买得勤、花得少：提客单",
    ),
    "general_develop": Words(
        "General, develop", "一般发展",
        "Lately, seldom, for little: the second purchase", "近期买过、次数少、花得少：促第二单",
    ),
    "general_keep": Words(
        "General, keep", "一般保持",
        "Often, for little, not lately: a light reminder", "买得勤、花得少、近期未买：轻提醒",
    ),
    "general_win_back": Words(
        "General, win back", "一般挽留",
        "Not lately, seldom, for little: spend little", "近期未买、次数少、花得少：低成本触达",
    ),
    "unscored": Words(
        "Not scored", "未评分",
        "No order that counts, or too few buyers", "窗口期内没有有效订单，或购买客户过少",
    ),
}  # fmt: skip

STAGES: Mapping[str, Words] = {
    "prospect": Words("Prospect", "潜在客户"),
    "new": Words("New", "新会员"),
    "first_purchase": Words("First purchase", "首购"),
    "repurchase_1": Words("1st repurchase", "首次复购"),
    "repurchase_2": Words("2nd repurchase", "二次复购"),
    "repurchase_3": Words("3rd repurchase", "三次复购"),
    "repurchase_4": Words("4th repurchase", "四次复购"),
    "repurchase_5_or_more": Words("5 or more", "五次及以上"),
    "key_care": Words("Key care", "重点关怀"),
    "super_user": Words("Super user", "超级用户"),
    "dormant": Words("Dormant", "沉睡"),
    "lost": Words("Lost", "流失"),
}
ASLEEP = ("dormant", "lost")

AIPL: Mapping[str, Words] = {
    "aware": Words("Aware", "认知", "known, no purchase", "已认识，未购买"),
    "interest": Words("Interest", "兴趣", "just joined, no purchase", "新加入，未购买"),
    "purchase": Words("Purchase", "购买", "bought", "已购买"),
    "loyalty": Words("Loyalty", "忠诚", "buys again and again", "持续复购"),
}

RULES: Mapping[str, Words] = {
    "inverted_cdf": Words("fifths of the buyers", "按购买人数五等分"),
    "linear": Words("fifths, interpolated", "五等分（线性插值）"),
    "own": Words("the brand's own lines", "品牌自定阈值"),
}
HIGH: Mapping[str, Words] = {
    "mean_score": Words("a score above the mean score", "得分高于平均分"),
    "mean": Words("above the mean", "高于平均值"),
    "median": Words("above the median", "高于中位数"),
    "own": Words("above the brand's own lines", "高于品牌自定阈值"),
}

READING = (
    Words(
        "Recency is days since the last order that still has money left in it; frequency counts"
        " such orders; monetary is net sales, paid less refunds. Days are those of Shanghai.",
        "R 为距最近一笔有效订单的天数；F 为有效订单数；M 为净销售额（实付减退款）。按上海日期。",
    ),
    Words(
        "A refund takes from its order, on the day of the order. An order that was refunded in"
        " full is no order.",
        "退款冲减原订单当日；全额退款的订单不计为订单。",
    ),
    Words(
        "A file knows customers by their orders only: the day of the first order stands for the"
        " day of joining, and there are few prospects.",
        "文件只能从订单认识客户：首单日期视为入会日期，因此潜在客户很少。",
    ),
    Words(
        "members.csv has every customer with scores, group, stage and a sentence that says why.",
        "members.csv 列出每位客户的得分、分群、阶段与原因。",
    ),
)
