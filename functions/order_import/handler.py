"""Day files of tills, put into the imports bucket: each good row becomes an order event."""

from dataclasses import asdict
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api.import_event import day_file
from siyu.api.order_event import read_event
from siyu.counts import count
from siyu.invocation import invoked
from siyu.runtime import logger
from siyu.services.import_day_file import import_day_file

# Room for the calls of one step, and for the report.
MARGIN_MILLISECONDS = 30_000


@invoked
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for EventBridge; returns what became of the rows.

    Before the time-out it stops at a mark and fails: the retry goes on from there.
    """

    def time_is_up() -> bool:
        return context.get_remaining_time_in_millis() < MARGIN_MILLISECONDS

    file = day_file(event)
    imported = import_day_file(file, read_event, time_is_up) if file else None
    if file is None or imported is None:
        return {}
    count("OrdersImported", imported.good)
    count("RowsRefused", imported.bad)
    if imported.unusable:
        logger.warning("day_file_unusable", source=file.source, problem=imported.unusable)
    logger.info("day_file_imported", source=file.source, good=imported.good, bad=imported.bad)
    return asdict(imported)
