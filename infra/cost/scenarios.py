"""What is counted: things that happen in a shop, from the request to the last thing that follows.

Each is done a few times before it is counted, so that no process start and no first connection is
in the figures; those are cold starts, which are priced apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from infra.cost.cloud import CostCloud
from infra.cost.flow import Flow
from infra.cost.people import People

WARM = 2
PAID_MINOR = 10_000
# The credit of a purchase is released when its return window is over, in the next night.
HOLD_DAYS = 16
CREDIT, RELEASE = "ReferralCreditFunction", "ReferralReleaseFunction"
Step = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Scenario:
    """`prepare` makes ready for one and hands over what is counted; `after` is counted once for
    all of them; `parts` names the functions whose share alone is meant, None for all."""

    title: str
    prepare: Callable[[CostCloud, People], Step]
    after: Callable[[CostCloud, People], None] | None = None
    parts: tuple[str, ...] | None = None


def _signup(_: CostCloud, people: People) -> Step:
    token, name = people.receipt(), people.name()

    def work() -> None:
        people.scan(token, name)

    return work


def _order_of_member(_: CostCloud, people: People) -> Step:
    buyer = people.join().name
    return lambda: people.pays(buyer, PAID_MINOR)


def _order_with_claim(cloud: CostCloud, people: People) -> Step:
    name, token = people.join().name, people.receipt()

    def work() -> None:
        people.pays(None, PAID_MINOR, token)
        cloud.settle()
        people.scan(token, name)

    return work


def _credit(_: CostCloud, people: People) -> Step:
    friend = people.join(people.join().referral_code)
    return lambda: people.pays(friend.name, PAID_MINOR)


def _release(_: CostCloud, people: People) -> None:
    people.night(RELEASE, HOLD_DAYS)


def _redemption(_: CostCloud, people: People) -> Step:
    member = people.join()
    return lambda: people.redeems(member)


def _wallet(_: CostCloud, people: People) -> Step:
    member = people.join()
    return lambda: people.looks(member, "/v1/me/credit")


def _profile(_: CostCloud, people: People) -> Step:
    member = people.join()
    return lambda: people.looks(member, "/v1/me")


SCENARIOS: Mapping[str, Scenario] = {
    "signup": Scenario("signups, a fresh receipt scanned", _signup),
    "order": Scenario("orders of known members, from webhook to referral look", _order_of_member),
    "claim": Scenario("orders with a receipt that a member then scans", _order_with_claim),
    "credit": Scenario("credits, from posting to release", _credit, _release, (CREDIT, RELEASE)),
    "redemption": Scenario("redemptions of a coupon", _redemption),
    "wallet": Scenario("wallet reads", _wallet),
    "profile": Scenario("profile reads", _profile),
}
QUIET_NIGHT = "quiet night"


def play(cloud: CostCloud, size: int) -> Iterator[tuple[str, Flow]]:
    """Do each thing so many times and count; then a night of the programme with nothing to do."""
    people = People(cloud)
    for name, scenario in SCENARIOS.items():
        _play(cloud, people, scenario, WARM)
        flow = _play(cloud, people, scenario, size)
        yield name, flow.only(*scenario.parts) if scenario.parts else flow
    flow = Flow()
    with cloud.counted(flow, 1):
        people.night(RELEASE, 1)
    yield QUIET_NIGHT, flow


def _play(cloud: CostCloud, people: People, scenario: Scenario, times: int) -> Flow:
    steps = [scenario.prepare(cloud, people) for _ in range(times)]
    cloud.settle()
    flow = Flow()
    with cloud.counted(flow, times):
        for step in steps:
            step()
            cloud.settle()
        if scenario.after:
            scenario.after(cloud, people)
    return flow
