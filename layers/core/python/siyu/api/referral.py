"""What is asked and answered about a picture of a referral code."""

import base64
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from siyu.api import poster
from siyu.api.card import card
from siyu.api.problem import Problem, answers
from siyu.domain.codes import CodeKind
from siyu.errors import NotFoundError
from siyu.services import codes
from siyu.settings import settings

Form = Annotated[
    Literal["svg", "png", "card"],
    Query(alias="format", description="A poster, its QR code alone, or a card for an album as PNG"),
]
Language = Annotated[Literal["zh", "en"], Query(description="Of the poster's words")]

# The picture tells what its address does; whoever opens it as a page can run nothing in it.
HEADERS = {
    "Cache-Control": "public, max-age=86400",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


def picture_of(code: str, origin: str, form: str, language: str) -> Response[str]:
    """The picture of a referral code in its normal spelling. Raises NotFoundError for any other."""
    known = codes.trusted(code, {CodeKind.MEMBER})
    if known is None:
        raise NotFoundError("no such referral code")
    token = codes.token_of(known)
    link = codes.link_of(origin, token)
    if form != "svg":
        # Bytes would be validated as text, so the gateway's base64 is made here.
        drawn = base64.b64encode(poster.png(link) if form == "png" else card(link)).decode()
        answer = Response(200, poster.PNG, drawn, dict(HEADERS))
        answer.base64_encoded = True
        return answer
    drawn = poster.svg(link, token, settings().brand, language)
    return Response(200, poster.SVG, drawn, dict(HEADERS))


PICTURE: Any = answers(Problem, 404, 422) | {
    200: {"description": "The picture", "content": {poster.SVG: {}, poster.PNG: {}}}
}
