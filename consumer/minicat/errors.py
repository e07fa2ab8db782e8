"""The exceptions of minicat: those that end the program, and those that become an HTTP answer."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any


class MinicatError(Exception):
    """Base of all errors that minicat raises; one readable line."""


class StoreError(MinicatError):
    """The database cannot be opened or written; the text says which file and why."""


class FieldTableError(MinicatError):
    """A document that is no OpenAPI description with the records that the field table needs."""


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


def bad_request(message: str | Sequence[str]) -> ApiError:
    """Return the error for a body or a query that is wrong."""
    return ApiError(HTTPStatus.BAD_REQUEST, message)


def unauthorized(message: str) -> ApiError:
    """Return the error for a missing, wrong or expired login."""
    return ApiError(HTTPStatus.UNAUTHORIZED, message)


def forbidden(message: str) -> ApiError:
    """Return the error for what the account's groups do not allow."""
    return ApiError(HTTPStatus.FORBIDDEN, message)


def not_found(message: str) -> ApiError:
    """Return the error for an identifier that the catalogue does not hold."""
    return ApiError(HTTPStatus.NOT_FOUND, message)


def conflict(message: str) -> ApiError:
    """Return the error for an identifier that is taken."""
    return ApiError(HTTPStatus.CONFLICT, message)


def precondition_failed(message: str) -> ApiError:
    """Return the error for a document that changed since the client read it."""
    return ApiError(HTTPStatus.PRECONDITION_FAILED, message)


def server_error(message: str) -> ApiError:
    """Return the 500 that SciCat itself gives for this input; minicat copies it on purpose."""
    return ApiError(HTTPStatus.INTERNAL_SERVER_ERROR, message)
