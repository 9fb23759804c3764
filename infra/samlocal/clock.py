"""`sam`, with requests that carry their own time; SAM's interpreter runs this file in its place.

`start-api` gives every request the id and the time of its own start, and the time in seconds where
API Gateway counts milliseconds (https://github.com/aws/aws-sam-cli/issues/9279). Our functions take
their clock from the request, so signatures and sessions would be refused.
"""

from __future__ import annotations

import importlib
import time
import uuid
from typing import Any


def mend(contexts: Any) -> None:
    """Lets each context of a request say when it was asked for, and an id of its own.

    Raises AttributeError when this SAM has no such class.
    """
    said = contexts.to_dict

    def to_dict(self: Any) -> dict[str, Any]:
        at = time.time()
        moment = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(at))
        own = {"requestId": str(uuid.uuid4()), "time": moment, "timeEpoch": int(at * 1000)}
        return {**said(self), **own}

    contexts.to_dict = to_dict


def main() -> None:
    mend(importlib.import_module("samcli.local.events.api_event").RequestContextV2)
    importlib.import_module("samcli.cli.main").cli(prog_name="sam")


if __name__ == "__main__":
    main()
