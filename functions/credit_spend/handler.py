"""/v1/stores/{store}/holds: a till takes credit as payment."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api import spend
from siyu.domain.holds import Hold
from siyu.errors import CreditRefusedError
from siyu.http import http_app, received_at
from siyu.runtime import logger, metrics
from siyu.services import spend_credit

router = APIGatewayHttpRouter()
HOLDS = "/v1/stores/<store>/holds"


@router.post(HOLDS, **spend.HOLD)
def make(store: str) -> Response[str]:
    """`webhook-id` names the hold from here on; the same again is answered with it as it stands."""
    wish, now = spend.wish(router, store)
    try:
        done = spend_credit.hold_credit(wish, now)
    except CreditRefusedError:
        metrics.add_metric("HoldRefused", MetricUnit.Count, 1)
        raise
    return _answer("CreditHeld", done)


@router.post(f"{HOLDS}/<hold>/capture", **spend.CAPTURE)
def capture(store: str, hold: str) -> Response[str]:
    """Once, at one amount; what is not taken in goes back to the member."""
    amount = spend.read(spend.CaptureRequest, spend.signed(router, store)[1], hold).amount_minor
    done = spend_credit.capture_hold(store, hold, amount, received_at(router))
    return _answer("CreditCaptured", done)


@router.post(f"{HOLDS}/<hold>/void", **spend.VOID)
def void(store: str, hold: str) -> Response[str]:
    """For a sale that did not come to be, or was undone after it was paid."""
    spend.read(spend.VoidRequest, spend.signed(router, store)[1], hold)
    return _answer("CreditVoided", spend_credit.void_hold(store, hold, received_at(router)))


def _answer(metric: str, done: Hold) -> Response[str]:
    metrics.add_metric(metric, MetricUnit.Count, 1)
    return Response(200, "application/json", spend.HoldResponse.from_domain(done).model_dump_json())


app = http_app(router, validate=False)


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for API Gateway."""
    return app.resolve(event, context)
