"""List prices of one month, with where they are told: `prices-<month>.json` beside this module.

A price is what the sender of the bill lists, without free allowances, which stand beside it. One
that could not be read anywhere this month says "unconfirmed"; one that is not known at all is null,
and what it would price is left out of sums and named.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("prices-2026-11.json")
HOME = "us-east-1"
# With so much memory a function has one processor to itself.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
MB_PER_PROCESSOR = 1_769
NIGHT = (
    "read_unit",
    "write_unit",
    "pitr_gb_month",
    "export_gb",
    "lambda_arm_gb_second",
)


@dataclass(frozen=True, slots=True)
class Price:
    """`amount` of the region's currency for one of something, None where it is not known; `free`
    of it cost nothing in a month."""

    amount: float | None
    source: str
    confirmed: bool
    free: float = 0.0


@dataclass(frozen=True, slots=True)
class Tariff:
    """All prices of one region."""

    dated: str
    region: str
    currency: str
    prices: Mapping[str, Price]

    def cost(self, name: str, quantity: float) -> float | None:
        """What so many of something cost without free allowances; None where it is not known."""
        amount = self.prices[name].amount
        return None if amount is None else amount * quantity

    def billed(self, name: str, quantity: float) -> float | None:
        """The same of a month of an account that uses its free allowances for nothing else."""
        return self.cost(name, max(quantity - self.prices[name].free, 0.0))


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars per unit of what a night takes."""

    dated: str
    region: str
    read_unit: float
    write_unit: float
    pitr_gb_month: float
    export_gb: float
    lambda_arm_gb_second: float

    @property
    def cpu_second(self) -> float:
        """A second of one processor of a function."""
        return self.lambda_arm_gb_second * MB_PER_PROCESSOR / 1_024

    def work(self, read: float, write: float, cpu: float) -> float:
        """Units read and written, and seconds of a processor."""
        return read * self.read_unit + write * self.write_unit + cpu * self.cpu_second


def regions(file: Path = FILE) -> list[str]:
    """Those that the file has prices of."""
    return list(json.loads(file.read_text(encoding="utf-8"))["regions"])


@cache
def tariff(region: str = HOME, file: Path = FILE) -> Tariff:
    """The prices of a region."""
    told = json.loads(file.read_text(encoding="utf-8"))
    own = told["regions"][region]
    prices = {name: _price(entry) for name, entry in own["prices"].items()}
    return Tariff(told["dated"], region, own["currency"], prices)


def _price(entry: Mapping[str, str | bool | None]) -> Price:
    told = entry["price"]
    return Price(
        None if told is None else float(told),
        str(entry["source"]),
        not entry.get("unconfirmed", False),
        float(entry.get("free") or 0.0),
    )


@cache
def load(file: Path = FILE) -> Prices:
    """The prices of a night at home."""
    own = tariff(HOME, file)
    known = {name: own.cost(name, 1.0) for name in NIGHT}
    return Prices(own.dated, own.region, **{k: v for k, v in known.items() if v is not None})
