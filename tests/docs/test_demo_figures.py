"""What the READMEs show of the demo's credits is what SQL makes of the year, without any replay."""

from __future__ import annotations

from infra.demo.__main__ import ORDERS, PROGRAMME
from infra.demo.figures import MemberState, Outcome
from infra.demo.page import render
from infra.demo.plan import make_plan
from infra.demo.proof import compare, recompute
from infra.demo.reader import read_orders
from infra.demo.report import Timing, summarise
from tests.docs.reading import READMES, blocks

BEGIN, END = "Referral credits", "Recomputed from"
CUT = "  …"


def credits_in(text: str) -> list[str]:
    """The part about credits; of the customers who brought most, the first."""
    found = text[text.index(BEGIN) : text.index(END)].strip().splitlines()
    customers = [line for line in found if line.startswith("  customer ")]
    return [line for line in found if line not in {*customers[1:], CUT}]


def test_the_readmes_show_the_credits_that_sql_makes_of_the_year() -> None:
    orders = read_orders(ORDERS)
    plan = make_plan(orders.rows, orders.currency)
    expected = recompute(orders, plan.scans, PROGRAMME)
    members = {name: MemberState(one, None, None) for name, one in expected.members.items()}
    outcome = Outcome(members, expected.totals, 0, 0, 0, 0.0, 0.0, 1.0)
    same = compare(expected.members, expected.members)
    page = render(summarise(plan, orders.bad, outcome, same, Timing(None, 1.0)))
    for readme in READMES:
        (shown,) = blocks(readme, "text")
        assert CUT in shown.splitlines()
        assert credits_in(shown) == credits_in(page)
