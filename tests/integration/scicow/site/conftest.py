"""One Podman and one image for all tests of how a site runs SciCow."""

from collections.abc import Iterator

import pytest

from support.scicow import image as scicow_image
from support.scicow.podman import Podman, podman


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Podman]:
    """Give the Podman that has SciCow's image."""
    with podman(tmp_path_factory.mktemp("site") / "podman") as machine:
        scicow_image.make_base(machine)
        scicow_image.build(machine)
        yield machine
