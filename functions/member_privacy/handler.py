"""A member's rights: POST /v1/me/export, GET /v1/exports/{token}, DELETE /v1/me."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api import export, session
from siyu.http import http_app, own_origin, received_at
from siyu.invocation import invoked
from siyu.runtime import logger
from siyu.services.known_account import known_account
from siyu.wechat.login import login_of

router = APIGatewayHttpRouter()
SIGNED_IN: Any = [{"session": []}]


def about(summary: str, responses: Any) -> dict[str, Any]:
    """What the document says of a route."""
    return {"summary": summary, "tags": ["privacy"], "responses": responses}


@router.post("/v1/me/export", **about("Ask for my data", export.LINK), security=SIGNED_IN)
def link() -> export.LinkBody:
    """A link to everything we hold about the member, good for 15 minutes and nothing else."""
    known_account(member_id := session.signed_in(router))
    logger.info("export_linked", member=member_id)
    return export.LinkBody.issue(member_id, own_origin(router), received_at(router))


@router.get("/v1/exports/<token>", **about("My data", export.DATA))
def data(token: str) -> Response[export.ExportResponse]:
    """Whoever has the link may read it, so a browser outside WeChat can save the file."""
    from siyu.services.export_member import export_member  # noqa: PLC0415 - rarely asked for

    now = received_at(router)
    body = export.ExportResponse.from_domain(export_member(export.member_of_link(token, now)), now)
    return Response(200, "application/json", body, dict(export.HEADERS))


@router.delete("/v1/me", **about("Erase me", export.ERASED), security=SIGNED_IN, status_code=202)
def erase(body: export.ErasureRequest) -> export.ErasedBody:
    """The member is gone at once; what they left in orders and wallets goes within minutes."""
    from siyu.services.erase_member import erase_self  # noqa: PLC0415 - rarely asked for

    member_id, login = session.signed_in(router), login_of(body.login_code)
    erase_self(member_id, login, received_at(router))
    logger.info("erasure_ordered", member=member_id)
    return export.ErasedBody()


app = http_app(router)


@invoked
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for API Gateway."""
    return app.resolve(event, context)
