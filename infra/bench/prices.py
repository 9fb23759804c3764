"""List prices of one month, with where they were read: `prices-<month>.json` beside this module.

A price that could not be confirmed says so; nothing measured depends on one of those.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("prices-2026-11.json")
# With so much memory a function has one processor to itself.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
MB_PER_PROCESSOR = 1_769


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars per unit."""

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


@cache
def load(file: Path = FILE) -> Prices:
    """The prices of a file."""
    told = json.loads(file.read_text(encoding="utf-8"))
    prices = {name: float(entry["usd"]) for name, entry in told["prices"].items()}
    return Prices(told["dated"], told["region"], **prices)
