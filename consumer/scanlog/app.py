"""The page, its settings, SciCat and the logbook at one origin, as one ASGI application."""

from http import HTTPStatus
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from scanlog.page_files import FOLDER, SafeHeaders, page_files
from scanlog.proxy import Upstream, refusal
from scanlog.settings import ScanlogSettings
from scifish.http.events import Broadcast, EventStream

SMALLEST_ZIPPED = 500  # bytes


def _anybody(_: str) -> bool:
    return True


class _ByPrefix:
    """Gives what is below `/api` to SciCat, and so on: by the path as it was sent."""

    def __init__(self, app: ASGIApp, upstreams: dict[str, ASGIApp | None]) -> None:
        self._app = app
        self._upstreams = upstreams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            prefix = "/" + scope["raw_path"].decode("latin-1").split("/")[1]
            if prefix in self._upstreams:
                upstream = self._upstreams[prefix] or refusal(
                    HTTPStatus.NOT_FOUND, "there is no logbook here"
                )
                await upstream(scope, receive, send)
                return
        await self._app(scope, receive, send)


def make_app(settings: ScanlogSettings, folder: Path = FOLDER, hints: Broadcast | None = None) -> Starlette:
    """Return the application; `hints` are told to all pages that listen. Raises NoPageError."""
    files = page_files(folder)
    upstreams: dict[str, ASGIApp | None] = {
        "/api": Upstream("SciCat", settings.scicat, "/api", keep=True),
        "/elogy": Upstream("the logbook", settings.elogy, "/elogy", keep=False) if settings.elogy else None,
    }

    async def given_settings(_: Request) -> Response:
        return JSONResponse(settings.of_the_page())

    app = Starlette(
        routes=[Route("/settings.json", given_settings)],
        middleware=[
            Middleware(SafeHeaders),
            # Before what compresses, which would hold events back.
            Middleware(_ByPrefix, upstreams={"/hints": EventStream(hints, _anybody)} if hints else {}),
            Middleware(GZipMiddleware, minimum_size=SMALLEST_ZIPPED, compresslevel=5),
            Middleware(_ByPrefix, upstreams=upstreams),
        ],
    )
    app.mount("/", files)
    return app
