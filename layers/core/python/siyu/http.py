"""The HTTP edge: one resolver, one clock, one shape for every error (RFC 9457).

Unexpected errors are not caught: they must reach Lambda, so that the alarm on errors fires.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, TypeVar

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestUnsupportedContentType,
    RequestValidationError,
)
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from siyu.errors import (
    ContentionError,
    MalformedError,
    NotFoundError,
    RefusalError,
    TooManyRequestsError,
    UnavailableError,
)
from siyu.runtime import logger

B = TypeVar("B")
PROBLEM_TYPE = "application/problem+json"
# Field names may be the caller's own: an answer must not grow with what was sent.
MAX_FIELDS = 10
MAX_FIELD_CHARS = 100
# The longest that anybody has reason to send: the rules of a referral programme.
MAX_BODY_CHARS = 64 * 1024


Guard = Callable[[str | None, datetime], object]
"""Takes the Authorization header and the time of the request. Raises NotSignedInError."""


class JsonResolver(APIGatewayHttpResolver):
    """Takes no forms: Powertools reads them, and raises ValueError on a broken one. It also reads
    and checks a whole body before a handler sees it, so what may cost much is refused before."""

    guard: Guard | None = None

    def resolve(self, event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        """Give a form another type, which is refused like any that is not JSON."""
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        refusal = self._refusal(event, headers)
        if refusal is not None:
            sent = {"Content-Type": PROBLEM_TYPE}
            return {"statusCode": refusal.status_code, "headers": sent, "body": refusal.body}
        if "form" in headers.get("content-type", "").lower():
            event = {**event, "headers": {**headers, "content-type": "application/octet-stream"}}
        return super().resolve(event, context)

    def _refusal(
        self, event: Mapping[str, Any], headers: Mapping[str, str]
    ) -> Response[str] | None:
        try:
            if self.guard is not None:
                self.guard(headers.get("authorization"), _instant(event["requestContext"]))
        except RefusalError as error:
            return refuse(error)
        if len(event.get("body") or "") > MAX_BODY_CHARS:
            return not_as_expected([{"field": "body", "problem": "too long"}])
        return None


def http_app(
    router: APIGatewayHttpRouter, *, validate: bool = True, guard: Guard | None = None
) -> APIGatewayHttpResolver:
    """A resolver for one function's routes. Without validation it needs no pydantic at all.

    `guard` looks at the token before anything else is looked at, where all routes need one.
    """
    app = (
        JsonResolver(
            enable_validation=True,
            response_validation_error_http_code=HTTPStatus.INTERNAL_SERVER_ERROR,
            json_body_deserializer=read_json,
        )
        if validate
        else APIGatewayHttpResolver()
    )
    if isinstance(app, JsonResolver):
        app.guard = guard
    app.include_router(router)
    handle_errors(app)
    return app


def handle_errors(app: Any) -> None:
    """Give a resolver our answers to everything that is refused."""

    app.exception_handler(RefusalError)(refuse)

    @app.exception_handler(ContentionError)  # type: ignore[untyped-decorator]
    def contended(error: ContentionError) -> Response[str]:
        logger.warning("request_contended", cause=str(error))
        return problem(UnavailableError.status, UnavailableError.reason, UnavailableError.title)

    @app.exception_handler(RequestValidationError)  # type: ignore[untyped-decorator]
    def invalid(error: RequestValidationError) -> Response[str]:
        fields = [
            {"field": ".".join(map(str, item["loc"]))[:MAX_FIELD_CHARS], "problem": item["msg"]}
            for item in error.errors()[:MAX_FIELDS]
        ]
        return not_as_expected(fields)

    @app.exception_handler(RequestUnsupportedContentType)  # type: ignore[untyped-decorator]
    def not_json(_: Exception) -> Response[str]:
        title = "Send application/json"
        return problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", title)

    @app.exception_handler(UnicodeDecodeError)  # type: ignore[untyped-decorator]
    def not_text(_: Exception) -> Response[str]:
        return problem(MalformedError.status, MalformedError.reason, MalformedError.title)

    @app.not_found  # type: ignore[untyped-decorator]
    def unknown_route(_: Exception) -> Response[str]:
        return problem(NotFoundError.status, NotFoundError.reason, NotFoundError.title)


def not_as_expected(fields: list[dict[str, str]]) -> Response[str]:
    """The answer to what lacks fields, or has others; `fields` says which, and what is wrong."""
    title = "The request does not have the expected fields"
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_request", title, errors=fields)


def refuse(error: RefusalError) -> Response[str]:
    """The answer to what is refused."""
    logger.info("request_refused", reason=error.reason, cause=str(error))
    answer = problem(error.status, error.reason, error.title, **error.more)
    if isinstance(error, TooManyRequestsError):
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def read_json(text: str) -> Any:
    """Nesting and numbers beyond Python's limits are no better than broken JSON."""
    try:
        return json.loads(text)
    except (RecursionError, ValueError) as error:
        raise json.JSONDecodeError("not readable", "", 0) from error


def problem(status: int, reason: str, title: str, **more: Any) -> Response[str]:
    """An error answer. `reason` is stable, `title` is for people, `instance` names the request."""
    body = {"type": f"urn:siyu:problem:{reason}", "title": title, "status": int(status), **more}
    if trace := logger.get_correlation_id():
        body["instance"] = f"urn:siyu:request:{trace}"
    return Response(int(status), PROBLEM_TYPE, json.dumps(body, ensure_ascii=False))


def unkept(body: B, status: int = 200) -> Response[B]:
    """An answer for one pair of eyes: nobody on the way keeps a copy."""
    return Response(status, "application/json", body, {"Cache-Control": "no-store"})


def received_at(router: APIGatewayHttpRouter) -> datetime:
    """When the gateway took the request in: the only clock an HTTP function knows."""
    return _instant(router.current_event.request_context)


def _instant(context: Any) -> datetime:
    return datetime.fromtimestamp(int(context["timeEpoch"]) / 1000, UTC)


def source_address(router: APIGatewayHttpRouter) -> str:
    """Where the request came from, as the gateway saw it: no header can forge it."""
    return str(router.current_event.request_context["http"]["sourceIp"])


def own_origin(router: APIGatewayHttpRouter) -> str:
    """Where we were reached, for links to ourselves: the gateway's word, not the caller's Host.

    The gateway says `https` in a header of its own; only a server on a laptop says otherwise.
    """
    event = router.current_event
    scheme = "http" if event.headers.get("x-forwarded-proto") == "http" else "https"
    return f"{scheme}://{event.request_context.domain_name}"


def raw_body(event: Any) -> bytes:
    """The body exactly as it was sent."""
    body = event.get("body") or ""
    if event.get("isBase64Encoded"):
        import base64  # noqa: PLC0415 - rare: gateways encode binary bodies only

        return base64.b64decode(body)
    return str(body).encode(errors="surrogatepass")
