"""An application in the process of the test: no socket, and an error of ours passes to the test."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import unquote, urlencode

from starlette.applications import Starlette
from starlette.types import Message


class Answer(NamedTuple):
    """What the application answered, by requests' names."""

    status_code: int
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()

    def json(self) -> Any:
        return json.loads(self.content)


class InProcess:
    """Requests straight to an ASGI application, below `prefix`."""

    def __init__(self, app: Starlette, loop: asyncio.AbstractEventLoop, prefix: str) -> None:
        self._app = app
        self._prefix = prefix
        self._loop = loop
        self._headers: dict[str, str] = {"host": "minicat"}

    def login(self, username: str = "admin", password: str = "right") -> None:
        answer = self.request("POST", "/v3/auth/login", json={"username": username, "password": password})
        assert answer.status_code == 201, answer.text
        self._headers["authorization"] = f"Bearer {answer.json()['access_token']}"

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        content: bytes | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        given = {name.lower(): text for name, text in (headers or {}).items()}
        if json is not None:
            given, content = {"content-type": "application/json", **given}, _bytes(json)
        body = content or b""
        every = {**self._headers, "content-length": str(len(body)), **given}
        place, _, query = path.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(self._prefix + place),
            "raw_path": (self._prefix + place).encode(),
            "query_string": "&".join(one for one in (query, urlencode(params or {})) if one).encode(),
            "root_path": "",
            "headers": [(name.encode(), text.encode()) for name, text in every.items()],
            "server": ("minicat", 80),
            "client": ("127.0.0.1", 1),
        }
        return self._loop.run_until_complete(self._asked(scope, body))

    async def _asked(self, scope: dict[str, Any], body: bytes) -> Answer:
        sent: list[Message] = []
        received = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive() -> Message:
            return next(received, {"type": "http.disconnect"})

        async def send(message: Message) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        content = b"".join(one.get("body", b"") for one in sent if one["type"] == "http.response.body")
        return Answer(sent[0]["status"], content)


def _bytes(document: Any) -> bytes:
    return json.dumps(document).encode()


@contextmanager
def in_process(app: Starlette, prefix: str = "/api") -> Iterator[InProcess]:
    loop = asyncio.new_event_loop()
    try:
        yield InProcess(app, loop, prefix)
    finally:
        loop.close()
