"""What a month costs a brand of some size, from what one run counted and what members are assumed
to do."""

from __future__ import annotations

import shlex
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields

from infra.cost import estimate, fixed
from infra.cost.flow import GB, Flow, scaled, summed
from infra.cost.measured import Measured
from infra.cost.scenarios import QUIET_NIGHT
from infra.local.engine import ROOT

SECRET_SECONDS = 300.0
# Keys of the table, the queues and the topic are asked for again after five minutes.
KEYED_PLACES = 4
# CloudWatch stores logs compressed; AWS counts with this ratio in its examples.
# https://aws.amazon.com/cloudwatch/pricing/
STORED_OF_LOGS = 0.15
PARTNER_BYTES = 10_000


def of_stage(stage: str, **others: str) -> dict[str, str]:
    """The parameters that samconfig.toml gives a stage, some of them changed."""
    told = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
    given = told[stage]["deploy"]["parameters"]["parameter_overrides"]
    return {**dict(pair.split("=", 1) for pair in shlex.split(given)), **others}


# Production as it is deployed, and without the one address that costs by the hour.
EGRESS = of_stage("prod", FixedEgress="true")
PROD = of_stage("prod", FixedEgress="false")


@dataclass(frozen=True, slots=True)
class Usage:
    """What is assumed, a member and a year unless said otherwise; `claimed` and `referred` are
    shares of the orders."""

    signups: float = 0.3
    orders: float = 4.0
    webhooks_an_order: float = 2.0
    claimed: float = 0.5
    referred: float = 0.1
    redemptions: float = 1.0
    wallet_reads: float = 4.0
    profile_reads: float = 24.0
    nights_a_month: float = 30.0
    years_kept: float = 2.0
    log_days: float = 90.0

    def a_month(self, members: int) -> dict[str, float]:
        """How often each scenario comes to pass. A webhook beside the one of a payment costs what
        that one does."""
        each = members / 12
        orders = self.orders * each
        return {
            "signup": self.signups * each,
            "order": orders * (self.webhooks_an_order - self.claimed),
            "claim": orders * self.claimed,
            "credit": orders * self.referred,
            "redemption": self.redemptions * each,
            "wallet": self.wallet_reads * each,
            "profile": self.profile_reads * each,
            QUIET_NIGHT: self.nights_a_month,
        }

    def table(self) -> dict[str, float]:
        """By name, as the page shows them."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class Month:
    """Quantities by cause: `work` of members, `night`, `starts` of functions, `kept` data, and what
    is `fixed`; `egress` is what a fixed address adds."""

    members: int
    parts: Mapping[str, Mapping[str, float]]
    egress: Mapping[str, float]

    def total(self) -> dict[str, float]:
        """All parts but the fixed address."""
        return summed(self.parts.values())


def month(
    members: int,
    flows: Mapping[str, Flow],
    measured: Measured,
    usage: Usage | None = None,
) -> Month:
    """A month of so many members."""
    usage = usage or Usage()
    times = usage.a_month(members)
    work = summed(
        scaled(flows[name].quantities(), n / flows[name].count) for name, n in times.items()
    )
    called = invocations(flows, times)
    logs = work["log_gb"] * STORED_OF_LOGS * usage.log_days / 30
    kept = kept_gb(members, flows, usage)
    standing = fixed.monthly(PROD)
    return Month(
        members,
        {
            "members": work,
            "nights": scaled(measured.night(members), usage.nights_a_month),
            "starts": starts(called, flows, measured),
            "kept": {"storage_gb_month": kept, "pitr_gb_month": kept, "log_storage_gb_month": logs},
            "fixed": standing,
        },
        _egress(flows, times, standing),
    )


def invocations(flows: Mapping[str, Flow], times: Mapping[str, float]) -> Counter[str]:
    """How often each function is invoked in a month."""
    total: Counter[str] = Counter()
    for name, n in times.items():
        for function, work in flows[name].works.items():
            total[function] += work.invocations * n / flows[name].count  # type: ignore[assignment]
    return total


def starts(
    called: Mapping[str, float], flows: Mapping[str, Flow], measured: Measured
) -> dict[str, float]:
    """Cold starts, and what functions fetch anew every few minutes."""
    memory = {name: work.memory_mb for flow in flows.values() for name, work in flow.works.items()}
    cold = {name: n * estimate.cold_share(n) for name, n in called.items()}
    readers = fixed.secret_readers()
    secrets = sum(
        max(estimate.windows(n, SECRET_SECONDS), cold[name])
        for name, n in called.items()
        if name in readers
    )
    keys = KEYED_PLACES * estimate.windows(sum(called.values()), SECRET_SECONDS)
    return {
        "lambda_arm_gb_second": sum(
            n * estimate.gb_seconds(measured.start_ms(name), memory[name])
            for name, n in cold.items()
        ),
        "secret_request": secrets,
        "kms_request": secrets + sum(cold.values()) + keys,
    }


def kept_gb(members: int, flows: Mapping[str, Flow], usage: Usage) -> float:
    """What the table holds after some years. What a credit adds is stored with its order."""
    size = {name: flow.stored / flow.count for name, flow in flows.items()}
    orders = usage.orders * usage.years_kept
    order = size["order"] * (1 - usage.claimed) + size["claim"] * usage.claimed
    credit = usage.referred * max(size["credit"] - size["order"], 0.0)
    return members * (size["signup"] + orders * (order + credit)) / GB


def _egress(
    flows: Mapping[str, Flow], times: Mapping[str, float], standing: Mapping[str, float]
) -> dict[str, float]:
    partners = sum(
        work.used.partners * n / flows[name].count
        for name, n in times.items()
        for work in flows[name].works.values()
    )
    with_address = fixed.monthly(EGRESS)
    more = {name: n - standing.get(name, 0.0) for name, n in with_address.items()}
    return {**{k: v for k, v in more.items() if v}, "nat_gb": partners * PARTNER_BYTES / GB}
