"""What the OpenAPI document says about the whole API."""

from aws_lambda_powertools.event_handler.openapi.models import HTTPBearer

TITLE = "Siyu"
VERSION = "1"
DESCRIPTION = "The back end of a retail brand's private domain."
SECURITY_SCHEMES = {
    "session": HTTPBearer(description="The session token of POST /v1/scans", bearerFormat="JWT"),
    "console": HTTPBearer(
        description="An operator's token, printed by `siyu console token`", bearerFormat="JWT"
    ),
}
