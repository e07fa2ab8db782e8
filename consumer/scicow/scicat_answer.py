"""What SciCat's HTTP statuses mean, decided in one place."""

from typing import Any

import httpx

from scicow.errors import (
    AlreadyThere,
    CatalogueError,
    CatalogueRefused,
    CatalogueUnavailable,
    ChangedMeanwhile,
    NotAllowed,
    NotThere,
)

SHOWN = 300
_MEANINGS: dict[int, type[CatalogueError]] = {
    400: CatalogueRefused,
    403: NotAllowed,
    404: NotThere,
    409: AlreadyThere,
    412: ChangedMeanwhile,
    413: CatalogueRefused,
    422: CatalogueRefused,
}


def answer_of(response: httpx.Response) -> Any:
    """Return the JSON of a good answer (None when it is empty). Raises the CatalogueError of a bad one.

    Statuses that a working SciCat does not give (a proxy's redirect, 405 of a wrong address) count as
    unavailable: a wrong setting must not send a stream of good messages to the dead letters.
    """
    if not response.is_success:
        raise _error_of(response)
    if not response.content.strip():
        return None
    try:
        return response.json()
    except ValueError as error:
        raise CatalogueUnavailable(
            f"{_request(response)}: the answer is no JSON: {_text(response)}"
        ) from error


def _error_of(response: httpx.Response) -> CatalogueError:
    status = response.status_code
    text = f"{_request(response)}: {status} {_text(response)}"
    if status in _MEANINGS:
        return _MEANINGS[status](text, status)
    return CatalogueUnavailable(text, status, retry_after=_retry_after(response))


def _request(response: httpx.Response) -> str:
    return f"SciCat {response.request.method} {response.request.url.path}"


def _retry_after(response: httpx.Response) -> float | None:
    text = response.headers.get("retry-after", "")
    return float(text) if text.isdigit() else None


def _text(response: httpx.Response) -> str:
    """Return what the server says, as one short line."""
    try:
        body = response.json()
        said = body.get("message", body) if isinstance(body, dict) else body
    except ValueError:
        said = response.text
    line = " ".join(str(said).split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 3]}..."
