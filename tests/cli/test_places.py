"""A command finds its stack by the caller's credentials, and a local run by the file it left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from infra.cli.places import FUNCTION, PlaceError, enter, of_stack
from infra.local.runner import LocalCloud
from infra.local.stack import ENV_FILE
from siyu.domain.codes import read, verify
from siyu.domain.keys import issued_code_key
from tests.local.support import FIXTURE, TEMPLATE

FOUND = (
    '<DescribeStackResourceResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">'
    "<DescribeStackResourceResult><StackResourceDetail>"
    "<PhysicalResourceId>siyu-scan-1</PhysicalResourceId>"
    "</StackResourceDetail></DescribeStackResourceResult></DescribeStackResourceResponse>"
)
MISSING = (
    '<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error>'
    "<Type>Sender</Type><Code>ValidationError</Code>"
    "<Message>Stack 'nothing' does not exist</Message></Error></ErrorResponse>"
)


class Aws(BaseHTTPRequestHandler):
    """Knows one stack with one function."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        known = "StackName=siyu&" in body and f"LogicalResourceId={FUNCTION}" in body
        self._send(200 if known else 400, FOUND if known else MISSING)

    def do_GET(self) -> None:
        known = self.path.endswith("/functions/siyu-scan-1/configuration")
        variables = {"TABLE_NAME": "of-the-stack", "BRAND": "brand"}
        self._send(200 if known else 404, json.dumps({"Environment": {"Variables": variables}}))

    def _send(self, status: int, body: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Silent."""


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Aws)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    origin = f"http://127.0.0.1:{server.server_port}"
    for service in ("CLOUDFORMATION", "LAMBDA"):
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", origin)
    yield
    server.shutdown()
    server.server_close()


@pytest.mark.usefixtures("aws")
def test_a_stack_is_known_by_the_environment_of_its_function() -> None:
    assert of_stack("siyu") == {"TABLE_NAME": "of-the-stack", "BRAND": "brand"}


@pytest.mark.usefixtures("aws")
def test_a_stack_that_is_not_there_says_so() -> None:
    with pytest.raises(PlaceError, match=r"stack nothing.*does not exist"):
        enter("nothing", None)


def test_a_local_run_is_found_while_it_runs_and_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / ENV_FILE
    with LocalCloud(tmp_path, memory=True, template_path=FIXTURE) as cloud:
        assert json.loads(path.read_text()) == cloud.env
        assert path.stat().st_mode & 0o777 == 0o600
    assert not path.exists()


@pytest.mark.slow
def test_a_command_works_on_a_local_run_from_any_folder(tmp_path: Path) -> None:
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}

    def siyu(*words: str) -> dict[str, str]:
        command = [sys.executable, "-P", "-m", "infra.cli", "--json", "--data", str(tmp_path)]
        done = subprocess.run(
            [*command, *words], env=clean, cwd="/", capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        answer: dict[str, str] = json.loads(done.stdout)
        return answer

    with LocalCloud(tmp_path, memory=True, template_path=TEMPLATE) as cloud:
        words = "codes create --kind guide --guide lily --store A1B --origin https://shop.example"
        made = siyu(*words.split())
        shown = siyu("codes", "show", made["token"])
        key = issued_code_key(cloud.secret["master_key"].encode(), cloud.env["BRAND"], "A1B", 1)
    assert (shown["state"], shown["guide"]) == ("open", "lily")
    assert shown["friend_link"] == made["friend_link"] is not None
    code = read(made["token"])
    assert code is not None
    assert verify(made["token"], code, key)
