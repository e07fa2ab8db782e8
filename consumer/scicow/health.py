"""/health, /ready, /metrics and /hints over HTTP, in a thread beside the loop."""

import asyncio
import socket
import threading
from collections.abc import Callable

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from scicow.metrics import Metrics
from scifish.errors import SettingsError
from scifish.http.events import EventStream

Problems = Callable[[], dict[str, str]]
"""The problems by part; empty when all is well."""


def application(
    health: Problems, ready: Problems, metrics: Metrics, hints: EventStream | None = None
) -> Starlette:
    """Return the HTTP application; without `hints` there are none."""

    async def answer_health(_: Request) -> Response:
        return _answer(health())

    async def answer_ready(_: Request) -> Response:
        return _answer(await asyncio.to_thread(ready))

    async def answer_metrics(_: Request) -> Response:
        return Response(await asyncio.to_thread(metrics.text), media_type=CONTENT_TYPE_LATEST)

    return Starlette(
        routes=[
            Route("/health", answer_health),
            Route("/ready", answer_ready),
            Route("/metrics", answer_metrics),
            *([Route("/hints", hints)] if hints else []),
        ]
    )


def _answer(problems: dict[str, str]) -> Response:
    return JSONResponse({"ok": not problems, "problems": problems}, status_code=503 if problems else 200)


class HealthServer:
    """Serves the application; `address` is known when it is made."""

    def __init__(self, app: Starlette, host: str, port: int) -> None:
        try:
            self._socket = socket.create_server((host, port))
        except OSError as error:
            why = str(error.strerror).partition(" (while")[0]  # the address stands before it already
            raise SettingsError(
                f"http: cannot listen on {host}:{port} ({why}); correct http.host or http.port"
            ) from error
        self.address = "{}:{}".format(*self._socket.getsockname()[:2])
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            proxy_headers=False,  # who asks is who is connected: a header could name any address
            timeout_graceful_shutdown=2,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="http", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        self._socket.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])
