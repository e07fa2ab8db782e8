"""The pretend Elogy over HTTP: its paths, and a page with all entries for who looks at the demo."""

from collections.abc import Callable
from typing import Any

from pydantic_core import from_json, to_json
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from scizoo.simulation.elogy.logbooks import Logbooks
from scizoo.simulation.elogy.pages import page_of_entries, page_of_entry
from scizoo.simulation.elogy.rules import ElogyError

Answer = Callable[[Request, Any], Any]
BOOKS = "/api/logbooks/"
BOOK = f"{BOOKS}{{logbook:int}}/"
ENTRIES = f"{BOOK}entries/"
ENTRY = f"{ENTRIES}{{entry:int}}/"


def make_app(logbooks: Logbooks) -> Starlette:
    """Return the application over some logbooks."""

    def book(request: Request) -> int:
        return int(request.path_params["logbook"])

    def entry(request: Request) -> int:
        return int(request.path_params["entry"])

    answers: list[tuple[str, str, Answer]] = [
        ("GET", BOOKS, lambda _, __: {"logbook": logbooks.tree()}),
        ("POST", BOOKS, lambda _, body: {"logbook": logbooks.add_logbook(body)}),
        ("GET", BOOK, lambda one, _: {"logbook": logbooks.logbook(book(one))}),
        ("POST", BOOK, lambda one, body: {"logbook": logbooks.add_logbook(body, book(one))}),
        ("PUT", BOOK, lambda one, body: {"logbook": logbooks.change_logbook(book(one), body)}),
        ("GET", ENTRIES, lambda one, _: logbooks.found(book(one), one.query_params.multi_items())),
        ("POST", ENTRIES, lambda one, body: {"entry": logbooks.add_entry(book(one), body)}),
        ("GET", ENTRY, lambda one, _: {"entry": logbooks.entry(entry(one))}),
        ("POST", ENTRY, lambda one, body: {"entry": logbooks.add_entry(book(one), body, entry(one))}),
        ("PUT", ENTRY, lambda one, body: {"entry": logbooks.change_entry(entry(one), body)}),
    ]
    routes = [Route(path, _endpoint(answer), methods=[method]) for method, path, answer in answers]

    async def attachment(request: Request) -> Response:
        found = logbooks.files.get(request.url.path)
        return Response(found.content, media_type=found.content_type) if found else Response(status_code=404)

    async def page(request: Request) -> Response:
        return HTMLResponse(page_of_entry(logbooks.entry(entry(request))))

    async def index(_: Request) -> Response:
        return HTMLResponse(page_of_entries(logbooks.entries()))

    routes += [
        Route("/", index),
        Route("/attachments/{name}", attachment),
        Route("/logbooks/{logbook:int}/entries/{entry:int}", page),
    ]
    return Starlette(routes=routes, exception_handlers={ElogyError: _refused})


def _endpoint(answer: Answer) -> Any:
    async def endpoint(request: Request) -> Response:
        return _json(answer(request, await _body(request)))

    return endpoint


async def _body(request: Request) -> dict[str, Any]:
    """Return the body. As in Elogy, what is not called JSON is not read: an empty entry is stored then."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        return {}
    try:
        body = from_json(await request.body())
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _refused(_: Request, error: Exception) -> Response:
    if not isinstance(error, ElogyError):
        raise error
    return _json(error.body, error.status)


def _json(body: Any, status: int = 200) -> Response:
    return Response(to_json(body), status, media_type="application/json")
