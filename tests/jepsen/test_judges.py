"""Who judges histories can say no: to each way in which a ledger may break its promise, one."""

from __future__ import annotations

import pytest

from siyu.domain.ledger import Entry
from tests.jepsen.claims import CREATED, FOUND, NOTHING, REFUSED, claim, judge_claims
from tests.jepsen.history import FAIL, INFO, OK
from tests.jepsen.indefinite import judge as judge_indefinite
from tests.jepsen.subsets import MOST, TooManyError, explain
from tests.jepsen.telling import Tale, earned, failed, held
from tests.jepsen.transfer import judge
from tests.jepsen.transfers import MEMBERS
from tests.jepsen.views import moves_of

ANN, BOB = MEMBERS[:2]


def wrong(tale: Tale) -> str:
    """All that is wrong with it, and no read is left unjudged."""
    verdict = judge(tale)
    assert verdict.unjudged == 0 or verdict.errors
    return "; ".join(verdict.errors)


def test_a_history_of_an_honest_ledger_is_accepted() -> None:
    tale = Tale()
    one, two = tale.did(earned(1, 1_000)), tale.did(earned(2, 70), INFO)
    tale.saw(one)
    tale.saw(one, two)
    three, never = tale.did(held(1, 40_000, 90_000)), tale.did(earned(3, 8), INFO)
    assert failed(tale, earned(1, 5)).outcome == FAIL
    tale.listed(ANN, one, two, three)
    tale.listed(BOB, three)
    tale.saw(one, two, three)
    assert never.outcome == INFO
    verdict = judge(tale.closed(one, two, three))
    assert (verdict.errors, verdict.unjudged) == ([], 0)
    assert verdict.judged > 4 * 40


def test_a_lost_update_is_seen() -> None:
    """The entry stands, the balance has forgotten it."""
    tale = Tale()
    one, two = tale.did(earned(1, 1_000)), tale.did(earned(2, 70))
    tale.saw(two)
    assert "no transfers explain what read 2" in wrong(tale.closed(one, two))


def test_what_was_applied_twice_is_seen() -> None:
    tale = Tale()
    one = tale.did(earned(1, 1_000))
    tale.saw(one, one)
    assert "no transfers explain what read 1" in wrong(tale.closed(one))


def test_an_acknowledged_transfer_that_is_lost_is_seen() -> None:
    tale = Tale()
    one = tale.did(earned(1, 1_000))
    assert wrong(tale.closed()) == f"transfer {one.number} was acknowledged and is lost"


def test_a_refused_transfer_that_stands_is_seen() -> None:
    tale = Tale()
    one = tale.did(earned(1, 1_000), FAIL)
    assert "failed and stands all the same" in wrong(tale.closed(one))


def test_a_refusal_for_no_reason_is_seen() -> None:
    tale = Tale()
    failed(tale, earned(1, 1_000))
    assert wrong(tale.closed()) == "transfer 0 failed for no reason"


def test_two_transfers_over_the_same_version_are_seen() -> None:
    tale = Tale()
    one, two = tale.did(earned(1, 1_000)), tale.did(earned(1, 70))
    assert "jepsen#1 version 1 was written by transfers [0, 1]" in wrong(tale.closed(one, two))


def test_an_entry_that_nobody_posted_is_seen() -> None:
    tale, never = Tale(), Tale()
    other = never.did(earned(9, 9))
    (entry,) = other.asked.entries[ANN]
    assert "was posted by nobody" in wrong(tale.closed(stands=[entry]))


def test_a_transfer_of_which_a_part_stands_is_seen() -> None:
    tale = Tale()
    one = tale.did(held(1, 40, 90))
    (half,) = one.asked.entries[ANN]
    assert "transfer 0 is torn" in wrong(tale.closed(stands=[half]))


def test_an_entry_that_stands_twice_is_seen() -> None:
    tale = Tale()
    one = tale.did(earned(1, 1_000))
    entries: list[Entry] = [*one.asked.entries[ANN]] * 2
    assert "an entry stands twice" in wrong(tale.closed(one, stands=entries))


def test_a_read_that_misses_what_was_acknowledged_is_seen() -> None:
    tale = Tale()
    one = tale.did(earned(1, 1_000))
    tale.saw()
    assert "no transfers explain what read 1" in wrong(tale.closed(one))


def test_a_transfer_that_goes_and_comes_back_is_seen() -> None:
    """Nobody knows when an unanswered one takes effect, but then it stays."""
    tale = Tale()
    one = tale.did(earned(1, 1_000), INFO)
    tale.saw(one)
    tale.saw()
    assert "no transfers explain what read 2" in wrong(tale.closed(one))


