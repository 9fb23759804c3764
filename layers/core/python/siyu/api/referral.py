"""GET /v1/me/referral, and what is asked and answered about a picture of a referral code."""

import base64
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel, Field

from siyu.api import poster
from siyu.api.problem import answers
from siyu.domain.codes import CodeKind
from siyu.errors import NotFoundError
from siyu.services import codes
from siyu.settings import settings

Form = Annotated[
    Literal["svg", "png"], Query(alias="format", description="A poster, or its QR code alone")
]
Language = Annotated[Literal["zh", "en"], Query(description="Of the poster's words")]

# The picture tells what its address does; whoever opens it as a page can run nothing in it.
HEADERS = {
    "Cache-Control": "public, max-age=86400",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


class PictureBody(BaseModel):
    format: Literal["svg", "png"]
    lang: Literal["zh", "en"] | None = Field(description="A QR code alone has no language")
    url: str


class ReferralCodeResponse(BaseModel):
    """What a member passes on to bring friends."""

    code: str = Field(description="A friend sends it as referral_code with their first scan")
    link: str = Field(description="What the QR codes hold; it leads into the mini-program")
    pictures: list[PictureBody]

    @classmethod
    def of_member(cls, member_id: str, origin: str) -> "ReferralCodeResponse":
        code = codes.referral_token(member_id)
        address = f"{origin}/v1/referrals/{code}/poster"
        return cls(
            code=code,
            link=_link(origin, code),
            pictures=[
                PictureBody(format="svg", lang="zh", url=f"{address}?format=svg&lang=zh"),
                PictureBody(format="svg", lang="en", url=f"{address}?format=svg&lang=en"),
                PictureBody(format="png", lang=None, url=f"{address}?format=png"),
            ],
        )


def picture_of(code: str, origin: str, form: str, language: str) -> Response[str]:
    """The picture of a referral code in its normal spelling. Raises NotFoundError for any other."""
    known = codes.trusted(code, {CodeKind.MEMBER})
    if known is None:
        raise NotFoundError("no such referral code")
    token = codes.token_of(known)
    link = _link(origin, token)
    if form == "png":
        # Bytes would be validated as text, so the gateway's base64 is made here.
        drawn = base64.b64encode(poster.png(link)).decode()
        answer = Response(200, poster.PNG, drawn, dict(HEADERS))
        answer.base64_encoded = True
        return answer
    drawn = poster.svg(link, token, settings().brand, language)
    return Response(200, poster.SVG, drawn, dict(HEADERS))


def _link(origin: str, code: str) -> str:
    """Where a referral code is opened, like any other code of ours (`landing_page`)."""
    return f"{origin}/r/{code}"


MINE = answers(ReferralCodeResponse, 401)
PICTURE: Any = answers(ReferralCodeResponse, 404, 422) | {
    200: {"description": "The picture", "content": {poster.SVG: {}, poster.PNG: {}}}
}
