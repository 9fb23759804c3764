"""The arithmetic between what is counted and what is paid."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.cost import estimate

MEMORY = st.integers(128, 10_240)
MICROSECONDS = st.integers(0, 60_000_000)


def test_a_function_of_512_megabytes_has_a_good_quarter_of_a_processor() -> None:
    assert estimate.share(512) == pytest.approx(0.2894, abs=1e-4)
    assert estimate.share(1_769) == 1
    assert estimate.share(3_008) == 1


def test_an_invocation_takes_its_processor_time_stretched_and_its_waits() -> None:
    asked = {"dynamodb": 2, "sqs": 1, "secrets-manager": 1}
    assert estimate.waits(asked, 1) == pytest.approx(2 * 0.005 + 0.010 + 0.015 + 0.080)
    assert estimate.billed_ms(0.010, 1_769, asked, 1) == 125
    assert estimate.billed_ms(0.010, 512, {}, 0) == 35


@given(MICROSECONDS, MEMORY)
def test_a_begun_millisecond_is_paid_and_not_two(microseconds: int, memory: int) -> None:
    cpu = microseconds / 1e6
    exact = cpu / estimate.share(memory) * 1_000
    assert exact - 1e-6 <= estimate.billed_ms(cpu, memory, {}, 0) < exact + 1 + 1e-6


def test_a_gigabyte_second_is_a_second_of_a_gigabyte() -> None:
    assert estimate.gb_seconds(1_000, 1_024) == 1
    assert estimate.gb_seconds(100, 512) == pytest.approx(0.05)


def test_a_function_that_is_seldom_called_starts_each_time() -> None:
    assert estimate.cold_share(1) == pytest.approx(1, abs=1e-3)
    assert estimate.cold_share(1_000_000) < 1e-90


def test_a_call_every_ten_minutes_finds_an_environment_two_times_in_three() -> None:
    assert estimate.cold_share(4_320) == pytest.approx(0.3679, abs=1e-4)


@given(st.integers(0, 10**8), st.integers(1, 86_400))
def test_there_are_never_more_windows_than_calls_or_than_the_month_has(
    calls: int, seconds: int
) -> None:
    found = estimate.windows(calls, seconds)
    assert 0 <= found <= min(calls, estimate.MONTH_SECONDS / seconds) * (1 + 1e-9)
