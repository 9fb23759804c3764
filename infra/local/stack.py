"""Starts and stops everything that a local run consists of."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TextIO

from infra.local import cloud, metering, storage, tokens
from infra.local.engine import ROOT, start_engine
from infra.local.host import Host
from infra.local.idle import IdleWatch
from infra.local.process import Guarded, free_port, start, stop_all, wait_until
from infra.local.resolver import Physical, Resolver
from infra.local.sources import Planner, Poller, start_poller
from infra.local.template import Function, functions, load_template, resources_of
from infra.local.wiring import accounts_json, search_path, standin_answers

TEMPLATE = ROOT / "template.yaml"
PARAMETERS_FILE = "parameters.json"
# How another process finds a run: the functions' environment, there as long as the run is.
ENV_FILE = "env.json"
APP_ID = "wxlocal"
DEFAULT_SOURCE = "shop"
READY_SECONDS = 60.0


class Stack:
    """The processes, resources and functions of one run; see `LocalCloud` for the arguments."""

    def __init__(
        self,
        data_dir: Path,
        db_path: Path | None = None,
        *,
        memory: bool = False,
        template_path: Path = TEMPLATE,
        parameters: Mapping[str, str] | None = None,
        webhook_sources: Iterable[str] = (DEFAULT_SOURCE,),
        engine: str | None = None,
        queue_workers: int = 1,
        console: bool = False,
    ) -> None:
        self.data_dir = data_dir.absolute()
        self._memory = memory
        self.db_path = (
            None if memory else (db_path or self.data_dir / storage.TABLE_FILE).absolute()
        )
        self._template_path = template_path
        self._given = parameters
        self._sources = tuple(webhook_sources)
        self._engine_kind = engine
        self._queue_workers = queue_workers
        self._console = console
        self._processes: list[Guarded] = []
        self._pollers: list[Poller] = []
        self._undo = contextlib.ExitStack()

    def start(self) -> None:
        """Raises LocalError with what to do when something cannot run on this computer."""
        self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._undo.callback(storage.lock(self.data_dir).close)
        self.logs = self.data_dir / "logs"
        metering.install()
        tokens.leave_out()
        self._outer = dict(os.environ)
        self._start_engines()
        self._start_standin()
        self._start_functions()
        self._start_pollers()
        self._publish_environment()

    def _start_engines(self) -> None:
        self.template = load_template(self._template_path)
        self.engine = start_engine(self.logs, self.db_path, self._engine_kind)
        self._processes.append(self.engine.process)
        self.queue_endpoint, process = cloud.start_queues(self.logs)
        self._processes.append(process)

    def _start_standin(self) -> None:
        port = free_port()
        self.wechat_url = f"http://127.0.0.1:{port}"
        urls = {"WeChatApiUrl": self.wechat_url, "WeComApiUrl": self.wechat_url}
        self.parameters = {**self._parameters(), **urls}
        self._create_resources()
        env = {
            **self._outer,
            "PYTHONPATH": str(ROOT),
            "STANDIN_ACCOUNTS": accounts_json(self.parameters["WeChatAppId"], self.secret),
        }
        command = [sys.executable, "-m", "infra.local.standins", str(port)]
        process = start("wechat", command, env, self.logs / "wechat.log")
        self._processes.append(process)
        wait_until(lambda: standin_answers(port), process, READY_SECONDS)

    def _parameters(self) -> dict[str, str]:
        """Given parameters are remembered, so that the same data is served under the same ones."""
        path = self.data_dir / PARAMETERS_FILE
        if self._given is not None:
            path.write_text(json.dumps(dict(self._given)))
        remembered = json.loads(path.read_text()) if path.exists() else {}
        return {"WeChatAppId": APP_ID, **remembered}

    def _create_resources(self) -> None:
        resolver = Resolver(self.template, self.parameters)
        self.resources: dict[str, Physical] = {
            **cloud.create_tables(self.engine.endpoint, self.template, resolver),
            **cloud.create_queues(self.queue_endpoint, self.template, resolver),
            **cloud.create_buckets(self.queue_endpoint, self.template, resolver),
        }
        secrets, values = cloud.create_secrets(
            self.queue_endpoint, self.template, resolver, self.data_dir, self._sources
        )
        self.resources.update(secrets)
        # The spec has one secret; its value is what tills and partners would hold parts of.
        self.secret: dict[str, Any] = next(iter(values.values()), {})

    def _start_functions(self) -> None:
        self.functions: dict[str, Function] = functions(self.template, self.parameters)
        self._resolver = Resolver(self.template, self.parameters, self.resources)
        shared = self.template.get("Globals", {}).get("Function", {})
        variables = shared.get("Environment", {}).get("Variables", {})
        self.env = self._environment(variables)
        self._apply(self.env)
        for entry in reversed(search_path(self._template_path, self.template)):
            if entry not in sys.path:
                sys.path.insert(0, entry)
                self._undo.callback(sys.path.remove, entry)
        log: TextIO | None = None
        if not self._console:
            log = self._undo.enter_context((self.logs / "functions.log").open("a", buffering=1))
        environments = {name: self.environment(name) for name in self.functions}
        self.host = Host(self.functions, environments, log)

    def environment(self, logical_id: str) -> dict[str, str]:
        """All variables of one function: the template's, resolved, and what the SDKs need here."""
        return self._environment(self.functions[logical_id].environment)

    def _environment(self, variables: Mapping[str, Any]) -> dict[str, str]:
        resolved = {name: self._resolver.text(value) for name, value in variables.items()}
        sdk = cloud.sdk_environment(self.engine.endpoint, self.queue_endpoint)
        return {**resolved, **sdk}

    def _apply(self, env: Mapping[str, str]) -> None:
        for name, value in env.items():
            self._undo.callback(_restore, name, os.environ.get(name))
            os.environ[name] = value

    def _start_pollers(self) -> None:
        planner = Planner(
            self.data_dir / "sources",
            self.queue_endpoint,
            self.engine.endpoint,
            self.resources,
            self._queue_workers,
        )
        path = os.pathsep.join([*search_path(self._template_path, self.template), str(ROOT)])
        for source in planner.plan(self.functions):
            own = self.environment(source.function)
            env = {**self._outer, **own, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}
            env["AWS_LAMBDA_FUNCTION_NAME"] = source.function
            poller = start_poller(source, env, self.logs)
            self._pollers.append(poller)
            self._processes.append(poller.process)
        for poller in self._pollers:
            wait_until(lambda one=poller: one.status().ready, poller.process, READY_SECONDS)  # type: ignore[misc]
        urls = {name: self.resources[name].ref for name in resources_of(self.template, cloud.QUEUE)}
        self._watch = IdleWatch(self.queue_endpoint, urls, self._pollers)
        self._undo.callback(self._watch.close)

    def _publish_environment(self) -> None:
        path = self.data_dir / ENV_FILE
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps(self.env))
        self._undo.callback(path.unlink, missing_ok=True)

    def stop(self) -> None:
        """Pollers first, so that none meets a dead engine; safe to call twice."""
        pollers = [poller.process for poller in self._pollers]
        stop_all(pollers)
        stop_all(process for process in self._processes if process not in pollers)
        self._processes, self._pollers = [], []
        self._undo.close()
        if self.db_path is not None:
            storage.keep(self.db_path, self.data_dir)


def _restore(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value
