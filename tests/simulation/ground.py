"""What a world stands on: the engine with an empty table, and a process without chance in it.

Ids and coupon codes are drawn from the world's own source of randomness, nobody sleeps, and the
secrets name the sources of the simulation. All of it is undone at the end.
"""

from __future__ import annotations

import copy
import importlib.util
import logging
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import patch

import botocore.endpoint
from aws_lambda_powertools.utilities.batch import EventType
from botocore.retries.quota import RetryQuota

import siyu.secrets
from infra.local import cloud
from infra.local.template import resources_of
from siyu.api.batch import Processor
from siyu.domain import base32
from siyu.domain.codes import PAYLOAD_CHARS, issued_code, mint
from siyu.domain.issued_codes import CodeSpec, IssuedCode, IssuedKind
from siyu.domain.keys import issued_code_key
from siyu.runtime import metrics
from siyu.services import join_member
from siyu.storage import backoff, codes
from tests import support

STORE = "A1B"
SHOP, PAY, TILL = "shop", "pay", "till"
SOURCES = (SHOP, PAY, TILL)
SECRETS = siyu.secrets.Secrets(
    str(support.SECRETS["master_key"]).encode(),
    "",
    {name: siyu.secrets.Source(name, "standard", {"secrets": ("x",)}) for name in SOURCES},
)
# The code at the store's door.
DOOR = mint(issued_code(STORE, None, 0), issued_code_key(SECRETS.master_key, "brand", STORE, 1))


def _another(name: str) -> ModuleType:
    """A second copy of the order worker: what a second process has loaded."""
    first = importlib.util.find_spec("order_worker.handler")
    assert first is not None
    assert first.origin is not None
    spec = importlib.util.spec_from_file_location(name, Path(first.origin))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.messages = Processor(  # type: ignore[attr-defined]
        EventType.SQS, raise_on_entire_batch_failure=False
    )
    return module


WORKERS = (importlib.import_module("order_worker.handler"), _another("order_worker_again"))


@dataclass
class Ground:
    """The table, and the source of all that is random in production code."""

    chance: random.Random = field(default_factory=random.Random)
    next_id: str | None = None
    """The id of whoever joins next, where it is known: in a replay."""

    def clear(self, chance: random.Random) -> None:
        """An empty table and the randomness of a world."""
        self.chance = chance
        support.forget_login_codes()
        support._dynamodb.call("DeleteTable", TableName=support._table.ref)
        cloud.create_tables(support._engine.endpoint, TEMPLATE, support._resolver)
        code = issued_code(STORE, None, 0)
        spec = CodeSpec(IssuedKind.STORE, STORE)
        codes.create(IssuedCode(code.key, code.key_version, spec, support.NOW), batch=None)

    def draw(self, chars: int) -> str:
        return base32.encode(self.chance.getrandbits(5 * chars), chars)


def _template() -> dict[str, Any]:
    """The project's own without the stream: nobody reads it here, and it slows every write."""
    template = copy.deepcopy(support._template)
    for table in resources_of(template, cloud.TABLE).values():
        del table["StreamSpecification"]
    return template


TEMPLATE = _template()


@contextmanager
def ground() -> Iterator[Ground]:
    """Everything that worlds of this process share."""
    made = Ground()
    still: Any = SimpleNamespace(sleep=lambda _seconds: None)
    chars = PAYLOAD_CHARS, join_member.COUPON_CODE_CHARS
    with ExitStack() as stack:
        for target, name, instead in (
            (join_member, "new_member_id", lambda: made.next_id or made.draw(chars[0])),
            (join_member, "new_coupon_code", lambda: made.draw(chars[1])),
            (backoff, "time", still),
            (botocore.endpoint, "time", still),
            # The SDK's quota of retries would be one world's to take from another.
            (RetryQuota, "acquire", lambda _self, _amount: True),
            (siyu.secrets, "_cached", None),
            (siyu.secrets, "_load", lambda: SECRETS),
            (metrics, "add_metric", lambda *_given, **_more: None),
        ):
            stack.enter_context(patch.object(target, name, instead))
        logging.disable(logging.CRITICAL)
        stack.callback(logging.disable, logging.NOTSET)
        stack.callback(support.empty_table)
        yield made