def test_a_transfer_that_was_listed_and_is_gone_is_seen() -> None:
    tale = Tale()
    one = tale.did(earned(1, 1_000), INFO)
    tale.listed(ANN, one)
    assert "which is gone" in wrong(tale.closed())


def test_a_list_that_misses_what_was_acknowledged_is_seen() -> None:
    tale = Tale()
    one = tale.did(earned(1, 1_000))
    tale.listed(ANN)
    assert wrong(tale.closed(one)) == "read 1 missed transfer 0"


def test_two_readers_with_two_histories_are_seen() -> None:
    """At the same time one sees only the first transfer, and the other only the second."""
    tale = Tale()
    one, two = tale.did(earned(1, 1_000), INFO), tale.did(earned(2, 70), INFO)
    first, second = tale.looks(), tale.looks()
    tale.saw(one, read=first)
    tale.saw(two, read=second)
    assert "saw everything in two histories" in wrong(tale.closed(one, two))


def test_a_moment_in_which_only_one_side_has_moved_is_seen() -> None:
    tale = Tale()
    one = tale.did(earned(1, 1_000), INFO)
    (brand,) = (place for place in moves_of(one) if "programme" in place)
    tale.saw(one, but={brand: (0,)})
    assert "saw transfer 0 in part" in wrong(tale.closed(one))


def test_reads_too_vague_to_judge_are_counted() -> None:
    tale = Tale()
    many = [tale.did(earned(number, 2**number), INFO) for number in range(4 * MOST + 8)]
    read = tale.looks()
    tale.saw(read=read)
    assert judge(tale.closed(*many)).unjudged > 0
    with pytest.raises(TooManyError):
        explain((1,), dict.fromkeys(range(MOST + 1), (1,)))


def test_a_sum_with_two_explanations_explains_nothing() -> None:
    assert len(explain((3,), {1: (3,), 2: (1,), 3: (2,)})) == 2
    assert explain((3,), {1: (1,), 2: (1,)}) == []
    assert explain((0,), {}) == [frozenset()]


A, OTHER, B = claim(1), claim(1, 1), claim(2)


def told(tale: Tale) -> str:
    return "; ".join(judge_claims(tale).errors)


def test_an_honest_history_of_claims_is_accepted() -> None:
    tale = Tale()
    tale.claimed(A, INFO, None)
    tale.claimed(A, OK, FOUND)
    tale.claimed(OTHER, FAIL, REFUSED)
    tale.claimed(B, OK, CREATED)
    tale.told(A, B)
    tale.told(A, B)
    assert judge_indefinite(tale).errors == []


def test_an_id_that_was_created_twice_is_seen() -> None:
    tale = Tale()
    tale.claimed(A, OK, CREATED)
    tale.claimed(A, OK, CREATED)
    tale.told(A)
    assert told(tale) == "claim#1 was created twice"


def test_an_id_with_two_contents_is_seen() -> None:
    tale = Tale()
    tale.claimed(A, OK, CREATED)
    tale.claimed(OTHER, OK, FOUND)
    tale.told(A)
    assert told(tale) == "claim#1 stands in 2 versions"


def test_an_entry_that_counts_twice_is_seen() -> None:
    tale = Tale()
    tale.claimed(A, OK, CREATED)
    tale.told(A, counts=2)
    assert "has 4000 of 4000" in told(tale)
    assert "the brand has -4000" in told(tale)


def test_an_entry_that_is_gone_is_seen() -> None:
    tale = Tale()
    tale.claimed(A, OK, CREATED)
    tale.told()
    assert told(tale) == "claim#1 was gone when read 1 looked"


def test_an_entry_that_comes_back_when_nobody_asks_is_seen() -> None:
    tale = Tale()
    tale.claimed(A, INFO, None)
    tale.told()
    tale.told(A)
    assert told(tale) == "claim#1 came back when nobody asked for it"


def test_an_entry_that_is_there_before_it_was_asked_for_is_seen() -> None:
    tale = Tale()
    tale.told(A)
    tale.claimed(A, OK, FOUND)
    assert "before anybody asked for it" in told(tale)


@pytest.mark.parametrize("answer", [NOTHING, REFUSED])
def test_a_claim_refused_for_no_reason_is_seen(answer: str) -> None:
    tale = Tale()
    tale.claimed(A, FAIL, answer)
    tale.told()
    assert told(tale) == "claim#1: claim 0 was refused for no reason"


def test_what_nobody_claimed_is_seen() -> None:
    tale = Tale()
    tale.told(A)
    assert told(tale) == "claim#1 was posted by nobody"


def test_a_claim_that_never_ends_is_seen() -> None:
    tale = Tale()
    tale.claimed(A, INFO, None)
    tale.told()
    assert judge_indefinite(tale).errors == ["claim#1 never came to stand"]
