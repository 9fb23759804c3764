"""The same by json and boto3: `python -m infra.bench.plain_python EXPORT NIGHT OUT`."""

from __future__ import annotations

import gzip
import json
import sys
from datetime import date
from pathlib import Path

from boto3.dynamodb.types import TypeDeserializer

from infra.bench import scoring


def run(export: Path, night: date, out: Path) -> None:
    """Write what changed, as `member,version,stage,group,aipl`."""
    plain = TypeDeserializer().deserialize
    with gzip.open(export) as file:
        rows = [
            scoring.row({name: plain(value) for name, value in json.loads(line)["Item"].items()})
            for line in file
        ]
    cuts, today = scoring.lines(rows), night.toordinal()
    with out.open("w") as changed:
        for one in rows:
            label = scoring.label(one, cuts, today)
            if label != one.label:
                changed.write(f"{one.member},{one.version},{','.join(label)}\n")


if __name__ == "__main__":
    run(Path(sys.argv[1]), date.fromisoformat(sys.argv[2]), Path(sys.argv[3]))
