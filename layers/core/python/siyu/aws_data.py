"""What botocore knows of AWS, as the build compiled it (infra/compile_data.py).

Reading its JSON is half of what a first client costs. Where nothing was compiled, on a laptop, it
is read as ever.
"""

import marshal
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from botocore.loaders import JSONFileLoader, Loader

SUFFIX = ".marshal"
# Where each of three hundred services answers, in every part of AWS; a function asks for a few.
ENDPOINTS = "endpoints"


class Unread(Mapping[str, Any]):
    """What the build compiled one by one, each read when it is asked for."""

    def __init__(self, compiled: Mapping[str, bytes]) -> None:
        self._compiled = compiled

    def __getitem__(self, name: str) -> Any:
        return marshal.loads(self._compiled[name])  # noqa: S302 - as below

    def __iter__(self) -> Iterator[str]:
        return iter(self._compiled)

    def __len__(self) -> int:
        return len(self._compiled)


class Compiled(JSONFileLoader):
    """Reads compiled data, or else JSON."""

    def load_file(self, file_path: str) -> Any:
        """The content of a data file, named without its suffix; None when there is none."""
        try:
            raw = Path(file_path + SUFFIX).read_bytes()
        except FileNotFoundError:
            return super().load_file(file_path)
        content = marshal.loads(raw)  # noqa: S302 - lies in our own layer, beside the code
        if Path(file_path).name == ENDPOINTS:
            for partition in content["partitions"]:
                partition["services"] = Unread(partition["services"])
        return content


def compiled_loader() -> Any:
    """For a session's `data_loader`."""
    return Loader(file_loader=Compiled())
