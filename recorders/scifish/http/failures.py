"""Why there is no answer to a request, in plain words; the same trouble is the same text each time."""

import http.client
import ssl
from collections.abc import Iterator

import requests
from urllib3.exceptions import HTTPError, NewConnectionError, ProtocolError, ReadTimeoutError

_WRONG_NAME = 62  # OpenSSL's X509_V_ERR_HOSTNAME_MISMATCH
_ADDRESS = (
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    ValueError,
)


class HttpFailure(Exception):  # noqa: N818 - says what happened
    """There is no answer, or none that can be used."""


class HttpTimeout(HttpFailure):
    """The answer did not come in time, or not as a whole."""


class HttpUntrusted(HttpFailure):
    """No authority that we know has signed the server's certificate."""


class HttpTooLarge(HttpFailure):
    """The answer is larger than any that is expected."""


class HttpAddress(HttpFailure):
    """The address, or a header, cannot be used."""


def failure(error: Exception, timeout: float) -> HttpFailure:
    """Return what an error of requests means. `timeout`: seconds of the whole request, for the text."""
    if isinstance(error, requests.exceptions.InvalidHeader):  # its text holds the value, as of a token
        return HttpAddress("a header holds a character that HTTP does not allow")
    causes = list(_causes(error))
    tls = next((one for one in causes if isinstance(one, ssl.SSLError)), None)
    if tls is not None:
        return _untrusted(tls)
    if any(isinstance(one, NewConnectionError) for one in causes):
        return HttpFailure(_innermost(causes))
    if any(isinstance(one, requests.ConnectTimeout | ReadTimeoutError | TimeoutError) for one in causes):
        return HttpTimeout(_too_late(error, timeout))
    return _broken(error, causes)


def _too_late(error: Exception, timeout: float) -> str:
    """Tell what was too late: of the body, requests makes a ConnectionError of urllib3's time-out."""
    if isinstance(error, requests.ConnectTimeout):
        return "no connection in time"
    if isinstance(error, requests.ReadTimeout) or any(isinstance(one, ProtocolError) for one in error.args):
        return f"no answer within {timeout:g} s"
    return f"the answer is not complete after {timeout:g} s"


def _broken(error: Exception, causes: list[BaseException]) -> HttpFailure:
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return HttpFailure("the connection broke in the middle of the answer")
    if any(isinstance(one, ConnectionError) for one in causes):  # reset, or closed without a word
        return HttpFailure(_innermost(causes))
    strange = next((one for one in causes if isinstance(one, http.client.HTTPException)), None)
    if strange is not None:
        return HttpFailure(f"the answer is no HTTP ({str(strange).strip()[:80]!r})")
    return (HttpAddress if isinstance(error, _ADDRESS) else HttpFailure)(_innermost(causes))


def _untrusted(error: ssl.SSLError) -> HttpFailure:
    if not isinstance(error, ssl.SSLCertVerificationError):
        return HttpFailure(f"no TLS connection ({error.reason or error})")
    text = f"{error.reason}: {error.verify_message}"
    return HttpFailure(text) if error.verify_code == _WRONG_NAME else HttpUntrusted(text)


def _innermost(causes: list[BaseException]) -> str:
    """Return the system's own words for the trouble, on one line."""
    system = [one.strerror for one in causes if isinstance(one, OSError) and one.strerror]
    if system:
        return system[-1]
    said = next((one for one in causes if isinstance(one, http.client.HTTPException)), causes[-1])
    return " ".join(str(said).split()) or type(said).__name__


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all that it was made of, the outermost first.

    Not their contexts: that may be an error that the caller is just dealing with.
    """
    seen: list[BaseException] = []
    pending: list[object] = [error]
    while pending:
        one = pending.pop(0)
        if isinstance(one, BaseException) and not any(one is other for other in seen):
            seen.append(one)
            yield one
            if isinstance(one, requests.RequestException | HTTPError):
                pending += [getattr(one, "reason", None), *one.args, one.__cause__]
