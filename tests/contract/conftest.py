from collections.abc import Iterator

import pytest

from support.scicat import Api, Catalogue, minicat, real_catalogue


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    """The real SciCat that the environment names, else minicat in a process of its own."""
    real = real_catalogue()
    if real is not None:
        yield real
        return
    with minicat(tmp_path_factory.mktemp("minicat")) as (catalogue, _):
        yield catalogue


@pytest.fixture
def api(catalogue: Catalogue) -> Iterator[Api]:
    """An administrator's login; what it makes is removed after the test."""
    with catalogue.login("admin") as api:
        yield api


def _account(catalogue: Catalogue, name: str) -> Iterator[Api]:
    if not catalogue.knows(name):
        pytest.skip(f"needs SCICAT_{name.upper()}_USER and SCICAT_{name.upper()}_PASSWORD")
    with catalogue.login("admin") as admin, catalogue.login(name) as api:
        yield api
        admin.made, api.made = api.made, []  # who makes may not remove


@pytest.fixture
def ingestor(catalogue: Catalogue) -> Iterator[Api]:
    """An account with the owner group among its roles, which may choose pids."""
    yield from _account(catalogue, "ingestor")


@pytest.fixture
def privileged(catalogue: Catalogue) -> Iterator[Api]:
    """An account that may only create, for any group."""
    yield from _account(catalogue, "privileged")


@pytest.fixture
def stranger(catalogue: Catalogue) -> Iterator[Api]:
    """An account of another group, without special rights."""
    yield from _account(catalogue, "stranger")
