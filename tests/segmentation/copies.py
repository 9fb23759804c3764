"""A table that is taken down and put back, byte by byte."""

from __future__ import annotations

from typing import Any

from tests.support import client, dump, empty_table, table_name

Table = dict[tuple[str, str], dict[str, Any]]
AT_ONCE = 25


def restore(table: Table) -> None:
    """An empty table with these items."""
    empty_table()
    puts = [{"PutRequest": {"Item": item}} for item in table.values()]
    for start in range(0, len(puts), AT_ONCE):
        batch = {table_name(): puts[start : start + AT_ONCE]}
        assert not client().call("BatchWriteItem", RequestItems=batch)["UnprocessedItems"]


def label_writes(sent: list[dict[str, Any]], before: Table) -> dict[str, int]:
    """How often each member's label was really changed by these statements, in the order in which
    they were sent: a statement has an effect where the label is still the one it names."""
    stands = {key[1]: item["lb"]["S"] for key, item in before.items() if "lb" in item}
    versions = {key[1]: item["version"]["N"] for key, item in before.items() if "lb" in item}
    written = dict.fromkeys(stands, 0)
    for statement in sent:
        after, _, sk, version, known = (next(iter(one.values())) for one in statement["Parameters"])
        if (stands[sk], versions[sk]) == (known, version):
            stands[sk] = after
            written[sk] += 1
    assert stands == {key[1]: item["lb"]["S"] for key, item in dump().items() if "lb" in item}
    return written
