from collections.abc import Iterator

import pytest

from support.scanlog import scanlog
from support.scicat.catalogue import Catalogue, minicat


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    with minicat(tmp_path_factory.mktemp("minicat")) as (catalogue, _):
        yield catalogue


@pytest.fixture(scope="session")
def address(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Scanlog's server before minicat."""
    folder = tmp_path_factory.mktemp("scanlog")
    with scanlog(folder, catalogue.url, scicat_pages="https://scicat.example.org") as address:
        yield address
