"""The soak's judgement: what is lost, doubled, misplaced or unfinished is counted, and nothing else."""

from typing import Any

import pytest

from support.scizoo.soak import Log, Place, tag_of
from support.scizoo.soak_result import judged

FOLDER = "/d/visitors/demo/20260042/2020010108/raw/film"
HERE = Place("20260042", FOLDER, "photoemission")
NAME = "scan 7: ascan mot01 0.0 0.000012 2 0.01"


def dataset(pid: str = "A", name: str = NAME, **members: Any) -> dict[str, Any]:
    metadata = {"scan": {"exitStatus": "normal"}, "scizoo": {"problems": ["item 3: no answer in 300 ms"]}}
    whole = {"pid": pid, "datasetName": name, "proposalId": "20260042", "sourceFolder": FOLDER}
    return {**whole, "scientificMetadata": metadata, **members}


def files(*paths: str) -> Any:
    return lambda _: list(paths)


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        (NAME, 12),
        ("scan 8: ascan mot01 0.0 1.2e-05 2 0.01", 12),
        ("scan 9: ascan mot01 0.0 0.1 2 0.01", 100_000),
        ("shell 25", 25),
        ("photoemission0001", None),
    ],
)
def test_a_scan_is_known_by_its_tag(name: str, tag: int | None) -> None:
    assert tag_of(name) == tag


def test_what_is_right() -> None:
    result = judged(Log(whole={12: HERE}), [dataset()], files(f"{FOLDER}/scans.h5"))
    assert result.right
    assert (result.datasets, result.problems) == (1, {"item N: no answer in N ms": 1})


@pytest.mark.parametrize(
    ("datasets", "paths", "what"),
    [
        ([], [], "lost"),
        ([dataset(), dataset("B")], [f"{FOLDER}/s.h5"], "doubled"),
        ([dataset()], [f"{FOLDER}/s.h5", f"{FOLDER}/s.h5"], "doubled"),
        ([dataset(sourceFolder="/d/other")], [f"{FOLDER}/s.h5"], "misplaced"),
        ([dataset(proposalId="20260043")], [f"{FOLDER}/s.h5"], "misplaced"),
        ([dataset()], ["/d/other/s.h5"], "misplaced"),
        ([dataset()], [], "unfinished"),
        ([dataset(scientificMetadata={"scan": {}})], [f"{FOLDER}/s.h5"], "unfinished"),
    ],
)
def test_what_is_wrong(datasets: list[dict[str, Any]], paths: list[str], what: str) -> None:
    result = judged(Log(whole={12: HERE}), datasets, files(*paths))
    assert not result.right
    assert len(getattr(result, what)) == 1
    assert sum(len(getattr(result, one)) for one in ("lost", "doubled", "misplaced", "unfinished")) == 1


def test_what_waits_in_quarantine_is_not_lost_and_is_told() -> None:
    """As of a process that begins while PathFixer is away: nobody knows whose its data are."""
    result = judged(Log(whole={12: HERE, 13: HERE}), [], files(), {12})
    assert (len(result.set_aside), len(result.lost)) == (1, 1)


def test_a_scan_that_was_interrupted_may_be_there_or_not_but_once() -> None:
    log = Log(interrupted={12: "the MacroServer died"})
    assert judged(log, [], files()).right
    assert judged(log, [dataset(sourceFolder="/d/other")], files()).right
    assert judged(log, [dataset(), dataset("B")], files()).doubled
