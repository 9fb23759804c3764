"""One story through the deployed stack, with every amount as it has to be.

Ann brings Bob, Bob buys, Ann is credited, the credit becomes hers, a part of the goods comes back,
then the rest, and Bob asks to be forgotten. Requests carry this computer's time; nights that lie
ahead are fired with the time they would be due at.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from infra.e2e.files import buyers
from infra.e2e.shop import Shop
from infra.e2e.stack import Stack
from infra.e2e.steps import eventually, expect, step
from infra.local.stack import DEFAULT_SOURCE
from siyu.domain.calendar import BUSINESS_ZONE, business_date

RELEASE, SEGMENT = "ReferralReleaseFunctionNightly", "SegmentNightlyFunctionNightly"
RECONCILE = "OrderReconcileFunctionDaily"
HOLD_DAYS = 15
# In fen: what Bob pays, and 5 % of it, of what stays after one return and after all; rounded down.
PAID, CREDIT = 12_345, 617
RETURNED, CREDIT_LEFT = 5_000, 367
ERROR = re.compile(r'"level": ?"(ERROR|CRITICAL)"|\[ERROR\]|Task timed out')


def play(stack: Stack, shop: Shop) -> None:
    """Raises LocalError at the first thing that is not as it has to be."""
    told = Story(stack, shop)
    with step("Ann joins by her receipt, Bob by his and Ann's code"):
        told.join()
    with step("the shop reports Bob's order; claimed, credited to Ann"):
        told.buy()
    with step("the night releases the credit"):
        told.release()
    with step("the night of segmentation; an operator looks Bob up"):
        told.segment()
    with step("the operator takes the first-time buyers along as a file"):
        told.choose()
    with step("goods come back, by a webhook and by a till's day file"):
        told.give_back()
    with step("Bob is forgotten; the day is reconciled"):
        told.forget()
        stack.fire(RECONCILE, datetime.now(UTC))
    with step("nothing gave up, nothing logged an error"):
        told.look_back()


class Story:
    """What each chapter knows of the ones before."""

    def __init__(self, stack: Stack, shop: Shop) -> None:
        self._stack, self._shop, self._api = stack, shop, shop.api
        self._order: dict[str, Any] = {}

    def join(self) -> None:
        self._paper = self._shop.receipt(2)
        self._ann, told = self._shop.scan("o-ann", self._shop.receipt(1))
        expect("Ann joined", told["member"]["joined"], True)
        self._bob, told = self._shop.scan("o-bob", self._paper, self._ann.referral_code)
        expect("Bob's referral", told["referral"]["status"], "bound")
        expect("Bob's claim, before his order", told["claim"]["status"], "pending")
        expect("Ann's credit", self._wallet("pending_minor", "earned_minor"), (0, 0))

    def buy(self) -> None:
        now = datetime.now(UTC)
        self._day = business_date(now)
        self._order = {"order_id": "e2e-1", "currency": "CNY", "occurred_at": now.isoformat()}
        paid = {**self._order, "paid_minor": PAID, "receipt_token": self._paper, "buyer_id": "b-1"}
        expect("a forged delivery", self._shop.send("d-0", "order.paid", paid, forge=True), 401)
        for _ in range(2):
            expect("the shop's delivery", self._shop.send("d-1", "order.paid", paid), 202)
        eventually("Bob's purchases", self._purchases, (1, PAID))
        eventually("Ann's pending credit", lambda: self._wallet("pending_minor"), (CREDIT,))
        expect("of it released", self._wallet("released_minor", "spendable_minor"), (0, 0))
        self._due = self._day + timedelta(days=HOLD_DAYS)
        expect("the day of its release", self._wallet("next_release_on"), (self._due.isoformat(),))

    def release(self) -> None:
        early = self._stack.fire(RELEASE, at(self._due - timedelta(days=1), 2))
        expect("released a day early", early["CreditReleased"], 0)
        done = self._stack.fire(RELEASE, at(self._due, 2))
        expect("released", (done["as_of"], done["CreditReleased"]), (self._due.isoformat(), 1))
        expect("Ann's credit", self._wallet("pending_minor", "spendable_minor"), (0, CREDIT))

    def segment(self) -> None:
        night = self._stack.fire(SEGMENT, at(self._day, 2, 30))["schemes"][0]
        expect("the night", (night["as_of"], night["members"]), (self._day.isoformat(), 2))
        first = night["stages"]["first_purchase"]
        expect("first purchases", first, {"members": 1, "net_minor": PAID})
        told = self._api.read(self._segment_of_bob(), self._shop.console)
        numbers = told["computed"]["numbers"]
        bought = (numbers["frequency"], numbers["monetary_minor"], numbers["recency_days"])
        expect("Bob's numbers", bought, (1, PAID, 0))
        stored = told["stored"]["label"]["stage"], told["stored"]["cause"]
        expect("Bob's stage", stored, ("first_purchase", "night"))

    def choose(self) -> None:
        asked = json.dumps({"stages": ["first_purchase"]})
        path, operator = "/v1/console/audiences", {"authorization": f"Bearer {self._shop.console}"}
        status, told = self._api.call("POST", path, operator, asked)
        expect("the wish for an audience", status, 202)
        audience = f"{path}/{told['id']}"

        def state() -> str:
            return str(self._api.read(audience, self._shop.console)["state"])

        eventually("the audience", state, "done")
        done = self._api.read(audience, self._shop.console)
        expect("members of the audience", done["members"], 1)
        expect("the file", buyers(done["url"]), [(self._bob.member_id, PAID)])

    def give_back(self) -> None:
        refund = {**self._order, "refund_id": "r-1", "refunded_minor": RETURNED}
        status = self._shop.send("d-2", "order.refunded", refund)
        expect("the shop's delivery of a refund", status, 202)
        self._taken_back(CREDIT_LEFT)
        at, rest = self._order["occurred_at"], PAID - RETURNED
        columns = "kind,order_id,refund_id,occurred_at,amount_minor"
        row = f"refund,{self._order['order_id']},r-2,{at},{rest}"
        self._stack.bring(DEFAULT_SOURCE, "e2e.csv", f"{columns}\n{row}\n")
        self._taken_back(0)
        eventually("Bob's orders", self._purchases, (0, 0))

    def _taken_back(self, left: int) -> None:
        eventually("Ann's credit", lambda: self._wallet("spendable_minor"), (left,))
        moved = self._wallet("earned_minor", "reversed_minor")
        expect("taken back", moved, (CREDIT, CREDIT - left))

    def forget(self) -> None:
        headers = {"authorization": f"Bearer {self._bob.session}"}
        login = json.dumps({"login_code": self._shop.login("o-bob")})
        status, _ = self._api.call("DELETE", "/v1/me", headers, login)
        expect("Bob's wish to be forgotten", status, 202)
        expect("Bob's page", self._api.call("GET", "/v1/me", headers)[0], 404)
        operator = {"authorization": f"Bearer {self._shop.console}"}
        status, _ = self._api.call("GET", self._segment_of_bob(), operator)
        expect("Bob at the console", status, 404)
        again, told = self._shop.scan("o-bob", self._shop.receipt(3))
        expect("the same phone is somebody else", told["member"]["joined"], True)
        seen = self._api.read("/v1/me", again.session)["purchases"]
        expect("purchases of the newcomer", (seen["orders"], seen["net_sales_minor"]), (0, 0))

    def look_back(self) -> None:
        expect("messages on dead-letter queues", set(self._stack.given_up().values()), {0})
        expect("queues and streams that fail", self._stack.failing(), [])
        errors = [line for line in self._stack.logged() if ERROR.search(line)]
        expect("errors that were logged", errors, [])

    def _segment_of_bob(self) -> str:
        return f"/v1/console/members/{self._bob.member_id}/segment"

    def _wallet(self, *fields: str) -> tuple[Any, ...]:
        told = self._api.read("/v1/me/credit", self._ann.session)
        return tuple(told[field] for field in fields)

    def _purchases(self) -> tuple[int, int]:
        told = self._api.read("/v1/me", self._bob.session)["purchases"]
        return told["orders"], told["net_sales_minor"]


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """An instant of the brand's calendar, in UTC."""
    return datetime.combine(day, time(hour, minute), BUSINESS_ZONE).astimezone(UTC)
