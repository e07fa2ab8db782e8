"""The metadata, files and pictures of the dataset that a message becomes."""

from datetime import timedelta

import pytest

from scicow.dataset.clean_metadata import DEEPEST, clean
from scicow.errors import MessageUnfit
from scicow.ingest.mapping import (
    attachments_of,
    desired_of,
    groups_of,
    proposal_group,
)
from scicow.ingest.proposal_check import Standing
from scicow.settings.catalogue import IngestSettings
from scifish.common.clock import iso
from support.scicow.ingest import (
    BEGIN,
    PROPOSAL,
    file,
    message,
    new_pid,
    unlinked,
)

KNOWN = Standing(PROPOSAL, verified=True)


def test_no_name_in_our_own_groups_is_one_that_scicat_would_mistake() -> None:
    environment = {"user": "me", "vacuum": 1, "motors": {"undulator": {"value": 1, "unit": "mm"}}}
    metadata = desired_of(
        message(new_pid(), environment=environment), KNOWN, unlinked, IngestSettings()
    ).fields["scientificMetadata"]
    for group in ("scan", "scizoo", "proposal"):
        assert not [name for name in metadata[group] if name[0] in "uv"], group
    assert metadata["scan"]["motors"] == {"_undulator": {"value": 1, "unit": "mm"}}


def test_a_producers_own_group_of_our_name_is_kept_beside() -> None:
    dataset = {"scientificMetadata": {"scizoo": {"a": 1}, "scan": {"b": 2}}}
    metadata = desired_of(message(new_pid(), dataset=dataset), KNOWN, unlinked, IngestSettings()).fields[
        "scientificMetadata"
    ]
    assert metadata["_scizoo"] == {"a": 1}
    assert metadata["scan"]["b"] == 2
    assert metadata["scizoo"]["sequence"] == 0


def test_techniques_get_both_members_that_scicat_demands() -> None:
    given = [{"name": "XPS"}, {"pid": "PaNET01", "name": "XAS"}, {"colour": "red"}]
    fields = desired_of(
        message(new_pid(), dataset={"techniques": given}), KNOWN, unlinked, IngestSettings()
    ).fields
    assert fields["techniques"] == [{"pid": "XPS", "name": "XPS"}, {"pid": "PaNET01", "name": "XAS"}]


def test_files_one_for_each_path_and_relative_if_wished() -> None:
    files = [file(2), file(1, 5), file(1, 9, 1), {**file(3), "path": "/elsewhere/x"}]
    one = message(new_pid(), dataset={"files": files})
    desired = desired_of(one, KNOWN, unlinked, IngestSettings(relative_paths=True))
    assert [(entry.path, entry.size) for entry in desired.files] == [
        ("/elsewhere/x", 100),
        ("scan_00001.h5", 9),
        ("scan_00002.h5", 100),
    ]
    assert desired.files[1].time == iso(BEGIN + timedelta(minutes=1))
    absolute = desired_of(one, KNOWN, unlinked, IngestSettings()).files
    assert all(entry.path.startswith("/") for entry in absolute)


def test_clean_leaves_out_null_and_writes_nan_as_text() -> None:
    given = {"a": None, "b": [None, float("nan")], "c": {"value": float("-inf"), "unit": None}, "d": (1, 2)}
    assert clean(given) == {"b": [None, "NaN"], "c": {"value": "-Infinity"}, "d": [1, 2]}


def test_too_deep_is_unfit() -> None:
    deep: dict[str, object] = {}
    for _ in range(90):
        deep = {"a": deep}
    with pytest.raises(MessageUnfit, match="80 levels"):
        desired_of(
            message(new_pid(), dataset={"scientificMetadata": deep}),
            KNOWN,
            unlinked,
            IngestSettings(),
        )


SCAN_FACTS = {"title": "ascan mot01 0 1 10 0.1", "scanID": 7, "_user": "opsusr", "detectors": []}


