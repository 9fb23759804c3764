"""Every night: score and label all members as of the business day that begins."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api.night import count_night, machine_of, tell
from siyu.api.schedule import not_ahead, scheduled_for
from siyu.domain.calendar import business_date
from siyu.invocation import invoked
from siyu.runtime import logger
from siyu.services.start_night import run_night


@invoked
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for the schedule; returns the night's reports, or that the state machine has it.
    A second run writes nothing."""
    # The clock is a guard, and no date that counts: somebody may mistype the day of a night.
    as_of = not_ahead(business_date(scheduled_for(event)), datetime.now(UTC))
    reports = run_night(as_of, machine_of(event))
    if reports is None:
        logger.info("night_handed_over")
        return {"as_of": as_of.isoformat(), "handed_over": True}
    count_night(reports)
    return {"as_of": as_of.isoformat(), "schemes": tell(reports)}
