"""The built page's files, and the headers that keep it safe."""

from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scanlog.errors import NoPageError

FOLDER = Path(__file__).parent / "pages"
SECURITY = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data: blob:; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
}
_KEEP = "public, max-age=31536000, immutable"


def is_built(folder: Path = FOLDER) -> bool:
    """Tell whether the page is there."""
    return (folder / "index.html").is_file()


def page_files(folder: Path = FOLDER) -> StaticFiles:
    """Return the application that gives the page's files. Raises NoPageError."""
    if not is_built(folder):
        raise NoPageError("the page has not been built; in SciZoo's own folder: make web")
    return StaticFiles(directory=folder, html=True)


class SafeHeaders:
    """Middleware that says on every answer what a browser may do; assets, named by content, are kept."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add the headers to its answer."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(SECURITY)
                headers["Cache-Control"] = _kept(scope["path"], message["status"])
            await send(message)

        await self._app(scope, receive, sending)


def _kept(path: str, status: int) -> str:
    """Return how a browser may keep an answer: what SciCat says is not for the disk of a shared computer."""
    if path.startswith(("/api/", "/elogy/")):
        return "no-store"
    return _KEEP if path.startswith("/assets/") and status == 200 else "no-cache"
