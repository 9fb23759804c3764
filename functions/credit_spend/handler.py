"""/v1/stores/{store}/holds: a till takes credit as payment."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api import spend
from siyu.counts import MetricName, count
from siyu.domain.holds import Hold
from siyu.errors import CreditRefusedError
from siyu.http import http_app, received_at
from siyu.invocation import invoked
from siyu.runtime import logger
from siyu.services import spend_credit

router = APIGatewayHttpRouter()
HOLDS = "/v1/stores/<store>/holds"


@router.post(HOLDS, **spend.HOLD)
def make(store: str) -> Response[str]:
    """`webhook-id` names the hold from here on; the same again is answered with it as it stands."""
    wish, now = spend.wish(router, store)
    try:
        return _answer("CreditHeld", spend_credit.hold_credit(wish, now))
    except CreditRefusedError:
        count("HoldRefused")
        raise


@router.post(f"{HOLDS}/<hold>/capture", **spend.CAPTURE)
def capture(store: str, hold: str) -> Response[str]:
    """Once, at one amount; what is not taken in goes back to the member."""
    amount = spend.read(spend.CaptureRequest, spend.signed(router, store)[1], hold).amount_minor
    now = received_at(router)
    return _answer("CreditCaptured", spend_credit.capture_hold(store, hold, amount, now))


@router.post(f"{HOLDS}/<hold>/void", **spend.VOID)
def void(store: str, hold: str) -> Response[str]:
    """For a sale that did not come to be, or was undone after it was paid."""
    spend.read(spend.VoidRequest, spend.signed(router, store)[1], hold)
    return _answer("CreditVoided", spend_credit.void_hold(store, hold, received_at(router)))


def _answer(metric: MetricName, done: Hold) -> Response[str]:
    count(metric)
    logger.info("hold_settled", member=done.member_id, hold=done.hold_key, state=done.state)
    return Response(200, "application/json", spend.HoldResponse.from_domain(done).model_dump_json())


app = http_app(router, validate=False)


@invoked
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for API Gateway."""
    return app.resolve(event, context)
