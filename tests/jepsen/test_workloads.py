"""A short round of each workload. `make jepsen` plays longer ones."""

from __future__ import annotations

import pytest

from tests.jepsen import idempotence, indefinite, transfer
from tests.jepsen.ground import Round
from tests.jepsen.history import INFO, OK
from tests.jepsen.views import SNAPSHOT, TRANSFER

SECONDS = 3.0


def accidents(game: Round) -> int:
    return sum(count for what, count in game.felt.items() if what not in ("", "forgotten"))


@pytest.mark.slow
def test_one_order_of_transfers_explains_every_answer() -> None:
    game = Round(seed=20_261_126, seconds=SECONDS)
    verdict = transfer.run(game)
    assert verdict.errors == []
    assert len(list(game.history.of(TRANSFER, outcome=OK))) > 20
    assert len(list(game.history.of(SNAPSHOT, outcome=OK))) > 20
    assert verdict.unjudged < verdict.judged / 100
    assert accidents(game) > 10


@pytest.mark.slow
def test_no_id_succeeds_twice_or_is_read_in_two_versions() -> None:
    game = Round(seed=20_261_126, seconds=SECONDS)
    assert idempotence.run(game).errors == []
    told = {op.answer for op in game.history.of("claim")}
    assert told >= {"created", "found", "refused"}
    assert accidents(game) > 10


@pytest.mark.slow
def test_what_had_no_answer_ends_with_one_effect_that_holds() -> None:
    game = Round(seed=20_261_126, seconds=SECONDS)
    assert indefinite.run(game).errors == []
    assert len(list(game.history.of("claim", outcome=INFO))) > 5
    assert indefinite.recovered(game.history)[0] > 0
