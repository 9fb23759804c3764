"""What a night costs by each design that was considered, at any size, from what one run counted.

Units grow with the members; what does not (a few items a night) is too little to see.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from infra.bench.prices import Prices

SIZES = (100_000, 1_000_000, 10_000_000, 100_000_000)
GB = 1_000_000_000
LABEL_BYTES = 12
LEAST_EXPORT_BYTES = 10_000_000
DAYS_A_MONTH = 30


@dataclass(frozen=True, slots=True)
class Counted:
    """What one run counted, for each member of the table: units, and processor seconds.

    `read`, `write` and `cpu` are those of the product's night; `plain_read` is a Scan of ordinary
    items, `scan_cpu` what it takes of a processor with the scoring; `update_cpu` is for each write.
    `changed` is the share whose label changes between two nights for whatever reason, `ordered` the
    share that ordered on a day; `item_bytes` is the size of an ordinary item.
    """

    read: float
    write: float
    cpu: float
    plain_read: float
    scan_cpu: float
    update_cpu: float
    changed: float
    ordered: float
    item_bytes: float


Design = Callable[["Counted", Prices, int], float]
"""US dollars a night of so many members."""


def update_all(one: Counted, prices: Prices, members: int) -> float:
    """Scan with boto3, and UpdateItem for everybody."""
    return members * prices.work(one.plain_read, 1, one.scan_cpu + one.update_cpu)


def update_changed(one: Counted, prices: Prices, members: int) -> float:
    """Scan with boto3, and UpdateItem for those who changed."""
    cpu = one.scan_cpu + one.changed * one.update_cpu
    return members * prices.work(one.plain_read, one.changed, cpu)


def ours(one: Counted, prices: Prices, members: int) -> float:
    """The product's night: orders have relabelled their members, pages tell who moved."""
    return members * prices.work(one.read, one.write, one.cpu)


def due_index(one: Counted, prices: Prices, members: int) -> float:
    """Look only at who is due, by an index: an order moves its member's entry (two units), and so
    does each member due, with a label of its own. As many become due in a day as ordered a window
    ago. It cannot follow quantiles that move under members who are not due."""
    due = 2 * one.ordered
    return members * prices.work(one.read * due, 2 * one.ordered + 3 * due, one.cpu * due)


def label_pages(one: Counted, prices: Prices, members: int) -> float:
    """The product's scan, and all labels written anew in dense pages."""
    return members * prices.work(one.read, LABEL_BYTES / 1_024, one.cpu)


def incremental_export(one: Counted, prices: Prices, members: int) -> float:
    """An export of what changed in a day, merged with the day before, and labels written for those
    who changed; the backup that an export needs is not in it."""
    exported = max(members * one.ordered * one.item_bytes * 2, LEAST_EXPORT_BYTES) / GB
    return exported * prices.export_gb + members * prices.work(0, one.changed, one.cpu)


def incremental_export_and_backup(one: Counted, prices: Prices, members: int) -> float:
    """The same where the backup is bought for it."""
    backup = members * one.item_bytes / GB * prices.pitr_gb_month / DAYS_A_MONTH
    return incremental_export(one, prices, members) + backup


DESIGNS: Mapping[str, Design] = {
    "scan, UpdateItem for all": update_all,
    "scan, UpdateItem for the changed": update_changed,
    "Siyu": ours,
    "due index": due_index,
    "label pages, all anew": label_pages,
    "incremental export": incremental_export,
    "incremental export and backup": incremental_export_and_backup,
}


def table(one: Counted, prices: Prices) -> dict[str, list[float]]:
    """US dollars a night by design, one figure a size of `SIZES`."""
    return {
        name: [price(one, prices, members) for members in SIZES] for name, price in DESIGNS.items()
    }
