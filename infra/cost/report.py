"""What a run tells: for a thousand of each thing, for a night, and for a month."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from infra.bench.prices import Tariff
from infra.cost.flow import Flow
from infra.cost.measured import MILLION, Measured
from infra.cost.month import Month, Usage
from infra.cost.scenarios import QUIET_NIGHT, SCENARIOS

THOUSAND = 1_000
UNKNOWN = "not confirmed"
# What a bill shows as one, and the prices in it.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "DynamoDB, reads and writes": ("read_unit", "write_unit"),
    "DynamoDB, storage and backup": ("storage_gb_month", "pitr_gb_month"),
    "Lambda": ("lambda_request", "lambda_arm_gb_second"),
    "API Gateway": ("http_api_request",),
    "SQS": ("sqs_request",),
    "CloudWatch, logs": ("log_gb", "log_storage_gb_month"),
    "CloudWatch, alarms, metrics, dashboard": (
        "alarm_metric_month",
        "metric_month",
        "dashboard_month",
    ),
    "Secrets Manager, KMS": ("secret_month", "secret_request", "kms_key_month", "kms_request"),
    "EventBridge Scheduler": ("schedule",),
    "Data to the internet": ("data_out_gb",),
    "NAT gateway and address": ("nat_hour", "nat_gb", "ipv4_hour"),
}


def dollars(quantities: Mapping[str, float], tariff: Tariff) -> tuple[float, set[str]]:
    """What is known of the cost at list price, and the names of what has no price."""
    costs = {name: tariff.cost(name, n) for name, n in quantities.items() if n}
    known = sum(cost for cost in costs.values() if cost is not None)
    return known, {name for name, cost in costs.items() if cost is None}


def told(amount: float, lacking: set[str], digits: int) -> str:
    """A sum; `>` where something has no price."""
    return f"{'>' if lacking else ''}{amount:,.{digits}f}"


def scenarios(flows: Mapping[str, Flow], measured: Measured, tariff: Tariff) -> Iterator[str]:
    """The table of a thousand of each, and of a night of a million."""
    yield f"per 1,000 of each; {tariff.currency}, {tariff.region}, list prices of {tariff.dated}"
    heads = ("RRU", "WRU", "index", "Lambda", "GB-s", "HTTP", "SQS", "log kB", tariff.currency)
    yield f"{'':58}" + "".join(f"{head:>9}" for head in heads)
    for name, scenario in SCENARIOS.items():
        yield _row(scenario.title, flows[name], tariff)
    night = measured.night(MILLION)
    cells = (night["read_unit"], night["write_unit"], 0, 0, night["lambda_arm_gb_second"], 0, 0, 0)
    yield (
        f"{'one night of a million members':58}"
        + "".join(f"{cell:9,.0f}" for cell in cells)
        + f"{told(*dollars(night, tariff), 4):>9}"
    )
    quiet = flows[QUIET_NIGHT].quantities()
    yield (
        f"one night of the referral programme with nothing to do: {quiet['read_unit']:g} RRU, "
        f"{quiet['lambda_arm_gb_second']:.2f} GB-s"
    )


def _row(title: str, flow: Flow, tariff: Tariff) -> str:
    each = flow.per(THOUSAND)
    _, write = flow.units()
    index = sum(n for place, n in write.items() if place != "table") * THOUSAND / flow.count
    cells = (
        each["read_unit"],
        each["write_unit"],
        index,
        each["lambda_request"],
        each["lambda_arm_gb_second"],
        each["http_api_request"],
        each["sqs_request"],
        each["log_gb"] * 1e6,
    )
    amount = told(*dollars(each, tariff), 4)
    return f"{title:58}" + "".join(f"{cell:9,.0f}" for cell in cells) + f"{amount:>9}"


def functions(flows: Mapping[str, Flow]) -> Iterator[str]:
    """Where the time goes: processor and billed milliseconds of each function in each flow."""
    yield f"{'one invocation, warm':58}{'MB':>9}{'CPU ms':>9}{'ms':>9}{'requests':>9}"
    for name, flow in flows.items():
        for function, work in flow.works.items():
            count = work.invocations
            asked = (work.used.requests.total() + work.used.partners) / count
            yield (
                f"{name + ': ' + function:58}{work.memory_mb:9}"
                f"{work.cpu / count * 1e3:9.1f}{work.ms / count:9.0f}{asked:9.1f}"
            )


def months(made: list[Month], usage: Usage, tariff: Tariff) -> Iterator[str]:
    """What a month costs at each size, by service and by cause."""
    yield "assumed, a member and a year unless the name says otherwise"
    for name, value in usage.table().items():
        yield f"  {name.replace('_', ' '):24}{value:g}"
    yield ""
    yield f"{tariff.currency} a month, {tariff.region}, list prices of {tariff.dated}"
    yield f"{'members':42}" + "".join(f"{one.members:>14,}" for one in made)
    for group, names in GROUPS.items():
        cells = [_sum({k: v for k, v in one.total().items() if k in names}, tariff) for one in made]
        if any(cell != "0.00" for cell in cells):
            yield f"{group:42}" + "".join(f"{cell:>14}" for cell in cells)
    yield f"{'in all':42}" + "".join(f"{_sum(one.total(), tariff):>14}" for one in made)
    yield f"{'after free allowances':42}" + "".join(f"{_billed(one, tariff):>14}" for one in made)
    yield f"{'a fixed address adds':42}" + "".join(
        f"{_sum(one.egress, tariff):>14}" for one in made
    )
    yield ""
    yield "of which by cause"
    for part in made[0].parts:
        cells = [_sum(one.parts[part], tariff) for one in made]
        yield f"  {part:40}" + "".join(f"{cell:>14}" for cell in cells)
    lacking = set().union(*(dollars({**one.total(), **one.egress}, tariff)[1] for one in made))
    if lacking:
        yield f"{UNKNOWN}, so left out of sums with >: {', '.join(sorted(lacking))}"


def standing(one: Month, tariff: Tariff) -> Iterator[str]:
    """What costs by the month whoever comes, and what a fixed address adds."""
    yield f"{'what stands':42}{'number':>14}{'price':>14}{tariff.currency:>14}"
    for name, number in (*one.parts["fixed"].items(), *one.egress.items()):
        price = tariff.prices[name].amount
        if price is None:
            yield f"  {name:40}{number:14,.4g}{UNKNOWN:>28}"
        else:
            yield f"  {name:40}{number:14,.10g}{price:14.10g}{price * number:14,.2f}"


def _sum(quantities: Mapping[str, float], tariff: Tariff) -> str:
    return told(*dollars(quantities, tariff), 2)


def _billed(one: Month, tariff: Tariff) -> str:
    costs = {name: tariff.billed(name, n) for name, n in one.total().items()}
    lacking = {name for name, cost in costs.items() if cost is None}
    return told(sum(cost or 0.0 for cost in costs.values()), lacking, 2)


def unconfirmed(tariff: Tariff) -> str:
    """The prices that nobody could read this month."""
    names = sorted(name for name, price in tariff.prices.items() if not price.confirmed)
    return f"prices {UNKNOWN}: {', '.join(names)}"
