"""A very small client of AWS's JSON protocols for the local engines.

botocore spends more time on a page of 1,000 stream records than the engine does, and turns binary
values into bytes that a Lambda event would need back as base64. The wire form is the event form.
Signatures are not checked locally, so the header only names the account's region and service.
"""

from __future__ import annotations

import http.client
import json
from typing import Any, Self
from urllib.parse import urlsplit

TARGETS = {
    "dynamodb": "DynamoDB_20120810",
    "streams.dynamodb": "DynamoDBStreams_20120810",
    "sqs": "AmazonSQS",
    "secretsmanager": "secretsmanager",
}
DATE = "20260101"


class AwsError(RuntimeError):
    """The service's own refusal; `code` is the short exception name."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class AwsJson:
    """One keep-alive connection; not for use by two threads."""

    def __init__(self, endpoint: str, service: str, region: str, timeout: float = 30.0) -> None:
        parts = urlsplit(endpoint)
        self._target = TARGETS[service]
        self._connection = http.client.HTTPConnection(parts.netloc, timeout=timeout)
        scope = f"local/{DATE}/{region}/{service.rpartition('.')[2]}/aws4_request"
        version = "1.1" if service == "secretsmanager" else "1.0"
        self._headers = {
            "Content-Type": f"application/x-amz-json-{version}",
            "X-Amz-Date": f"{DATE}T000000Z",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope},SignedHeaders=host,Signature=0",
        }

    def call(self, operation: str, **payload: Any) -> dict[str, Any]:
        """Raises AwsError on a refusal and OSError when nobody listens."""
        body = json.dumps(payload).encode()
        status, data = self._post(
            {**self._headers, "X-Amz-Target": f"{self._target}.{operation}"}, body
        )
        answer: dict[str, Any] = json.loads(data) if data else {}
        if status >= 300:
            code = str(answer.get("__type", status)).rpartition("#")[2]
            raise AwsError(code, str(answer.get("message") or answer.get("Message") or operation))
        return answer

    def _post(self, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        reused = self._connection.sock is not None
        try:
            return self._exchange(headers, body)
        except (http.client.HTTPException, ConnectionError):
            self._connection.close()
            if not reused:
                raise
            return self._exchange(headers, body)

    def _exchange(self, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        self._connection.request("POST", "/", body, headers)
        response = self._connection.getresponse()
        return response.status, response.read()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()
