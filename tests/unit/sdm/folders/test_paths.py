"""The path template: which folders a visit has below the root."""

from pathlib import Path

import pytest

from sdm.folders.paths import PathTemplate, VisitName, find_folder

NAME = VisitName.of("visitor", "Demo", "20260001", "2026030108")


@pytest.mark.parametrize(
    ("template", "path", "gate"),
    [
        ("{category}/{beamline}/{proposal}/{visit}", "visitors/demo/20260001/2026030108", 2),
        ("{category}/{beamline}/{year}/{proposal}/{visit}", "visitors/demo/2026/20260001/2026030108", 3),
        ("data/{category}/{beamline}/p{proposal}-{visit}", "data/visitors/demo/p20260001-2026030108", 3),
        ("{category}/{beamline}/{proposal}/{visit}/data", "visitors/demo/20260001/2026030108/data", 2),
    ],
)
def test_the_folders_and_the_gate(template: str, path: str, gate: int) -> None:
    places = PathTemplate(template)
    assert "/".join(places.visit_parts(NAME)) == path
    assert places.gate == gate
    assert "/".join(places.beamline_parts("visitors", "demo")) == path.partition("/demo")[0] + "/demo"


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("", "use {category}, {beamline}, {proposal}, {visit} in it"),
        ("{category}/{beamline}/{proposal}", "use {category}"),
        ("{category}/{beamline}/{proposal}/{visit}/{sample}", "no path template"),
        ("{category}/{beamline}/{proposal}/{visit", "no path template"),
        ("/{category}/{beamline}/{proposal}/{visit}", "as names of folders"),
        ("{category}/../{beamline}/{proposal}/{visit}", "as names of folders"),
        ("{category}/nul/{beamline}/{proposal}/{visit}", "as names of folders"),
        ("{category.x}/{beamline}/{proposal}/{visit}", "no path template"),
        ("{beamline}/{category}/{proposal}/{visit}", "then come {beamline}, {proposal}, {visit}"),
        ("x{category}/{beamline}/{proposal}/{visit}", "{category} is a folder"),
        ("{category}/{year}/{beamline}/{proposal}/{visit}", "{year} stands behind {beamline}"),
    ],
)
def test_a_template_that_would_not_do(template: str, words: str) -> None:
    with pytest.raises(ValueError, match="path template") as caught:
        PathTemplate(template)
    assert words in str(caught.value)


def test_the_folder_of_a_proposal_at_any_beamline(tmp_path: Path) -> None:
    places = PathTemplate("{category}/{beamline}/{year}/{proposal}/{visit}")
    names = places.gate_names("proprietary", "20260001")
    assert find_folder(tmp_path, names) is None
    there = tmp_path / "proprietary" / "demo" / "2031" / "20260001"
    there.mkdir(parents=True)
    (tmp_path / "proprietary" / "a-file").touch()
    assert find_folder(tmp_path, names) == there
    assert find_folder(tmp_path, places.gate_names("proprietary", "20260002")) is None
