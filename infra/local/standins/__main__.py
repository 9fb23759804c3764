"""`python -m infra.local.standins <port>`, with the accounts as JSON in STANDIN_ACCOUNTS."""

from __future__ import annotations

import json
import os
import sys

from infra.local.standins.server import Server
from infra.local.standins.state import MINI_PROGRAM, OFFICIAL_ACCOUNT, WECOM, Account, State


def main(port: int) -> None:
    given = json.loads(os.environ["STANDIN_ACCOUNTS"])
    names = (MINI_PROGRAM, OFFICIAL_ACCOUNT, WECOM)
    accounts = {name: Account(given[name]["id"], given[name]["secret"]) for name in names}
    with Server(State(accounts), port) as server:
        server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
