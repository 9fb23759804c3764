"""The same in SQL, one thread: `python -m infra.bench.duckdb_engine LAYOUT EXPORT NIGHT OUT`.

Types are declared, and only for the attributes that are needed: the fastest that we found.
"""

from __future__ import annotations

import sys
from datetime import date

import duckdb

from infra.demo.actual import GROUPS, STAGES

PLAIN = """
    SELECT Item.SK.S AS member, Item.version.N AS version,
           Item.joined_day.N::BIGINT AS joined, Item.last_day.N::BIGINT AS day,
           Item.orders.N::BIGINT AS orders, Item.net_minor.N::BIGINT AS net,
           Item.stage.S AS stage, Item.value_group.S AS value_group, Item.aipl.S AS aipl
    FROM read_ndjson($export, columns = {'Item': 'STRUCT(SK STRUCT(S VARCHAR),
        version STRUCT(N VARCHAR), joined_day STRUCT(N VARCHAR), last_day STRUCT(N VARCHAR),
        orders STRUCT(N VARCHAR),
        net_minor STRUCT(N VARCHAR), stage STRUCT(S VARCHAR), value_group STRUCT(S VARCHAR),
        aipl STRUCT(S VARCHAR))'})
"""
PACKED = """
    SELECT z[1] AS member, z[2] AS version, z[4]::BIGINT AS joined, z[8]::BIGINT AS day,
           z[9]::BIGINT AS orders, z[10]::BIGINT AS net, stages.name AS stage,
           groups.name AS value_group, aipls.name AS aipl
    FROM (
        SELECT string_split(Item.z.S, '|') AS z, substr(Item.lb.S, 9, 3) AS code
        FROM read_ndjson($export, columns = {'Item': 'STRUCT(z STRUCT(S VARCHAR),
            lb STRUCT(S VARCHAR))'})
    ) AS items
    JOIN names AS stages ON stages.part = 1 AND stages.letter = code[1]
    JOIN names AS groups ON groups.part = 2 AND groups.letter = code[2]
    JOIN names AS aipls ON aipls.part = 3 AND aipls.letter = code[3]
    WHERE z[3] = ''
"""
# Read off the table's documentation once, for the demo's proof: what a part of a label stands for.
NAMES = [
    *((1, letter, name) for letter, name in zip("abcdefghijkl", STAGES, strict=True)),
    *((2, str(number), name or "-") for number, name in enumerate(GROUPS)),
    *((3, name[0].upper(), name) for name in ("aware", "interest", "purchase", "loyalty")),
]
LINES = """
    SELECT quantile_disc(day, [0.2, 0.4, 0.6, 0.8]) AS r,
           quantile_disc(orders, [0.2, 0.4, 0.6, 0.8]) AS f,
           quantile_disc(net, [0.2, 0.4, 0.6, 0.8]) AS m,
           count(*) AS population,
           list(net ORDER BY net DESC)[(population * 10 + 99) // 100] AS top,
           greatest(list(orders ORDER BY orders DESC)[(population * 30 + 99) // 100], 2) AS care
    FROM members WHERE orders > 0
"""
SCORED = """
    SELECT members.*, $today - day AS idle, top, care,
           1 + (day > r[1])::INT + (day > r[2])::INT + (day > r[3])::INT + (day > r[4])::INT AS rs,
           1 + (orders > f[1])::INT + (orders > f[2])::INT + (orders > f[3])::INT
             + (orders > f[4])::INT AS fs,
           1 + (net > m[1])::INT + (net > m[2])::INT + (net > m[3])::INT + (net > m[4])::INT AS ms
    FROM members, lines
"""
LABELLED = """
    SELECT member, version, stage, value_group, aipl,
        CASE WHEN day = 0 THEN if($today - joined <= 30, 'new', 'prospect')
             WHEN idle > 365 THEN 'lost' WHEN idle > 180 THEN 'dormant'
             WHEN orders > 0 AND net >= top THEN 'super_user'
             WHEN orders > 0 AND orders >= care THEN 'key_care'
             WHEN orders <= 1 THEN 'first_purchase'
             WHEN orders <= 5 THEN 'repurchase_' || (orders - 1)
             ELSE 'repurchase_5_or_more' END AS new_stage,
        CASE WHEN orders = 0 THEN '-'
             ELSE if(ms * n > mt, 'important', 'general') || CASE
                 WHEN rs * n > rt AND fs * n > ft THEN '_value'
                 WHEN rs * n > rt THEN '_develop'
                 WHEN fs * n > ft THEN '_keep' ELSE '_win_back' END END AS new_group,
        CASE WHEN day = 0 THEN if($today - joined <= 30, 'interest', 'aware')
             WHEN orders >= 2 AND idle <= 365 THEN 'loyalty' ELSE 'purchase' END AS new_aipl
    FROM scored, (
        SELECT count(*) AS n, sum(rs) AS rt, sum(fs) AS ft, sum(ms) AS mt
        FROM scored WHERE orders > 0
    )
"""
CHANGED = """
    SELECT member, version, new_stage, new_group, new_aipl FROM labelled
    WHERE stage <> new_stage OR value_group <> new_group OR aipl <> new_aipl
"""


def run(layout: str, export: str, night: date, out: str) -> None:
    """Write what changed, as `member,version,stage,group,aipl`."""
    engine = duckdb.connect(config={"threads": 1})
    engine.execute("CREATE TABLE names (part INT, letter VARCHAR, name VARCHAR)")
    engine.executemany("INSERT INTO names VALUES (?, ?, ?)", NAMES)
    source = PLAIN if layout == "plain" else PACKED
    engine.execute(f"CREATE TABLE members AS {source}", {"export": export})
    engine.execute(f"CREATE TABLE lines AS {LINES}")
    today = {"today": night.toordinal()}
    engine.execute(f"CREATE TABLE scored AS {SCORED}", today)
    engine.execute(f"CREATE TABLE labelled AS {LABELLED}", today)
    engine.execute(f"COPY ({CHANGED}) TO '{out}' (FORMAT csv, HEADER false)")


if __name__ == "__main__":
    run(sys.argv[1], sys.argv[2], date.fromisoformat(sys.argv[3]), sys.argv[4])
