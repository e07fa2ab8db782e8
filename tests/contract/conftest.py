from collections.abc import Callable, Iterator

import pytest

from support.scicat.catalogue import Api, Catalogue, minicat, real_catalogue
from support.scicat.traits import TRAITS


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    """The real SciCat that the environment names, else minicat in a process of its own."""
    real = real_catalogue()
    if real is not None:
        yield real
        return
    with minicat(tmp_path_factory.mktemp("minicat")) as (catalogue, _):
        yield catalogue


@pytest.fixture(scope="session")
def has_trait(catalogue: Catalogue) -> Callable[[str], bool]:
    """Whether the catalogue has a trait, asked once for each."""
    known: dict[str, bool] = {}

    def has(name: str) -> bool:
        if name not in known:
            trait = TRAITS[name]
            with catalogue.login(trait.account) as api, catalogue.login("admin") as admin:
                known[name] = trait.probe(api)
                admin.made, api.made = api.made, []  # who makes may not remove
        return known[name]

    return has


@pytest.fixture(autouse=True)
def _traits(request: pytest.FixtureRequest, catalogue: Catalogue, has_trait: Callable[[str], bool]) -> None:
    """Skip what a real SciCat lacks; minicat has every trait, so there a test fails."""
    for mark in request.node.iter_markers("requires_trait"):
        if catalogue.real and not has_trait(mark.args[0]):
            pytest.skip(f"this SciCat has no trait: {mark.args[0]}")


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


@pytest.fixture
def proposer(catalogue: Catalogue) -> Iterator[Api]:
    """An account that may make proposals (PROPOSAL_GROUPS), of another group."""
    yield from _account(catalogue, "proposer")
