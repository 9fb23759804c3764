"""Why a write was refused."""

from botocore.exceptions import ClientError
from pynamodb.exceptions import PynamoDBException

CONDITION_FAILED = "ConditionalCheckFailedException"


def condition_failed(failure: PynamoDBException) -> bool:
    """Whether a condition did not hold. What never got an answer has no code to look at."""
    cause = failure.cause
    return isinstance(cause, ClientError) and failure.cause_response_code == CONDITION_FAILED
