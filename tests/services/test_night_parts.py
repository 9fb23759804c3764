"""What a night in parts keeps is one writer's text, however long."""

from __future__ import annotations

import random

import pytest

from siyu.storage import parts
from tests.support import NOW, dump

TONIGHT = NOW.date()


def test_a_text_longer_than_an_item_is_kept_in_pieces() -> None:
    randomness = random.Random(3)
    body = [randomness.getrandbits(60) for _ in range(100_000)]
    parts.create(TONIGHT, range(1), "long", body)
    parts.create(TONIGHT, range(1), "long", "another")
    assert parts.get(TONIGHT, range(1), "long") == body
    assert len(dump()) > 1
    assert parts.names(TONIGHT, range(1)) == {"long"}
    assert parts.get(TONIGHT, range(1), "lo") is None
    with pytest.raises(ValueError, match="unknown format"):
        parts.unpack(b"2")
