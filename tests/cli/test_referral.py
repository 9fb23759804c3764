"""An operator lists and publishes the rules, and asks what others would have come to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from siyu.storage import programmes
from tests.cli.terminal import Terminal
from tests.services.rules import bind, buy, member, pair, trigger
from tests.support import dump

README = Path(__file__).parents[2] / "README.md"
RULES: dict[str, Any] = {
    "version": "spring",
    "effective_from": "2080-03-01T00:00:00+08:00",
    "rate_bp": 1_000,
    "max_credit_minor": 1_500,
    "checks": {"share_bp": 900, "friends_a_minute": None},
}


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "new rules.json"
    path.write_text(json.dumps(RULES), encoding="utf-8")
    return path


def history() -> None:
    """Ann brought Bob, who bought for 10,000 and 20,000, and Eve, who was refused at the door."""
    ann, bob = pair()
    eve = member("eve", 3)
    bind(ann, eve, refused="same_device")
    buy("1", 10_000, 9)
    buy("2", 20_000, 3)
    buy("3", 10_000, 2, "eve")
    trigger(bob, "1", "2")
    trigger(eve, "3")


def of_the_readme() -> dict[str, Any]:
    """The rules that the README shows; its day may have passed by the clock that commands read."""
    section = README.read_text(encoding="utf-8").partition("## Who brings whom\n")[2]
    block = section.partition("```json\n")[2].partition("```")[0]
    return {**json.loads(block), "effective_from": RULES["effective_from"]}


def test_the_rules_of_the_readme_are_published_and_shown(siyu: Terminal, rules: Path) -> None:
    rules.write_text(json.dumps(of_the_readme()), encoding="utf-8")
    code, out, _ = siyu("referral publish --by ann", str(rules))
    lines = out.splitlines()
    assert code == 0
    assert "excluded_skus: GIFT-*" in lines
    at = lines.index("coupon:")
    assert lines[at + 1 : at + 3] == ["  name: friend", "  value_minor: 2000"]
    assert "  friends_a_day: 10" in lines[lines.index("checks:") :]
    assert not {"{", "["} & set(out)
    code, out, _ = siyu("referral programmes")
    (row,) = (one for one in out.splitlines() if "2027-spring" in one)
    assert code == 0
    for cell in ("2080-03-01T00:00:00+08:00", "50000 a month", "friend 2000", "180", "10000000"):
        assert cell in row.replace("  ", " ")


def test_rules_that_are_off_need_no_rate(siyu: Terminal, rules: Path) -> None:
    rules.write_text('{"version": "off", "enabled": false}', encoding="utf-8")
    made = siyu.json("referral publish --by ann", str(rules))
    assert (made["enabled"], made["rate_bp"], made["fixed_minor"]) == (False, 0, None)
    assert siyu.json("referral simulate --rules", str(rules))["simulated"]["credits"] == 0


def test_the_rules_of_a_file_are_published_and_listed(siyu: Terminal, rules: Path) -> None:
    made = siyu.json("referral publish --by ann", str(rules))
    assert (made["version"], made["rate_bp"], made["hold_days"]) == ("spring", 1_000, 15)
    assert made["effective_from"] == "2080-02-29T16:00:00Z"
    listed = siyu.json("referral programmes")
    assert listed["in_force"] == "2026-1"
    gave = {"given_minor": 0, "granted_minor": None, "budget_left_minor": None}
    expected = made | {"published_by": "ann", "replaced_by": None} | gave
    assert listed["programmes"][1] == expected
    code, out, _ = siyu("referral programmes")
    lines = out.splitlines()
    totals = ["", "given_minor: 0", "taken_in_minor: 0", "outstanding_minor: 0"]
    assert (code, lines[3:]) == (0, totals)
    assert lines[0].split()[:3] == ["in_force", "version", "effective_from"]
    assert lines[1].split()[:2] == ["yes", "2026-1"]
    assert lines[2].split()[:2] == ["no", "spring"]


@pytest.mark.parametrize("command", ["publish --by ann", "simulate --rules"])
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "Invalid JSON"),
        ("[]", "a JSON object is expected"),
        ('{"version": "v"}', "give rate_bp or fixed_minor, one of the two"),
        (
            '{"version": "v", "rate_bp": 5, "effective_from": "2080-03-01T00:00:00"}',
            "effective_from: a time is written like 2027-01-01T00:00:00+08:00",
        ),
        (
            '{"version": "v", "rate_bp": 5.5}',
            "rate_bp: a whole number of basis points (800 is 8 per cent)",
        ),
        ('{"version": "v", "rate_bp": 5, "rate": 5}', "rate: no such field"),
        ('{"version": "v", "rate_bp": 5, "checks": {"frauds": 0}}', "checks.frauds: Input should"),
    ],
)
def test_a_file_that_makes_no_sense_is_told_with_what_is_wrong(
    siyu: Terminal, rules: Path, command: str, content: str, reason: str
) -> None:
    rules.write_text(content, encoding="utf-8")
    code, out, err = siyu(f"referral {command}", str(rules))
    assert (code, out) == (2, "")
    assert f"siyu: {rules}: " in err
    assert reason in err
    assert "Value error" not in err
    assert "mend the file" in err
    assert "docs/referral-rules.md" in err
    assert dump() == {}


def test_a_file_that_is_not_there_is_told(siyu: Terminal, tmp_path: Path) -> None:
    path = str(tmp_path / "none.json")
    for line in ("referral simulate --rules", "referral publish --by ann"):
        code, out, err = siyu(line, path)
        assert (code, out, err) == (2, "", f"siyu: {path}: No such file or directory\n")


def test_who_publishes_and_which_rules_must_be_said(siyu: Terminal, rules: Path) -> None:
    assert siyu("referral publish", str(rules))[0] == 2
    assert siyu("referral simulate")[0] == 2
    assert siyu("referral simulate --since soon --rules", str(rules))[0] == 2
    assert siyu("referral simulate --rules", str(rules), str(rules))[0] == 2
    assert siyu("referral publish --check --by ann", str(rules))[0] == 2
    assert dump() == {}


def test_what_other_rules_would_have_come_to_is_told_and_nothing_is_written(
    siyu: Terminal, rules: Path
) -> None:
    history()
    before = dump()
    told = siyu.json("referral simulate --list --rules", str(rules))
    assert dump() == before
    assert told["currency"] == "CNY"
    actual = {
        "credits": 2,
        "earned_minor": 1_500,
        "taken_back_minor": 0,
        "kept_minor": 1_500,
        "coupons": 0,
        "coupons_minor": 0,
        "cost_minor": 1_500,
        "in_review": 0,
        "in_review_minor": 0,
        "blocked": 1,
        "held_back_minor": 0,
    }
    assert told["actual"] == actual
    # 10% is more than the 9% that are let through without a look; 7.5% are not.
    simulated = actual | {"earned_minor": 2_500, "kept_minor": 2_500, "cost_minor": 2_500}
    assert told["simulated"] == simulated | {"in_review": 1, "in_review_minor": 1_000}
    assert told["difference"] == dict.fromkeys(actual, 0) | {
        "earned_minor": 1_000,
        "kept_minor": 1_000,
        "cost_minor": 1_000,
        "in_review": 1,
        "in_review_minor": 1_000,
    }
    doubts = told["blocked_or_in_review"]
    assert [(one["credit"], one["verdict"]) for one in doubts["actual"]] == [("shop#3", "block")]
    assert [(one["credit"], one["verdict"], one["reasons"]) for one in doubts["simulated"]] == [
        ("shop#3", "block", ["same_device"]),
        ("shop#1", "review", ["share_of_order"]),
    ]


def test_people_read_the_figures_side_by_side_and_ids_only(siyu: Terminal, rules: Path) -> None:
    history()
    code, out, err = siyu("referral simulate --list --rules", str(rules))
    assert code == 0
    for told in ("nothing is written", "read 2 friends and 3 credits", "weighed 3 orders", "CNY"):
        assert told in err
    assert "actual is what stands, simulated what spring would have come to" in err
    rows = [one.split() for one in out.splitlines()]
    assert rows[0] == ["actual", "simulated", "difference"]
    assert ["kept_minor", "1500", "2500", "1000"] in rows
    assert "blocked or in review, simulated: 2" in out
    (line,) = (one for one in rows if one[:1] == ["shop#1"])
    assert (len(line), line[2:]) == (4, ["review", "share_of_order"])


def test_the_doubtful_are_summed_up_by_reason_and_referrer(siyu: Terminal, rules: Path) -> None:
    history()
    told = siyu.json("referral simulate --rules", str(rules))
    assert "blocked_or_in_review" not in told
    blocked = {"blocked": 1, "in_review": 0, "in_review_minor": 0}
    waiting = {"blocked": 0, "in_review": 1, "in_review_minor": 1_000}
    assert told["doubts"]["actual"]["reason"] == [{"reason": "same_device", **blocked}]
    assert told["doubts"]["simulated"]["reason"] == [
        {"reason": "same_device", **blocked},
        {"reason": "share_of_order", **waiting},
    ]
    (of_ann,) = told["doubts"]["simulated"]["referrer"]
    assert of_ann.items() >= {"blocked": 1, "in_review": 1, "in_review_minor": 1_000}.items()
    code, out, _ = siyu("referral simulate --rules", str(rules))
    assert (code, "shop#" in out) == (0, False)
    by_reason = out.partition("blocked or in review, simulated, by reason:\n")[2].splitlines()
    assert by_reason[2].split() == ["share_of_order", "0", "1", "1000"]
    assert "blocked or in review, simulated, by referrer:\n" in out


def test_only_what_was_paid_since_a_day(siyu: Terminal, rules: Path) -> None:
    history()
    told = siyu.json("referral simulate --since 2026-11-16 --rules", str(rules))
    assert (told["actual"]["kept_minor"], told["simulated"]["kept_minor"]) == (1_000, 1_500)


def test_the_day_in_the_file_does_not_matter_to_a_simulation(siyu: Terminal, rules: Path) -> None:
    history()
    told = siyu.json("referral simulate --rules", str(rules))
    rules.write_text(json.dumps({**RULES, "effective_from": None}), encoding="utf-8")
    assert siyu.json("referral simulate --rules", str(rules)) == told
    assert programmes.load().published == ()


def test_without_any_referral_all_figures_are_nothing(siyu: Terminal, rules: Path) -> None:
    told = siyu.json("referral simulate --rules", str(rules))
    assert set(told["actual"].values()) == set(told["difference"].values()) == {0}
