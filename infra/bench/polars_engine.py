"""The same in Polars, one thread: `python -m infra.bench.polars_engine EXPORT NIGHT OUT`."""

from __future__ import annotations

import sys
from datetime import date

import polars as pl  # type: ignore[import-not-found]

TEXTS = ("SK", "stage", "value_group", "aipl")
NUMBERS = ("version", "joined_day", "last_day", "orders", "net_minor")


def members(export: str) -> pl.DataFrame:
    """The needed attributes of an export, by their declared types."""
    attributes = {name: pl.Struct({"S": pl.String}) for name in TEXTS}
    attributes |= {name: pl.Struct({"N": pl.String}) for name in NUMBERS}
    lines = pl.scan_ndjson(export, schema={"Item": pl.Struct(attributes)})
    item = pl.col("Item").struct
    texts = [item.field(name).struct.field("S").alias(name) for name in TEXTS]
    numbers = [item.field(name).struct.field("N").cast(pl.Int64).alias(name) for name in NUMBERS]
    return lines.select(texts + numbers).collect()


def quintiles(values: pl.Series) -> list[int]:
    """The smallest values with at least 20, 40, 60, 80 % at or below them."""
    ordered = values.sort()
    return [ordered[-(-len(ordered) * percent // 100) - 1] for percent in (20, 40, 60, 80)]


def top(values: pl.Series, percent: int) -> int:
    """The value that closes the top."""
    return int(values.sort(descending=True)[-(-len(values) * percent // 100) - 1])


def score(name: str, lines: list[int]) -> pl.Expr:
    return pl.sum_horizontal([pl.lit(1), *((pl.col(name) > line).cast(pl.Int32) for line in lines)])


def labelled(everybody: pl.DataFrame, today: int) -> pl.DataFrame:
    """With what each member is tonight."""
    bought = everybody.filter(pl.col("orders") > 0)
    columns = {"r": "last_day", "f": "orders", "m": "net_minor"}
    scored = everybody.with_columns(
        score(column, quintiles(bought[column])).alias(name) for name, column in columns.items()
    )
    buyers = scored.filter(pl.col("orders") > 0)
    high = {name: pl.col(name) * len(buyers) > buyers[name].sum() for name in columns}
    idle, orders = today - pl.col("last_day"), pl.col("orders")
    fresh = today - pl.col("joined_day") <= 30
    never = pl.col("last_day") == 0
    least = max(top(bought["orders"], 30), 2)
    stage = (
        pl.when(never)
        .then(pl.when(fresh).then(pl.lit("new")).otherwise(pl.lit("prospect")))
        .when(idle > 365)
        .then(pl.lit("lost"))
        .when(idle > 180)
        .then(pl.lit("dormant"))
        .when((orders > 0) & (pl.col("net_minor") >= top(bought["net_minor"], 10)))
        .then(pl.lit("super_user"))
        .when(orders >= least)
        .then(pl.lit("key_care"))
        .when(orders <= 1)
        .then(pl.lit("first_purchase"))
        .when(orders <= 5)
        .then(pl.format("repurchase_{}", orders - 1))
        .otherwise(pl.lit("repurchase_5_or_more"))
    )
    side = pl.when(high["m"]).then(pl.lit("important")).otherwise(pl.lit("general"))
    rest = (
        pl.when(high["r"] & high["f"])
        .then(pl.lit("_value"))
        .when(high["r"])
        .then(pl.lit("_develop"))
        .when(high["f"])
        .then(pl.lit("_keep"))
        .otherwise(pl.lit("_win_back"))
    )
    aipl = (
        pl.when(never)
        .then(pl.when(fresh).then(pl.lit("interest")).otherwise(pl.lit("aware")))
        .when((orders >= 2) & (idle <= 365))
        .then(pl.lit("loyalty"))
        .otherwise(pl.lit("purchase"))
    )
    group = pl.when(orders > 0).then(pl.concat_str([side, rest])).otherwise(pl.lit("-"))
    return scored.with_columns(new_stage=stage, new_group=group, new_aipl=aipl)


def run(export: str, night: date, out: str) -> None:
    """Write what changed, as `member,version,stage,group,aipl`."""
    found = labelled(members(export), night.toordinal())
    pairs = (("stage", "new_stage"), ("value_group", "new_group"), ("aipl", "new_aipl"))
    moved = pl.any_horizontal([pl.col(old) != pl.col(new) for old, new in pairs])
    chosen = found.filter(moved).select("SK", "version", *(new for _, new in pairs))
    chosen.write_csv(out, include_header=False)


if __name__ == "__main__":
    run(sys.argv[1], date.fromisoformat(sys.argv[2]), sys.argv[3])
