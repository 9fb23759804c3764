"""GET /v1/referrals/{code}/poster: what a member passes on, as a picture.

It does not read the table: a referral code is known by its signature.
"""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api import referral
from siyu.http import http_app, own_origin
from siyu.invocation import invoked

router = APIGatewayHttpRouter()


@router.get(
    "/v1/referrals/<code>/poster",
    summary="A picture of a referral code",
    tags=["codes"],
    responses=referral.PICTURE,
)
def picture(
    code: str, form: referral.Form = "svg", lang: referral.Language = "zh"
) -> Response[str]:
    """For whoever has the code: it tells no more than the code does."""
    return referral.picture_of(code, own_origin(router), form, lang)


app = http_app(router)


@invoked
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for API Gateway."""
    return app.resolve(event, context)
