"""Queue of audiences: write the file of each that an operator asked for."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api.batch import messages
from siyu.counts import count
from siyu.invocation import invoked
from siyu.runtime import logger
from siyu.services.export_audience import export_audience


def export(record: SQSRecord) -> None:
    """One message: the id of an audience."""
    sent_at = datetime.fromtimestamp(int(record.attributes.sent_timestamp) / 1000, UTC)
    written = export_audience(record.body, sent_at)
    if written is None:
        logger.info("audience_gone", audience=record.body)
        return
    count("AudienceExported")
    logger.info(
        "audience_exported", audience=record.body, members=written.members, bytes=written.size
    )


@invoked
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for SQS; answers with the messages to deliver again."""
    return dict(process_partial_response(event, export, messages, context))
