"""Plain HTTP to one server, over requests; needs the extra `office` or `consumer`."""

from scifish.http.client import HttpAnswer, HttpClient
from scifish.http.failures import (
    HttpAddress,
    HttpFailure,
    HttpTimeout,
    HttpTooLarge,
    HttpUntrusted,
)

__all__ = [
    "HttpAddress",
    "HttpAnswer",
    "HttpClient",
    "HttpFailure",
    "HttpTimeout",
    "HttpTooLarge",
    "HttpUntrusted",
]
