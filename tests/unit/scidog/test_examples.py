from pathlib import Path

import pytest

from scidog import Reference
from support.scidog.store import Folder

EXAMPLES = Path(__file__).parents[3] / "config/scidog"


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_an_example_can_be_put_into_the_store_as_it_is(path: Path, store: Folder) -> None:
    (store.folder / path.name).write_bytes(path.read_bytes())
    assert store.refresh() == ()
    assert store.load(Reference(path.stem)).items


def test_there_is_an_example_of_a_real_beamline() -> None:
    assert (EXAMPLES / "beamline.yaml").is_file()
