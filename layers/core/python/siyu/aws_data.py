"""What botocore knows of AWS, as the build compiled it (infra/compile_data.py).

Reading its JSON is half of what a first client costs. Where nothing was compiled, on a laptop, it
is read as ever.
"""

import marshal
from pathlib import Path
from typing import Any

from botocore.loaders import JSONFileLoader, Loader

SUFFIX = ".marshal"


class Compiled(JSONFileLoader):
    """Reads compiled data, or else JSON."""

    def load_file(self, file_path: str) -> Any:
        """The content of a data file, named without its suffix; None when there is none."""
        try:
            raw = Path(file_path + SUFFIX).read_bytes()
        except FileNotFoundError:
            return super().load_file(file_path)
        return marshal.loads(raw)  # noqa: S302 - lies in our own layer, beside the code


def compiled_loader() -> Any:
    """For a session's `data_loader`."""
    return Loader(file_loader=Compiled())
