"""The HTTP side of the simulator: the token and faults around the answers of an office."""

import hmac
import json
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import ValidationError

from scifish.errors import SettingsError
from sdm.testing.fault import Fault

DUO_BASE = "/duo/api.php/v1"
FAULT_PATH = "/fault"
GARBAGE = b"<html><body>Scheduled maintenance</body></html>"


class SimulatedOffice(Protocol):
    """What the handler needs of the simulator."""

    fault: Fault
    closing: threading.Event

    def next_fault(self) -> Fault:
        """Return the fault that this request meets."""

    def accepts(self, secret: str) -> bool:
        """Tell whether a token is good."""

    def answer(self, path: str, query: dict[str, str]) -> Any:
        """Return the answer to GET `path`, None where there is nothing."""


class OfficeHandler(BaseHTTPRequestHandler):
    """Answers one connection; `office` is set by `handler_for`."""

    protocol_version = "HTTP/1.1"
    office: ClassVar[SimulatedOffice]

    def do_GET(self) -> None:
        """Answer what an office knows."""
        fault = self.office.next_fault()
        if fault.kind == "token" or not self.office.accepts(self._secret()):
            self._send(HTTPStatus.UNAUTHORIZED, {"message": "Unauthorized"})
            return
        url = urlsplit(self.path)
        try:
            found = self.office.answer(unquote(url.path), dict(parse_qsl(url.query)))
        except SettingsError as error:
            self._send(HTTPStatus.INTERNAL_SERVER_ERROR, {"message": str(error)})
            return
        self._send_with(fault, found)

    def do_PUT(self) -> None:
        """Set the fault, with the token."""
        body = self._body()
        if urlsplit(self.path).path != FAULT_PATH or not self.office.accepts(self._secret()):
            self._send(HTTPStatus.UNAUTHORIZED, {"message": "Unauthorized"})
            return
        try:
            self.office.fault = Fault.model_validate(body)
        except ValidationError as error:
            self._send(HTTPStatus.BAD_REQUEST, {"message": str(error)})
            return
        self._send(HTTPStatus.OK, self.office.fault.model_dump())

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: a request is the test's business."""

    def _send_with(self, fault: Fault, found: Any) -> None:
        if fault.kind == "slow":
            self.office.closing.wait(fault.seconds)
        if fault.kind in {"500", "429"}:
            self._send(HTTPStatus(int(fault.kind)), {"message": "not now"})
        elif fault.kind == "garbage":
            self._send_bytes(HTTPStatus.OK, GARBAGE)
        elif found is None:
            message = "Not Found" if self._is_known() else f"Cannot GET {self.path}"
            self._send(HTTPStatus.NOT_FOUND, {"message": message})
        elif fault.kind == "half":
            self._send_half(json.dumps(found).encode())
        elif fault.kind == "drip":
            self._send_bytes(HTTPStatus.OK, json.dumps(found).encode(), pause=fault.seconds)
        else:
            self._send(HTTPStatus.OK, found)

    def _is_known(self) -> bool:
        return self.path.startswith(DUO_BASE)

    def _send(self, status: HTTPStatus, document: Any) -> None:
        self._send_bytes(status, json.dumps(document).encode())

    def _send_bytes(self, status: HTTPStatus, body: bytes, pause: float = 0.0) -> None:
        self._begin(status, len(body))
        size = 1 if pause else len(body)
        try:
            for start in range(0, len(body), size):
                self.wfile.write(body[start : start + size])
                self.wfile.flush()
                if pause and self.office.closing.wait(pause):
                    break
        except ConnectionError:  # the client has waited long enough
            self.close_connection = True

    def _send_half(self, body: bytes) -> None:
        self._begin(HTTPStatus.OK, len(body))
        self.wfile.write(body[: len(body) // 2])
        self.close_connection = True

    def _begin(self, status: HTTPStatus, length: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def _secret(self) -> str:
        return self.headers.get("X-API-SECRET", "")

    def _body(self) -> dict[str, Any]:
        try:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
        except ValueError:
            return {}
        return body if isinstance(body, dict) else {}


def handler_for(office: SimulatedOffice) -> type[BaseHTTPRequestHandler]:
    """Return the handler class of one office."""
    return type("Handler", (OfficeHandler,), {"office": office})


def same(secret: str, expected: str) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(secret.encode(), expected.encode())
