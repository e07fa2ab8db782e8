"""The paths of log-in, users, health, proposals, samples and instruments."""

from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from starlette.routing import Route

from minicat.oidc import OidcLogin
from minicat.rules.accounts import profile, user_id
from minicat.rules.catalogue import Catalogue
from minicat.rules.permissions import require
from minicat.rules.records import INSTRUMENT, PROPOSAL, SAMPLE, Kind, Others
from minicat.user_settings import UserSettings, check_own
from minicat.web import Call, Function, Guests, route

CREATED = HTTPStatus.CREATED


def other_routes(catalogue: Catalogue, oidc: OidcLogin | None) -> list[Route]:
    """Return the routes of everything but datasets and published data."""
    kinds = (("proposals", PROPOSAL), ("samples", SAMPLE), ("instruments", INSTRUMENT))
    collections = [one for name, kind in kinds for one in _collection_routes(catalogue, name, kind)]
    return [
        *_account_routes(catalogue, oidc),
        *_user_routes(catalogue),
        *collections,
        *_health_routes(catalogue),
    ]


def _account_routes(catalogue: Catalogue, oidc: OidcLogin | None) -> list[Route]:
    accounts, settings = catalogue.accounts, UserSettings(catalogue.store)

    def login(call: Call) -> object:
        body = call.body()
        credentials = body if isinstance(body, dict) else {}
        answer = accounts.login(credentials.get("username"), credentials.get("password"))
        settings.begin(answer["userId"])
        return answer

    def mint(call: Call) -> object:
        require(call.account.admin, call.account, "make tokens for others")
        body = call.body()
        return {
            "jwt": accounts.mint(call.path["id"], body.get("expiresIn") if isinstance(body, dict) else None)
        }

    def logout(call: Call) -> object:
        accounts.logout(call.headers.get("authorization"))
        came = accounts.strategy(call.account.username or "") == "oidc"
        end = oidc.end_session if oidc is not None and came else None
        return {"logout": "successful", **({"logoutURL": end} if end else {})}

    def identity(call: Call) -> object:
        user = accounts.user(call.account.username)
        return {
            "userId": user_id(user.username),
            "authStrategy": accounts.strategy(user.username),
            "profile": {
                "username": user.username,
                "email": user.address(),
                "accessGroups": list(user.groups),
            },
        }

    def myself(call: Call) -> dict[str, Any]:
        user = accounts.user(call.account.username)
        return profile(user, accounts.strategy(user.username))

    def whoami(call: Call) -> object:
        """Nobody is told nothing, without an error: an empty body."""
        if call.account.username is None:
            return None
        return {**myself(call), "currentGroups": sorted(call.account.groups)}

    return [
        *(
            route(path, "POST", login, catalogue, status=CREATED, guests=Guests.WELCOME)
            for path in ("/api/v3/auth/login", "/api/v3/users/login")
        ),
        route("/api/v3/auth/logout", "POST", logout, catalogue, guests=Guests.UNKNOWN),
        route("/api/v3/users/{id}/jwt", "POST", mint, catalogue, status=CREATED, guests=Guests.UNKNOWN),
        route("/api/v3/auth/whoami", "GET", whoami, catalogue, guests=Guests.WELCOME),
        route("/api/v3/users/my/self", "GET", myself, catalogue, guests=Guests.UNKNOWN),
        route("/api/v3/users/my/identity", "GET", identity, catalogue, guests=Guests.UNKNOWN),
    ]


def _user_routes(catalogue: Catalogue) -> list[Route]:
    settings = UserSettings(catalogue.store)
    base = "/api/v3/users/{id}"

    def change(call: Call) -> object:
        return settings.change_external(call.path["id"], call.body(), call.account)

    def may_create(call: Call) -> object:
        check_own(call.path["id"], call.account)
        return {"authorization": catalogue.accounts.may_create_datasets(call.path["id"])}

    reading: dict[str, Function] = {
        "/api/v3/users/my/settings": lambda call: settings.read(
            user_id(call.account.username or ""), call.account
        ),
        f"{base}/settings": lambda call: settings.read(call.path["id"], call.account),
        f"{base}/authorization/dataset/create": may_create,
    }
    return [
        *(route(path, "GET", one, catalogue, guests=Guests.UNKNOWN) for path, one in reading.items()),
        route(f"{base}/settings/external", "PATCH", change, catalogue, guests=Guests.UNKNOWN),
    ]


def _collection_routes(catalogue: Catalogue, name: str, kind: Kind) -> list[Route]:
    others = Others(catalogue, kind)
    base = f"/api/v3/{name}"
    one = base + "/{id}"

    def change(call: Call) -> object:
        return others.change(
            call.path["id"],
            call.body(),
            call.account,
            unmodified_since=call.unmodified_since,
        )

    def create(call: Call) -> object:
        others.check_right(call.account)  # before a look at the body
        return others.create(call.body(), call.account)

    writers = Guests.UNKNOWN if kind is SAMPLE else Guests.FORBIDDEN
    found: dict[str, Function] = {f"{base}/count": lambda call: others.count(call.query, call.account)}
    if kind is not PROPOSAL:
        found[f"{base}/findOne"] = lambda call: others.first(call.query, call.account)
    if kind is not INSTRUMENT:
        found[f"{base}/fullquery"] = lambda call: others.fullquery(call.query, call.account)
    reading: dict[str, Function] = {
        base: lambda call: others.listed(call.query, call.account),
        one: lambda call: others.read(call.path["id"], call.account),
    }
    finders = Guests.UNKNOWN if kind is SAMPLE else Guests.WELCOME
    return [
        route(base, "POST", create, catalogue, status=CREATED, guests=writers),
        *(route(path, "GET", function, catalogue, guests=finders) for path, function in found.items()),
        *(
            route(path, "GET", function, catalogue, guests=Guests.WELCOME)
            for path, function in reading.items()
        ),
        route(one, "PATCH", change, catalogue, guests=writers),
        route(one, "DELETE", lambda call: others.delete(call.path["id"], call.account), catalogue),
    ]


def _health_routes(catalogue: Catalogue) -> list[Route]:
    def welcome(_: Call) -> dict[str, Any]:
        return {
            "name": "minicat",
            "version": version("scizoo"),
            "about": "a small catalogue that speaks SciCat's API, for demonstrations, tests and development",
            "login": "POST /api/v3/auth/login",
            "datasets": "GET /api/v3/datasets (published ones without a login) or /api/v4/datasets",
            "collections": [f"/api/v3/{name}" for name in ("proposals", "samples", "instruments")],
            "publisheddata": "/api/v4/publisheddata",
            "health": "/api/v3/health",
        }

    return [
        route("/", "GET", welcome, catalogue, guests=Guests.WELCOME),
        route("/api/v3/health", "GET", lambda _: {"status": "ok"}, catalogue, guests=Guests.WELCOME),
    ]
