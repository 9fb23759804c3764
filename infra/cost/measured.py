"""What other benches measured, of one month: a night, and how long a function takes to start.

`make bench-segmentation` tells the first, `make bench-coldstart` the second; nobody has to measure
a million members once more to know what they cost.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from infra.bench.prices import MB_PER_PROCESSOR

FILE = Path(__file__).with_name("measured-2026-11.json")
MILLION = 1_000_000
WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Measured:
    """Units and processor seconds of a night, for each member; milliseconds of a start by package
    (`scan_signup`), and those of a function that nobody measured."""

    dated: str
    night_read: float
    night_write: float
    night_cpu: float
    starts: Mapping[str, float]
    otherwise: float

    def start_ms(self, function: str) -> float:
        """What a function takes to start, by its name in template.yaml."""
        return self.starts.get(package(function), self.otherwise)

    def night(self, members: int) -> dict[str, float]:
        """A night of so many members, by the names of the price file."""
        return {
            "read_unit": self.night_read * members,
            "write_unit": self.night_write * members,
            "lambda_arm_gb_second": self.night_cpu * members * MB_PER_PROCESSOR / 1_024,
        }


def package(function: str) -> str:
    """`ScanSignupFunction` is in `scan_signup`."""
    return WORD.sub("_", function.removesuffix("Function")).lower()


@cache
def load(file: Path = FILE) -> Measured:
    """The figures of a file."""
    told = json.loads(file.read_text(encoding="utf-8"))
    night, members = told["night"], told["night"]["members"]
    read, write, cpu = (night[name] / members for name in ("read", "write", "cpu"))
    start = told["start"]
    return Measured(told["dated"], read, write, cpu, start["milliseconds"], start["otherwise"])
