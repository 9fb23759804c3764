"""Rows as Parquet, by DuckDB. Nothing but the export of an audience loads this: it is 70 MB."""

import glob
from collections.abc import Mapping
from pathlib import Path

import duckdb

# https://parquet.apache.org/docs/file-format/configurations/ - what a reader may skip or share out.
ROWS_PER_GROUP = 122_880
# Of what a function has beside the rows it is just reading.
MEMORY = "1GB"


def write(parts: Path, columns: Mapping[str, str], order: str, into: Path) -> None:
    """All rows of the CSV files in a folder (one at least, no header, empty is null) in one Parquet
    file, typed and in order; the same rows give the same bytes. Scratch space is taken beside
    `into`. Raises OSError where files cannot be read or written."""
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY,
        "temp_directory": str(into.with_suffix(".tmp")),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    # A folder's name is no pattern, and `day=2026` in it is no column.
    pattern = str(Path(glob.escape(str(parts)), "*.csv"))
    try:
        _copy(pattern, columns, order, into, settings)
    except duckdb.IOException as error:
        raise OSError(str(error)) from error


def _copy(
    pattern: str,
    columns: Mapping[str, str],
    order: str,
    into: Path,
    settings: dict[str, str | bool | int | float | list[str]],
) -> None:
    with duckdb.connect(config=settings) as connection:
        rows = connection.read_csv(
            pattern,
            header=False,
            sep=",",
            quotechar="",
            escapechar="",
            columns=dict(columns),
            auto_detect=False,
            hive_partitioning=False,
        )
        rows.order(order).write_parquet(
            str(into), compression="zstd", row_group_size=ROWS_PER_GROUP
        )