def test_the_proposals_text_is_left_out_where_the_site_says_so_or_there_is_none() -> None:
    assert proposal_group(PROPOSAL, IngestSettings(proposal_text=False)) == {}
    silent = PROPOSAL.model_copy(update={"title": "", "abstract": ""})
    assert proposal_group(silent, IngestSettings()) == {}
    assert proposal_group(None, IngestSettings()) == {}
    titled = PROPOSAL.model_copy(update={"abstract": ""})
    assert proposal_group(titled, IngestSettings()) == {"proposal": {"title": "Order in thin films"}}


def test_a_scan_group_that_is_no_group_gives_way_to_the_scans_facts() -> None:
    dataset = {"scientificMetadata": {"scan": 3}}
    metadata = desired_of(message(new_pid(), dataset=dataset), KNOWN, unlinked, IngestSettings()).fields[
        "scientificMetadata"
    ]
    assert metadata["scan"] == SCAN_FACTS


def test_groups_are_those_that_say_something() -> None:
    deep: dict[str, object] = {"value": 1}
    for _ in range(DEEPEST - 1):
        deep = {"a": deep}
    dataset = {
        "scientificMetadata": {
            "energy": {"value": 0},
            "nothing": {},
            "empty": {"a": {"b": None, "c": []}},
            "deepest": deep,
            "too deep": {"a": deep},
            "": {"value": 1},
        }
    }
    assert groups_of(message(new_pid(), dataset=dataset)) == {"energy", "deepest", "scan", "no name"}


def test_a_file_is_relative_to_its_folder_only_and_absolute_where_there_is_none() -> None:
    beside = {**file(1), "path": "/data/visitors/b303a/20260001/2026030108/raw_2/x.h5"}
    settings = IngestSettings(relative_paths=True)
    for folder, paths in (
        ("/data/visitors/b303a/20260001/2026030108/raw/", ["scan_00001.h5", beside["path"]]),
        (None, [file(1)["path"], beside["path"]]),
    ):
        one = message(new_pid(), dataset={"sourceFolder": folder, "files": [file(1), beside]})
        found = [entry.path for entry in desired_of(one, KNOWN, unlinked, settings).files]
        assert sorted(found) == sorted(paths)


def test_of_two_entries_of_one_path_the_newer_counts_whatever_their_order() -> None:
    for files in ([file(1, 5), file(1, 9, 1)], [file(1, 9, 1), file(1, 5)]):
        desired = desired_of(message(new_pid(), dataset={"files": files}), KNOWN, unlinked, IngestSettings())
        assert [entry.size for entry in desired.files] == [9]


@pytest.mark.parametrize("given", [None, "a picture", {"caption": "a"}, 3])
def test_attachments_that_are_no_list_are_none(given: object) -> None:
    assert attachments_of(message(new_pid(), dataset={"attachments": given}).dataset) == []


def test_a_technique_of_which_only_the_pid_is_known_is_named_by_it() -> None:
    given = [{"pid": "PaNET01"}, {"name": "XPS"}]
    one = message(new_pid(), dataset={"techniques": given})
    fields = desired_of(one, KNOWN, unlinked, IngestSettings()).fields
    assert fields["techniques"] == [{"pid": "PaNET01", "name": "PaNET01"}, {"pid": "XPS", "name": "XPS"}]


def test_what_a_producer_adds_to_the_scans_facts_is_written_as_json() -> None:
    one = message(new_pid(), environment={"calibrated": BEGIN}, configuration={"read": BEGIN})
    metadata = desired_of(one, KNOWN, unlinked, IngestSettings()).fields["scientificMetadata"]
    assert metadata["scan"]["calibrated"] == "2026-03-01T09:30:00Z"
    assert metadata["scizoo"]["configuration"]["read"] == "2026-03-01T09:30:00Z"


def test_a_folder_is_taken_off_a_path_whatever_its_last_letter() -> None:
    inside = {**file(1), "path": "/data/X/a.h5"}
    one = message(new_pid(), dataset={"sourceFolder": "/data/X", "files": [inside]})
    wanted = desired_of(one, KNOWN, unlinked, IngestSettings(relative_paths=True))
    assert [entry.path for entry in wanted.files] == ["a.h5"]
