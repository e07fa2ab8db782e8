"""The paths of published data, v4."""

from http import HTTPStatus

from starlette.routing import Route

from minicat.rules.catalogue import Catalogue
from minicat.rules.published import Publishing
from minicat.web import Call, Function, Guests, route

_BASE = "/api/v4/publisheddata"
_ONE = _BASE + "/{id}"


def published_routes(catalogue: Catalogue) -> list[Route]:
    """Return the routes of published data."""
    data = Publishing(catalogue)

    def change(call: Call) -> object:
        return data.change(
            call.path["id"], call.body(), call.account, merge=call.merge, since=call.unmodified_since
        )

    posts: dict[str, Function] = {
        _BASE: lambda call: data.create(call.body(), call.account),
        _ONE + "/publish": lambda call: data.publish(call.path["id"], call.account),
        _ONE + "/register": lambda call: data.register(call.path["id"], call.account),
        _ONE + "/amend": lambda call: data.amend(call.path["id"], call.account),
    }
    reading: dict[str, Function] = {
        _BASE: lambda call: data.listed(call.query, call.account),
        _BASE + "/count": lambda call: data.count(call.query, call.account),
        _ONE: lambda call: data.read(call.path["id"], call.account),
    }
    return [
        *(route(path, "POST", one, catalogue, status=HTTPStatus.CREATED) for path, one in posts.items()),
        *(route(path, "GET", one, catalogue, guests=Guests.WELCOME) for path, one in reading.items()),
        route(_ONE, "PATCH", change, catalogue),
        route(_ONE, "DELETE", lambda call: data.delete(call.path["id"], call.account), catalogue),
    ]
