"""The paths of a log-in by OIDC: a browser goes from here to the issuer, and comes back to the page."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from minicat.errors import ApiError, server_error
from minicat.oidc import OidcLogin, arrival
from minicat.rules.accounts import user_id
from minicat.rules.catalogue import Catalogue
from minicat.user_settings import UserSettings
from minicat.web import answer

COOKIE = "connect.sid"


def oidc_routes(catalogue: Catalogue, login: OidcLogin | None) -> list[Route]:
    """Return the routes; without settings for it each answers 500, as SciCat does."""
    kept = UserSettings(catalogue.store)

    def there() -> OidcLogin:
        if login is None:
            raise server_error('Unknown authentication strategy "oidc"')
        return login

    async def begin(request: Request) -> Response:
        asked = request.query_params
        endpoints = await run_in_threadpool(there().endpoints)
        session, target = there().begin(endpoints, asked.get("client"), asked.get("returnUrl"))
        response = RedirectResponse(target, HTTPStatus.FOUND)
        response.set_cookie(COOKIE, session, httponly=True, samesite="lax")
        return response

    async def back(request: Request) -> Response:
        begun = there().returned(request.cookies.get(COOKIE), request.query_params)
        endpoints = await run_in_threadpool(there().endpoints)
        person = await run_in_threadpool(there().person, endpoints, request.query_params["code"])
        token = catalogue.accounts.admit(person.username, person.email, person.groups)
        identifier = user_id(person.username)
        kept.begin(identifier)
        return RedirectResponse(arrival(begun, token, identifier), HTTPStatus.FOUND)

    base = "/api/v3/auth/oidc"
    return [Route(base, _judged(begin)), Route(f"{base}/callback", _judged(back))]


def _judged(function: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            return await function(request)
        except ApiError as error:
            return answer(error.body(), error.status)

    return endpoint
