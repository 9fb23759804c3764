"""How the messages of a queue are worked off: each for itself, and each failure with its reason."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType

from siyu.invocation import follow
from siyu.runtime import logger


class Processor(BatchProcessor):
    """Tells what failed: the answer names only the message, and nothing else would say why. Each
    message is worked on under the id that it brought along."""

    def _process_record(self, record: dict[str, Any]) -> Any:
        follow(record)
        return super()._process_record(record)

    def failure_handler(self, record: Any, exception: Any) -> Any:
        logger.exception("event_failed", message_id=record.message_id)
        return super().failure_handler(record, exception)


# A batch in which every message failed is reported message by message, like any other.
messages = Processor(EventType.SQS, raise_on_entire_batch_failure=False)
