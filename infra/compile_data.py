"""`python infra/compile_data.py <folder>`: compiles what botocore knows of AWS, as if it were code.

Beside each JSON file lies then what Python makes of it, whole and unchanged, in a form it reads
several times as quickly (siyu/aws_data.py). The JSON stays, for whoever looks for it. The list of
endpoints is read in parts.
"""

import gzip
import json
import marshal
import sys
from pathlib import Path
from typing import Any

# Every Python from 3.4 on reads it.
VERSION = 4
SUFFIX = ".marshal"
ENDPOINTS = "endpoints"


def read(path: Path) -> Any:
    """Plain dicts keep the order that botocore asks an OrderedDict for."""
    raw = path.read_bytes()
    return json.loads(gzip.decompress(raw) if path.suffix == ".gz" else raw)


def main(folder: Path) -> None:
    for path in sorted([*folder.rglob("*.json"), *folder.rglob("*.json.gz")]):
        name = path.name.removesuffix(".gz").removesuffix(".json")
        content = read(path)
        if name == ENDPOINTS:
            one_by_one(content)
        path.with_name(name + SUFFIX).write_bytes(marshal.dumps(content, VERSION))


def one_by_one(endpoints: Any) -> None:
    """Compile the services of each part of AWS apart: a function reads the few that it asks for."""
    for partition in endpoints["partitions"]:
        partition["services"] = {
            name: marshal.dumps(service, VERSION) for name, service in partition["services"].items()
        }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
