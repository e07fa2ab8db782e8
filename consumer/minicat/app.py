"""The whole API as one ASGI application."""

from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response

from minicat.oidc import OidcLogin
from minicat.routes.datasets import dataset_routes
from minicat.routes.oidc import oidc_routes
from minicat.routes.others import other_routes
from minicat.routes.published import published_routes
from minicat.rules.accounts import Accounts
from minicat.rules.catalogue import Catalogue
from minicat.settings import Settings
from minicat.store import DocumentStore
from minicat.web import EncodedPaths, answer


def make_app(settings: Settings, store: DocumentStore) -> Starlette:
    """Return the application; `settings` must name the accounts that may log in."""
    catalogue = Catalogue(store, settings, Accounts(settings, store))
    login = OidcLogin(settings.oidc) if settings.oidc else None
    return Starlette(
        routes=[
            *dataset_routes(catalogue),
            *other_routes(catalogue, login),
            *published_routes(catalogue),
            *oidc_routes(catalogue, login),
        ],
        middleware=[
            # As SciCat: a page of any origin may ask; who asks is told by the header, not by a cookie.
            Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"]),
            Middleware(EncodedPaths),
        ],
        exception_handlers={HTTPException: _no_route},
    )


async def _no_route(request: Request, error: Exception) -> Response:
    status = HTTPStatus(getattr(error, "status_code", HTTPStatus.NOT_FOUND))
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        status = HTTPStatus.NOT_FOUND  # Express knows a path by its method
    text = f"minicat has no {request.method} {request.url.path}"
    return answer({"statusCode": status.value, "message": text, "error": status.phrase}, status)
