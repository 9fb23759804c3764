"""How long an invocation would take on Lambda: an estimate, from the processor's time here.

Counted here: processor seconds of the handler, and its requests. Assumed: that Lambda's processor
is as fast as this one, that a function has its share of it by memory, and how long it waits for
whoever it asks. https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from infra.bench.prices import MB_PER_PROCESSOR

# Seconds that a request waits for its answer inside a region, by service; ours, not measured.
WAIT_SECONDS: Mapping[str, float] = {"dynamodb": 0.005, "sqs": 0.010, "s3": 0.030}
OTHER_WAIT_SECONDS = 0.015
# WeChat and WeCom are asked over the internet.
PARTNER_WAIT_SECONDS = 0.080
# Lambda keeps an idle environment for some minutes; how many, AWS does not say.
KEPT_SECONDS = 600.0
MONTH_SECONDS = 30 * 86_400.0


def share(memory_mb: int) -> float:
    """The part of a processor that a function of one thread has: 0.29 with 512 MB."""
    return min(1.0, memory_mb / MB_PER_PROCESSOR)


def waits(requests: Mapping[str, float], partners: float) -> float:
    """Seconds in which an invocation waits; one request after the other."""
    own = sum(WAIT_SECONDS.get(name, OTHER_WAIT_SECONDS) * n for name, n in requests.items())
    return own + PARTNER_WAIT_SECONDS * partners


def billed_ms(cpu: float, memory_mb: int, requests: Mapping[str, float], partners: float) -> int:
    """Milliseconds of one invocation that are paid, rounded up as AWS does."""
    return math.ceil(1_000 * (cpu / share(memory_mb) + waits(requests, partners)))


def gb_seconds(milliseconds: float, memory_mb: int) -> float:
    """What Lambda's price is for."""
    return milliseconds / 1_000 * memory_mb / 1_024


def cold_share(invocations: float) -> float:
    """The part of a month's invocations of a function that find no environment: nobody came while
    the last one was kept, if they come by chance and evenly."""
    return math.exp(-invocations / MONTH_SECONDS * KEPT_SECONDS)


def windows(invocations: float, seconds: float) -> float:
    """In how many windows of so many seconds a month somebody comes: what is kept for so long is
    fetched about as often."""
    return MONTH_SECONDS / seconds * -math.expm1(-invocations / MONTH_SECONDS * seconds)
