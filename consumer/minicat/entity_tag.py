"""Entity tags: an answer that the client has already is not sent again (304), as by SciCat."""

import base64
import hashlib
import re
from collections.abc import Mapping
from http import HTTPStatus

from starlette.responses import Response


def with_tag(response: Response, method: str, headers: Mapping[str, str]) -> Response:
    """Return `response` with its tag, or a 304 when the request's If-None-Match names it."""
    if not response.body:
        return response
    tag = _tag(bytes(response.body))
    if method == "GET" and response.status_code == HTTPStatus.OK and _is_known(tag, headers):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": tag})
    response.headers["ETag"] = tag
    return response


def _tag(content: bytes) -> str:
    digest = base64.b64encode(hashlib.sha1(content, usedforsecurity=False).digest()).decode()
    return f'W/"{len(content):x}-{digest[:27]}"'


def _is_known(tag: str, headers: Mapping[str, str]) -> bool:
    if re.search(r"(?:^|,)\s*no-cache\s*(?:,|$)", headers.get("cache-control", "")):
        return False
    given = [one.strip().removeprefix("W/") for one in headers.get("if-none-match", "").split(",")]
    return "*" in given or tag.removeprefix("W/") in given
