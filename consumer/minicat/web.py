"""From an HTTP request to a plain function and back: body, account, errors, percent-encoded paths."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from pydantic_core import from_json, to_json
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from minicat.entity_tag import with_tag
from minicat.errors import ApiError, DocumentStoreError, bad_request, server_error, unauthorized
from minicat.rules.catalogue import MERGE, Catalogue
from minicat.rules.permissions import Account, require_right

logger = logging.getLogger(__name__)
_LARGEST_NUMBER = 1.7976931348623157e308


class Guests(Enum):
    """What a path answers to nobody: who sends no token, or one that is wrong or has ended."""

    WELCOME = "as anybody, with what is public"
    FORBIDDEN = "403: SciCat's guard of rights"
    UNKNOWN = "401: SciCat's guard of log-ins"


@dataclass(frozen=True)
class Call:
    """One request, as the functions of the API see it."""

    account: Account
    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    content: bytes

    def body(self) -> Any:
        """Return the body's JSON; none is an empty object. Raises ApiError 400."""
        if not self.content:
            return {}
        try:
            value = from_json(self.content, allow_inf_nan=False)
        except ValueError as error:
            raise bad_request(f"the body is no JSON ({error})") from error
        if not _finite(value):
            raise bad_request("the body has a number that is too large; write it as a text")
        return value

    @property
    def merge(self) -> bool:
        """Tell whether a change is to be merged: SciCat wants exactly this content type."""
        return self.headers.get("content-type") == MERGE

    @property
    def unmodified_since(self) -> str | None:
        """Return the header that guards a change."""
        return self.headers.get("if-unmodified-since")


Function = Callable[[Call], Any]


def route(
    path: str,
    method: str,
    function: Function,
    catalogue: Catalogue,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    guests: Guests = Guests.FORBIDDEN,
) -> Route:
    """Return the route of `function`; `guests` is the answer to nobody."""

    async def endpoint(request: Request) -> Response:
        return with_tag(await answered(request), method, request.headers)

    async def answered(request: Request) -> Response:
        try:
            call = await _call(request, catalogue)
            _admit(call, guests)
            return answer(function(call), status)
        except ApiError as error:
            return answer(error.body(), error.status)
        except DocumentStoreError as error:
            logger.error("%s", error)  # noqa: TRY400 - one line says all
            return answer(server_error(str(error)).body(), HTTPStatus.INTERNAL_SERVER_ERROR)
        except ClientDisconnect:
            return answer(None, HTTPStatus.BAD_REQUEST)  # nobody is there to read it
        except Exception:  # the outermost loop: a client always gets JSON, and the log the cause
            logger.exception("%s %s failed", method, request.url.path)
            body = server_error("minicat failed; its log says why").body()
            return answer(body, HTTPStatus.INTERNAL_SERVER_ERROR)

    return Route(path, endpoint, methods=[method])


def answer(content: object, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Return an answer of JSON; SciCat answers with an empty body where there is nothing."""
    if content is None:
        return Response(status_code=status.value)
    return Response(to_json(content), status.value, media_type="application/json")


class EncodedPaths:
    """Middleware that routes by the path as it was sent: ``%2F`` in a pid separates nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with its path as it was sent."""
        if scope["type"] == "http" and scope.get("raw_path"):
            scope = {**scope, "path": scope["raw_path"].decode("latin-1")}
        await self._app(scope, receive, send)


async def _call(request: Request, catalogue: Catalogue) -> Call:
    content = await _content(request, catalogue.settings.body_limit)
    return Call(
        account=catalogue.accounts.account(request.headers.get("authorization")),
        path={name: unquote(value) for name, value in request.path_params.items()},
        query={name: ",".join(request.query_params.getlist(name)) for name in request.query_params},
        headers=request.headers,
        content=content,
    )


def _admit(call: Call, guests: Guests) -> None:
    if call.account.username is not None or guests is Guests.WELCOME:
        return
    if guests is Guests.UNKNOWN:
        raise unauthorized("Unauthenticated: no token, or one that is wrong or has ended; log in")
    require_right(False)


async def _content(request: Request, limit: int) -> bytes:
    """Read the body. Raises ApiError 500 when it is larger than `limit`, as SciCat does (not 413)."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size <= limit:
            parts.append(part)
    if size > limit:
        raise server_error(f"request entity too large: {size} bytes, of {limit} that are allowed")
    return b"".join(parts)


def _finite(value: object) -> bool:
    if isinstance(value, float):
        return abs(value) <= _LARGEST_NUMBER
    if isinstance(value, dict):
        return all(map(_finite, value.values()))
    return all(map(_finite, value)) if isinstance(value, list) else True
