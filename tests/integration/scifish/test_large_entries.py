"""A scan with far more metadata than the catalogue takes gets its dataset, and holds up no other scan."""

from dataclasses import replace
from pathlib import Path

import pytest

from scifish import SciFish
from scifish.settings.model import OutboxSettings
from scizoo.facility.processes import wait_until
from support.scicow.ingest import BEAMLINE, running_minicat
from support.scicow.run import Site, catalogued
from support.scifish.recorder import AT_BEAMLINE, recorder, settings_in

LARGE = {
    "one text": {"image": "x y " * 15_000_000, "energy": {"value": 12.7, "unit": "keV"}},
    "very many items": {
        "image": {f"row {row}": {f"column {one}": one / 7 for one in range(1000)} for row in range(1000)},
        "energy": {"value": 12.7, "unit": "keV"},
    },
}


@pytest.mark.parametrize("metadata", LARGE.values(), ids=LARGE)
def test_the_dataset_says_what_was_left_out(tmp_path: Path, metadata: dict[str, object]) -> None:
    with running_minicat(tmp_path / "catalogue") as catalogue:
        site = Site(tmp_path / "site", catalogue)
        settings = settings_in(tmp_path, outbox=OutboxSettings(path=site.outbox))
        with recorder(settings, replace(AT_BEAMLINE, beamline=BEAMLINE)) as shared:
            large, small = SciFish(settings=settings), SciFish(settings=settings)
            large.start_scan("large")
            large.scicat_data.scientificMetadata["detector"] = metadata
            large.end_scan()
            small.start_scan("small")
            small.end_scan()
            shared.delivery.sink.close(60)
            assert large.kept
            assert small.kept
        with site.scicow(), site.client() as client:
            pids = [large.pid or "", small.pid or ""]
            wait_until(lambda: catalogued(client, pids, sequence=0), "both are in the catalogue", 60)
            dataset = client.dataset(pids[0])
        assert dataset is not None
        found = dataset["scientificMetadata"]
        assert found["detector"]["energy"]["value"] == 12.7
        lost = found["detector"]["image"]
        assert lost != metadata["image"]
        assert any("too large for the catalogue: left out" in one for one in found["scizoo"]["problems"])
