"""Requests of the page for SciCat and the logbook: passed to the one server of each, and nowhere else."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import unquote

from pydantic_core import to_json
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from scifish.http import HttpAnswer, HttpClient, HttpFailure, HttpTimeout

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
SENT = ("Accept", "Authorization", "Content-Type", "If-None-Match", "If-Unmodified-Since")
RETURNED = ("Content-Type", "ETag", "Location", "Retry-After")
LARGEST = 24 * 2**20  # SciCat takes 16 MB
TIMEOUT = 60.0
CONNECTIONS = 16


class Upstream:
    """An ASGI application that passes what is asked below `prefix` on to the server at `address`.

    With `keep` the prefix is a part of the server's own paths.
    """

    def __init__(self, name: str, address: str, prefix: str, *, keep: bool) -> None:
        self._name = name
        self._prefix = "" if keep else prefix
        self._client = HttpClient(address, timeout=TIMEOUT, connect_timeout=5.0, connections=CONNECTIONS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        response = await self._answered(Request(scope, receive))
        await response(scope, receive, send)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    async def _answered(self, request: Request) -> Response:
        path = request.scope["raw_path"].decode("latin-1")
        if request.method not in METHODS:
            return refusal(HTTPStatus.METHOD_NOT_ALLOWED, f"{request.method} is not passed on")
        if not is_plain(path):
            return refusal(HTTPStatus.BAD_REQUEST, "the path has steps such as `..`; it is not passed on")
        query = request.scope["query_string"].decode("latin-1")
        target = path.removeprefix(self._prefix) + (f"?{query}" if query else "")
        try:
            body = await content_of(request, LARGEST)
        except ClientDisconnect:
            return refusal(HTTPStatus.BAD_REQUEST, "the request ended before its body")
        if body is None:
            return refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body has more than {LARGEST} bytes")
        return await run_in_threadpool(self._passed, request.method, target, passed(request.headers), body)

    def _passed(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Response:
        try:
            answer = self._client.send(method, target, headers=headers, content=body or None)
        except HttpTimeout as error:
            return refusal(HTTPStatus.GATEWAY_TIMEOUT, f"{self._name} does not answer: {error}")
        except HttpFailure as error:
            return refusal(HTTPStatus.BAD_GATEWAY, f"{self._name} does not answer: {error}")
        return _response(answer)


async def content_of(request: Request, limit: int) -> bytes | None:
    """Return the body, or None when it is larger than `limit`. Raises ClientDisconnect."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            return None
        parts.append(part)
    return b"".join(parts)


def is_plain(path: str) -> bool:
    """Tell whether a path, as it was sent, has no step that leads out of it, however it is encoded."""
    steps = re.split(r"[/\\]", unquote(unquote(path)))
    return not {".", ".."} & set(steps) and "\0" not in path


def passed(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that are passed on: no cookies, and nothing about this connection."""
    return {name: headers[name] for name in SENT if name in headers}


def refusal(status: HTTPStatus, message: str) -> Response:
    """Return an error in SciCat's form."""
    body = {"statusCode": status.value, "message": message, "error": status.phrase}
    return Response(to_json(body), status.value, media_type="application/json")


def _response(answer: HttpAnswer) -> Response:
    headers = {name: answer.headers[name] for name in RETURNED if name in answer.headers}
    return Response(answer.content, answer.status, headers)
