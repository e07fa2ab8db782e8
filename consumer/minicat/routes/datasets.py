"""The paths of datasets, their files and their attachments."""

from http import HTTPStatus

from starlette.routing import Route

from minicat.rules.catalogue import Catalogue
from minicat.rules.datasets import Datasets
from minicat.rules.files import Blocks
from minicat.rules.search import DatasetSearch
from minicat.web import Call, Function, Guests, route

CREATED = HTTPStatus.CREATED


def dataset_routes(catalogue: Catalogue) -> list[Route]:
    """Return the routes of datasets, v4's and v3's."""
    return [*_of_version(catalogue, 4), *_of_version(catalogue, 3), *_block_routes(catalogue)]


def _of_version(catalogue: Catalogue, version: int) -> list[Route]:
    return [*_search_routes(catalogue, version), *_single_routes(catalogue, version)]


def _search_routes(catalogue: Catalogue, version: int) -> list[Route]:
    search = DatasetSearch(catalogue, version)
    base = f"/api/v{version}/datasets"
    functions: dict[str, Function] = {
        "": lambda call: search.listed(call.query, call.account),
        "/count": lambda call: search.count(call.query, call.account),
        "/findOne": lambda call: search.first(call.query, call.account),
        "/fullfacet": lambda call: search.fullfacet(call.query, call.account),
        "/metadataKeys": lambda call: search.metadata_keys(call.query, call.account),
        "/{pid}": lambda call: search.one(call.path["pid"], call.query, call.account),
    }
    if version == 3:  # before /{pid}, which takes every word
        functions = {"/fullquery": lambda call: search.fullquery(call.query, call.account), **functions}
    guests = Guests.WELCOME if version == 3 else Guests.FORBIDDEN
    return [route(base + path, "GET", one, catalogue, guests=guests) for path, one in functions.items()]


def _single_routes(catalogue: Catalogue, version: int) -> list[Route]:
    datasets = Datasets(catalogue, version)
    base = f"/api/v{version}/datasets"

    def create(call: Call) -> object:
        return datasets.create(call.body(), call.account)

    def change(call: Call) -> object:
        return datasets.change(
            call.path["pid"],
            call.body(),
            call.account,
            merge=call.merge,
            unmodified_since=call.unmodified_since,
        )

    return [
        route(base, "POST", create, catalogue, status=CREATED),
        route(
            f"{base}/isValid", "POST", lambda call: datasets.is_valid(call.body(), call.account), catalogue
        ),
        route(f"{base}/{{pid}}", "PATCH", change, catalogue),
        route(
            f"{base}/{{pid}}",
            "DELETE",
            lambda call: datasets.delete(call.path["pid"], call.account),
            catalogue,
        ),
    ]


def _block_routes(catalogue: Catalogue) -> list[Route]:
    blocks = Blocks(catalogue)
    of_dataset = "/api/v3/datasets/{pid}"
    files, pictures = f"{of_dataset}/origdatablocks", f"{of_dataset}/attachments"
    adding: dict[str, Function] = {
        "/api/v3/origdatablocks": lambda call: blocks.add_files(call.body(), call.account),
        files: lambda call: blocks.add_files(call.body(), call.account, call.path["pid"]),
        pictures: lambda call: blocks.add_attachment(call.path["pid"], call.body(), call.account),
    }
    reading: dict[str, Function] = {
        files: lambda call: blocks.files(call.path["pid"], call.account),
        pictures: lambda call: blocks.attachments(call.path["pid"], call.account),
        "/api/v4/attachments": lambda call: blocks.find_attachments(call.query, call.account),
        f"{of_dataset}/thumbnail": lambda call: blocks.thumbnail(call.path["pid"], call.account),
    }
    removing: dict[str, Function] = {
        "/api/v3/origdatablocks/{id}": lambda call: blocks.remove_files(call.path["id"], call.account),
        pictures + "/{id}": lambda call: blocks.remove_some_attachment(call.path["pid"], call.account),
        "/api/v4/attachments/{id}": lambda call: blocks.remove_attachment(call.path["id"], call.account),
    }

    def change(call: Call) -> object:
        return blocks.change_files(call.path["id"], call.body(), call.account)

    return [
        *(route(path, "POST", one, catalogue, status=CREATED) for path, one in adding.items()),
        route("/api/v3/origdatablocks/{id}", "PATCH", change, catalogue),
        route(
            "/api/v3/origdatablocks", "GET", lambda call: blocks.listed(call.query, call.account), catalogue
        ),
        *(route(path, "GET", one, catalogue, guests=Guests.WELCOME) for path, one in reading.items()),
        *(route(path, "DELETE", one, catalogue) for path, one in removing.items()),
    ]
