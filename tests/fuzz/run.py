"""Throws generated requests at every route of the API, served by the local cloud over HTTP, and
makes sure that every status that the OpenAPI document names can be reached.

schemathesis generates; `signing` lets it get behind signatures. No answer may be an error of ours,
or one that the document does not name, and what was accepted has to be handled to its end without
an error. `reach` then asks for each status by a request made for it. The table at the end says
which of the two found what.
"""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import uvicorn

from infra.local.engine import ROOT
from infra.local.process import free_port
from infra.local.server import Gateway
from tests.fuzz import aftermath, report
from tests.fuzz.crowd import Crowd
from tests.fuzz.document import Document
from tests.fuzz.ground import Ground
from tests.fuzz.senders import Senders
from tests.fuzz.signing import Signing

PATH = ROOT / "infra" / "openapi.json"
FUZZ = ROOT / ".tools" / "fuzz" / "bin" / "schemathesis"
CHECKS = "not_a_server_error,status_code_conformance,response_schema_conformance,ignored_auth"
EXAMPLES = 80
SEED = 20261122


def serve(app: Signing, port: int) -> uvicorn.Server:
    """The API in a thread of this process."""
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    threading.Thread(target=server.run, name="api", daemon=True).start()
    while not server.started:
        time.sleep(0.01)
    return server


def generate(document: Path, port: int, authorization: str, examples: int, seed: int) -> int:
    """The exit code of schemathesis: 0 when nothing was found."""
    command = [
        str(FUZZ),
        "run",
        str(document),
        f"--url=http://127.0.0.1:{port}",
        f"--header=Authorization: {authorization}",
        f"--checks={CHECKS}",
        f"--max-examples={examples}",
        f"--seed={seed}",
        "--phases=examples,coverage,fuzzing",
        "--warnings=off",
    ]
    return subprocess.run(command, cwd=document.parent, check=False).returncode


def run(source: Path, examples: int, seed: int) -> list[str]:
    """What was found; prints the table."""
    document, port = Document(source), free_port()
    with tempfile.TemporaryDirectory(prefix="siyu-fuzz-") as folder, Ground(Path(folder)) as cloud:
        senders = Senders(cloud.secret, cloud.env["BRAND"])
        crowd = Crowd(Gateway(cloud), document)
        signing = Signing(crowd, document, senders)
        server = serve(signing, port)
        # Imported after the start: the functions' modules read the environment that it sets.
        from tests.fuzz.reach import reach  # noqa: PLC0415
        from tests.fuzz.world import World  # noqa: PLC0415

        world = World(cloud, crowd, senders, port)
        generated = Path(folder, "openapi.json")
        generated.write_text(document.with_what_is_signed(), encoding="utf-8")
        with metrics_aside(cloud.logs):
            with signing.knowing(world.known()), crowd.of_the_generator():
                code = generate(generated, port, world.member.authorization, examples, seed)
            found = [f"schemathesis: exit code {code}"] if code else []
            found += [*aftermath.drained(cloud), *aftermath.got_behind(cloud)]
            found += [*reach(world), *aftermath.drained(cloud), *aftermath.complaints(cloud)]
        server.should_exit = True
    body = report.rows(document.statuses, crowd.answered)
    print(report.table(body))
    return found + report.faults(body)


@contextlib.contextmanager
def metrics_aside(logs: Path) -> Iterator[None]:
    """Functions print a metric once it has a hundred values, whatever they are told."""
    with (logs / "metrics.log").open("w") as sink, contextlib.redirect_stdout(sink):
        yield


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.run", description=__doc__)
    parser.add_argument("--examples", type=int, default=EXAMPLES, help="requests per route")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--document", type=Path, default=PATH, help="the OpenAPI document")
    options = parser.parse_args()
    # Powertools says so whenever a request is refused before anything is counted.
    warnings.filterwarnings("ignore", "No application metrics to publish", UserWarning)
    found = run(options.document, options.examples, options.seed)
    for one in found:
        print(f"- {one}")
    print(f"{int(not found)} passed, {int(bool(found))} failed")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
