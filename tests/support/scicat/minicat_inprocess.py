"""minicat's application in the process of the test: no socket, and an error of ours passes to the test."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from starlette.applications import Starlette


class InProcess:
    """Requests straight to an ASGI application."""

    def __init__(self, app: Starlette, loop: asyncio.AbstractEventLoop) -> None:
        transport = httpx.ASGITransport(app=app)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://minicat/api")
        self._loop = loop

    def login(self, username: str = "admin", password: str = "right") -> None:
        answer = self.request("POST", "/v3/auth/login", json={"username": username, "password": password})
        assert answer.status_code == 201, answer.text
        self._client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self._loop.run_until_complete(self._client.request(method, path, **options))

    def close(self) -> None:
        self._loop.run_until_complete(self._client.aclose())


@contextmanager
def in_process(app: Starlette) -> Iterator[InProcess]:
    loop = asyncio.new_event_loop()
    client = InProcess(app, loop)
    try:
        yield client
    finally:
        client.close()
        loop.close()
