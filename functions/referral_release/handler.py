"""Every night: what waited for this day in the referral programme is released, blocked or over."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api.schedule import scheduled_for
from siyu.counts import MetricName, count
from siyu.domain.calendar import business_date
from siyu.invocation import invoked
from siyu.runtime import logger
from siyu.services.expire_credit import expire_due
from siyu.services.release_credits import release_due
from siyu.services.review_credits import refuse_undecided
from siyu.services.spend_credit import lapse_holds

# Held credit goes back before any of it is over, and what was refused is not released.
JOBS: Mapping[MetricName, Callable[[date, datetime], int]] = {
    "HoldLapsed": lapse_holds,
    "CreditRefused": refuse_undecided,
    "CreditReleased": release_due,
    "CreditExpired": expire_due,
}


@invoked
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for the schedule. Running it twice for a day does nothing twice.

    A job that fails does not keep the next one from its work; the night is then tried again.
    """
    now = scheduled_for(event)
    day = business_date(now)
    done: dict[str, int] = {}
    failures: list[Exception] = []
    for name, job in JOBS.items():
        try:
            done[name] = job(day, now)
        except Exception as failure:  # noqa: BLE001 - raised when all have had their turn
            failures.append(failure)
            continue
        count(name, done[name])
    logger.info("credits_released", done=done)
    if failures:
        raise ExceptionGroup("jobs of the night failed", failures)
    return {"as_of": day.isoformat(), **done}
