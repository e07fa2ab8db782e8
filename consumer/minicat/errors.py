"""The exceptions of minicat: those that end the program, and those that become an HTTP answer."""

from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from typing import Any


class MinicatError(Exception):
    """Base of all errors that minicat raises; one readable line."""


class DocumentStoreError(MinicatError):
    """The database cannot be opened or written; the text says which file and why."""


class ApiError(MinicatError):
    """An answer of the API that is no success; `message` is a text, or a list of them as SciCat sends."""

    def __init__(self, status: HTTPStatus, message: str | Sequence[str]) -> None:
        super().__init__(message if isinstance(message, str) else "; ".join(message))
        self.status = status
        self.message = message

    def body(self) -> dict[str, Any]:
        """Return the answer in SciCat's form."""
        text = self.message if isinstance(self.message, str) else list(self.message)
        return {"statusCode": self.status.value, "message": text, "error": self.status.phrase}


bad_request = partial(ApiError, HTTPStatus.BAD_REQUEST)
"""A body or a query that is wrong."""
unauthorized = partial(ApiError, HTTPStatus.UNAUTHORIZED)
"""A missing, wrong or expired login."""
forbidden = partial(ApiError, HTTPStatus.FORBIDDEN)
"""What the account's groups do not allow."""
not_found = partial(ApiError, HTTPStatus.NOT_FOUND)
"""An identifier that the catalogue does not hold."""
conflict = partial(ApiError, HTTPStatus.CONFLICT)
"""An identifier that is taken."""
precondition_failed = partial(ApiError, HTTPStatus.PRECONDITION_FAILED)
"""A document that changed since the client read it."""
server_error = partial(ApiError, HTTPStatus.INTERNAL_SERVER_ERROR)
"""The 500 that SciCat itself gives for this input (copied on purpose), and what really failed."""
