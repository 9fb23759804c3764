"""GET /r/{token}: where a code is opened. Slim on purpose: no models, no table, no secrets."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api.landing_page import MiniProgram, Visit, page
from siyu.http import http_app, own_origin
from siyu.invocation import invoked
from siyu.settings import settings

router = APIGatewayHttpRouter()

ANSWERS: Any = {
    200: {"description": "How to open the code", "content": {"text/html": {}}},
    404: {"description": "Not a code", "content": {"text/html": {}}},
}


@router.get("/r/<token>", summary="Open a scanned code", tags=["codes"], responses=ANSWERS)
def landing(token: str) -> Response[str]:
    """The page says the same about every code: whether one is valid, the scan finds out."""
    event = router.current_event
    headers = {name.lower(): value for name, value in event.headers.items()}
    made = page(
        Visit(
            token=token,
            origin=own_origin(router),
            agent=headers.get("user-agent", ""),
            wanted=event.query_string_parameters.get("lang", ""),
            accepted=headers.get("accept-language", ""),
        ),
        MiniProgram(settings().brand, settings().wechat_app_id, settings().mini_program_page),
    )
    return Response(made.status, "text/html; charset=utf-8", made.html, made.headers)


app = http_app(router, validate=False)


@app.not_found
def unreadable(_: Exception) -> Response[str]:
    """The gateway sends nothing but this route, so the path ends in what no token contains."""
    return landing("")


@invoked
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for API Gateway."""
    return app.resolve(event, context)
