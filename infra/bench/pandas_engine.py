"""The same in pandas: `python -m infra.bench.pandas_engine EXPORT NIGHT OUT`."""

from __future__ import annotations

import sys
from datetime import date

import numpy as np  # type: ignore[import-not-found]
import pandas as pd  # type: ignore[import-untyped]

TEXTS = ("SK", "stage", "value_group", "aipl")
NUMBERS = ("version", "joined_day", "last_day", "orders", "net_minor")
CHUNK = 50_000


def members(export: str) -> pd.DataFrame:
    """The needed attributes of an export, in parts: whole it would take several gigabytes."""
    parts = [
        pd.DataFrame(
            {name: [item[name]["S"] for item in part["Item"]] for name in TEXTS}
            | {name: [int(item[name]["N"]) for item in part["Item"]] for name in NUMBERS}
        )
        for part in pd.read_json(export, lines=True, compression="gzip", chunksize=CHUNK)
    ]
    return pd.concat(parts, ignore_index=True)


def score(values: pd.Series, population: pd.Series) -> np.ndarray:
    """1 plus the quintiles strictly below."""
    ordered = np.sort(population.to_numpy())
    lines = [ordered[-(-len(ordered) * percent // 100) - 1] for percent in (20, 40, 60, 80)]
    return np.searchsorted(lines, values.to_numpy(), side="left") + 1


def top(values: pd.Series, percent: int) -> int:
    """The value that closes the top."""
    return int(np.sort(values.to_numpy())[len(values) - -(-len(values) * percent // 100)])


def label(all_: pd.DataFrame, today: int) -> None:
    """Add what each member is tonight."""
    bought = all_[all_.orders > 0]
    sides = {}
    for name, column in (("r", "last_day"), ("f", "orders"), ("m", "net_minor")):
        scores = score(all_[column], bought[column])
        sides[name] = scores * len(bought) > scores[all_.orders > 0].sum()
    idle, never = today - all_.last_day, all_.last_day == 0
    fresh = today - all_.joined_day <= 30
    stages = [
        (never & fresh, "new"),
        (never, "prospect"),
        (idle > 365, "lost"),
        (idle > 180, "dormant"),
        ((all_.orders > 0) & (all_.net_minor >= top(bought.net_minor, 10)), "super_user"),
        (all_.orders >= max(top(bought.orders, 30), 2), "key_care"),
        (all_.orders <= 1, "first_purchase"),
        *((all_.orders == count + 1, f"repurchase_{count}") for count in range(1, 5)),
    ]
    all_["new_stage"] = np.select(*zip(*stages, strict=True), "repurchase_5_or_more")
    rest = np.select(
        [sides["r"] & sides["f"], sides["r"], sides["f"]],
        ["_value", "_develop", "_keep"],
        "_win_back",
    )
    group = np.where(sides["m"], "important", "general").astype(object) + rest.astype(object)
    all_["new_group"] = np.where(all_.orders > 0, group, "-")
    loyal = (all_.orders >= 2) & (idle <= 365)
    all_["new_aipl"] = np.select(
        [never & fresh, never, loyal], ["interest", "aware", "loyalty"], "purchase"
    )


def run(export: str, night: date, out: str) -> None:
    """Write what changed, as `member,version,stage,group,aipl`."""
    all_ = members(export)
    label(all_, night.toordinal())
    moved = (
        (all_.stage != all_.new_stage)
        | (all_.value_group != all_.new_group)
        | (all_.aipl != all_.new_aipl)
    )
    chosen = all_.loc[moved, ["SK", "version", "new_stage", "new_group", "new_aipl"]]
    chosen.to_csv(out, header=False, index=False)


if __name__ == "__main__":
    run(sys.argv[1], date.fromisoformat(sys.argv[2]), sys.argv[3])
