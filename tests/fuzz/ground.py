"""The cloud that is fuzzed: every kind of source in its secret, and a line to the queues to cut."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from infra.local.cloud import SECRET
from infra.local.runner import LocalCloud
from infra.local.stack import TEMPLATE
from infra.local.template import load_template, resources_of
from tests.fuzz.line import Line
from tests.fuzz.senders import SOURCES


class Ground(LocalCloud):
    """A local cloud in memory whose HTTP functions reach the queues over `line` alone.

    The workers keep a line of their own, so that nothing of theirs fails while it is cut.
    """

    line: Line | None = None

    def __init__(self, folder: Path) -> None:
        # An existing secret is completed and never changed: so it may begin with more sources.
        for name in resources_of(load_template(TEMPLATE), SECRET):
            given = {"master_key": secrets.token_hex(32), "webhooks": dict(SOURCES)}
            (folder / f"{name}.json").write_text(json.dumps(given))
        super().__init__(folder, memory=True)

    def environment(self, logical_id: str) -> dict[str, str]:
        """That of the template, but for the address of the queues."""
        found = super().environment(logical_id)
        if not self.functions[logical_id].routes:
            return found
        if self.line is None:
            self.line = Line(self.queue_endpoint)
            self._undo.callback(self.line.close)
        return {**found, "AWS_ENDPOINT_URL_SQS": self.line.address}
