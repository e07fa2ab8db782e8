"""Each member of a message's dataset comes from the client's field of that name, and reaches SciCat."""

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from scicow.dataset.desired import Desired
from scicow.ingest.mapping import desired_of
from scicow.ingest.proposal_check import Standing
from scicow.settings.catalogue import IngestSettings
from scifish.client import SciFish
from scifish.contract.message import Message, dataset_members
from support.scicow.ingest import (
    PROPOSAL,
    unlinked,
)
from support.scifish.recorder import recorder, settings_in, written_after_close

BEGAN, ENDED = datetime(2026, 3, 1, 8, tzinfo=timezone.utc), datetime(2026, 3, 1, 9, tzinfo=timezone.utc)
FILE = "/data/visitors/bl01/20260001/2026030108/raw/a.h5"
# member -> what the client sets, and the field of SciCat's dataset that has it then
WAY: dict[str, tuple[Any, str]] = {
    "datasetName": ("knife edge 12", "datasetName"),
    "description": ("a cold one", "description"),
    "sourceFolder": ("/data/visitors/bl01/20260001/2026030108/raw", "sourceFolder"),
    "dataFormat": ("NeXus", "dataFormat"),
    "sampleId": ("LSMO-3", "the link to a sample"),
    "instrument": ("b303a", "the link to an instrument"),
    "keywords": (["cold", "thin"], "keywords"),
    "techniques": ([{"pid": "x/1", "name": "XPS"}], "techniques"),
    "startTime": (BEGAN, "startTime"),
    "endTime": (ENDED, "endTime"),
    "files": ([{"path": FILE, "size": 3, "time": BEGAN}], "its files"),
    "scientificMetadata": ({"slit": {"gap": 0.2}}, "scientificMetadata"),
}


@pytest.fixture(scope="module")
def message(tmp_path_factory: pytest.TempPathFactory) -> Message:
    """What SciFish makes of a client that sets every member."""
    settings = settings_in(tmp_path_factory.mktemp("outbox"))
    with recorder(settings):
        fish = SciFish(settings=settings)
        fish.start_scan("x")
        for name, (value, _) in WAY.items():
            setattr(fish.scicat_data, name, value)
        fish.end_scan()
        return written_after_close(settings)[-1]


def in_scicat(message: Message, where: str) -> Any:
    """Return what SciCat gets of a message there."""
    desired: Desired = desired_of(message, Standing(PROPOSAL, verified=True), unlinked, IngestSettings())
    if where == "its files":
        return [one.path for one in desired.files]
    if where.startswith("the link to"):  # SciCow finds the record by the message's own name of it
        return getattr(
            message.dataset, {"sample": "sample_id", "instrument": "instrument"}[where.rsplit(maxsplit=1)[-1]]
        )
    return desired.fields[where]


def test_every_member_has_its_way() -> None:
    assert set(WAY) == set(dataset_members())


@pytest.mark.parametrize("name", WAY)
def test_a_member_goes_from_the_client_to_the_dataset(name: str, message: Message) -> None:
    value, where = WAY[name]
    found = in_scicat(message, where)
    if name == "scientificMetadata":
        assert found["slit"] == value["slit"]
    elif isinstance(value, datetime):
        assert datetime.fromisoformat(found.replace("Z", "+00:00")) == value
    else:
        assert found == ([FILE] if name == "files" else value)


@pytest.mark.parametrize("name", sorted(set(WAY) - {"sourceFolder"}))
def test_every_member_can_be_read_before_it_is_set(name: str, tmp_path: Path) -> None:
    """`keywords` was said to be no field, although setting it worked."""
    with recorder(settings_in(tmp_path)):
        assert getattr(SciFish(settings=settings_in(tmp_path)).scicat_data, name) in (None, [], {})


def test_what_a_client_puts_into_an_empty_list_counts(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with recorder(settings):
        fish = SciFish(settings=settings)
        fish.start_scan("x")
        fish.scicat_data.keywords.append("cold")
        fish.end_scan()
        assert written_after_close(settings)[-1].dataset.keywords == ("cold",)
