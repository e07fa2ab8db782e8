from datetime import timedelta

import pytest
from pydantic import ValidationError

from scicow.dataset.clean_metadata import clean
from scicow.errors import MessageUnfit
from scicow.ingest.links import Links, proposal_fields
from scicow.ingest.mapping import dataset_pid, desired_of
from scicow.ingest.proposal_check import Standing
from scicow.settings.catalogue import IngestSettings
from scifish.common.clock import iso
from support.scicow.ingest import BEGIN, PROPOSAL, file, message, new_pid

KNOWN = Standing(PROPOSAL, verified=True)


def test_pid_prefix_and_shape() -> None:
    pid = new_pid()
    assert dataset_pid(pid, IngestSettings()) == pid
    assert (
        dataset_pid(pid, IngestSettings(pid_prefix="20.500.1/", pid_shape="lower"))
        == f"20.500.1/{pid.lower()}"
    )


def test_templates_of_the_site() -> None:
    settings = IngestSettings(
        owner_group="{group}",
        access_groups=("{beamline}staff", "{beamline}staff", "all"),
        instrument_group="{beamline}-instrument",
        creation_location="/MAXIV/{beamline}",
        keywords=("{category}", "{visit}"),
        fields={"license": "CC-BY-4.0"},
    )
    fields = desired_of(message(new_pid()), KNOWN, Links(), settings).fields
    assert fields["ownerGroup"] == "20260001-group"
    assert fields["accessGroups"] == ["b303astaff", "all"]
    assert fields["instrumentGroup"] == "b303a-instrument"
    assert fields["creationLocation"] == "/MAXIV/b303a"
    assert fields["keywords"] == ["visitors", "2026030108"]
    assert fields["license"] == "CC-BY-4.0"


def test_a_template_that_names_what_is_not_known_is_refused() -> None:
    with pytest.raises(ValidationError, match="beamlime"):
        IngestSettings(owner_group="{beamlime}")


@pytest.mark.parametrize(
    ("standing", "proposal", "group"),
    [
        (KNOWN, {}, "20260001-group"),
        (Standing(PROPOSAL.model_copy(update={"group": None}), True), {}, "20260001-group"),
        (Standing(None, verified=False), {}, "ingestor"),
        (Standing(None, verified=True), {"id": None, "category": "staff"}, "b303a"),
        (Standing(None, verified=True), {"id": None, "category": None}, "lost"),
        (Standing(PROPOSAL.model_copy(update={"category": "staff"}), True), {}, "b303a"),
    ],
)
def test_owner_group(standing: Standing, proposal: dict[str, None], group: str) -> None:
    settings = IngestSettings(group_without_proposal="lost")
    one = message(new_pid(), proposal=proposal)
    assert desired_of(one, standing, Links(), settings).fields["ownerGroup"] == group


def test_defaults_where_the_office_tells_nothing() -> None:
    settings = IngestSettings(contact_email="scicat@example.org", principal_investigator="nobody yet")
    fields = desired_of(message(new_pid()), Standing(None, verified=False), Links(), settings).fields
    assert fields["principalInvestigators"] == ["nobody yet"]
    assert fields["contactEmail"] == "scicat@example.org"
    assert fields["validationStatus"] == "proposal not verified"
    assert "ownerEmail" not in fields


def test_lifecycle_follows_the_scan() -> None:
    running = desired_of(message(new_pid()), KNOWN, Links(), IngestSettings()).fields["datasetlifecycle"]
    assert running == {"archivable": False, "archiveStatusMessage": "filesNotReadyYet"}
    over = message(new_pid(), "end", 1, dataset={"endTime": BEGIN})
    settings = IngestSettings(lifecycle={"isOnCentralDisk": True})
    ended = desired_of(over, KNOWN, Links(), settings).fields["datasetlifecycle"]
    assert ended == {"archivable": True, "archiveStatusMessage": "datasetCreated", "isOnCentralDisk": True}


def test_no_name_in_our_own_groups_is_one_that_scicat_would_mistake() -> None:
    environment = {"user": "me", "vacuum": 1, "motors": {"undulator": {"value": 1, "unit": "mm"}}}
    metadata = desired_of(
        message(new_pid(), environment=environment), KNOWN, Links(), IngestSettings()
    ).fields["scientificMetadata"]
    for group in ("scan", "scizoo", "proposal"):
        assert not [name for name in metadata[group] if name[0] in "uv"], group
    assert metadata["scan"]["motors"] == {"_undulator": {"value": 1, "unit": "mm"}}


def test_a_producers_own_group_of_our_name_is_kept_beside() -> None:
    dataset = {"scientificMetadata": {"scizoo": {"a": 1}, "scan": {"b": 2}}}
    metadata = desired_of(message(new_pid(), dataset=dataset), KNOWN, Links(), IngestSettings()).fields[
        "scientificMetadata"
    ]
    assert metadata["_scizoo"] == {"a": 1}
    assert metadata["scan"]["b"] == 2
    assert metadata["scizoo"]["sequence"] == 0


def test_techniques_get_both_members_that_scicat_demands() -> None:
    given = [{"name": "XPS"}, {"pid": "PaNET01", "name": "XAS"}, {"colour": "red"}]
    fields = desired_of(
        message(new_pid(), dataset={"techniques": given}), KNOWN, Links(), IngestSettings()
    ).fields
    assert fields["techniques"] == [{"pid": "XPS", "name": "XPS"}, {"pid": "PaNET01", "name": "XAS"}]


def test_files_one_for_each_path_and_relative_if_wished() -> None:
    files = [file(2), file(1, 5), file(1, 9, 1), {**file(3), "path": "/elsewhere/x"}]
    one = message(new_pid(), dataset={"files": files})
    desired = desired_of(one, KNOWN, Links(), IngestSettings(relative_paths=True))
    assert [(entry.path, entry.size) for entry in desired.files] == [
        ("/elsewhere/x", 100),
        ("scan_00001.h5", 9),
        ("scan_00002.h5", 100),
    ]
    assert desired.files[1].time == iso(BEGIN + timedelta(minutes=1))
    absolute = desired_of(one, KNOWN, Links(), IngestSettings()).files
    assert all(entry.path.startswith("/") for entry in absolute)


def test_clean_leaves_out_null_and_writes_nan_as_text() -> None:
    given = {"a": None, "b": [None, float("nan")], "c": {"value": float("-inf"), "unit": None}, "d": (1, 2)}
    assert clean(given) == {"b": [None, "NaN"], "c": {"value": "-Infinity"}, "d": [1, 2]}


def test_too_deep_is_unfit() -> None:
    deep: dict[str, object] = {}
    for _ in range(90):
        deep = {"a": deep}
    with pytest.raises(MessageUnfit, match="80 levels"):
        desired_of(message(new_pid(), dataset={"scientificMetadata": deep}), KNOWN, Links(), IngestSettings())


def test_the_proposals_record() -> None:
    fields = proposal_fields(PROPOSAL, "20260001-group", IngestSettings())
    assert fields["pi_lastname"] == "Berg"
    assert fields["startTime"] == iso(BEGIN)
    assert fields["MeasurementPeriodList"] == [
        {
            "instrument": "b303a",
            "start": iso(BEGIN),
            "end": iso(BEGIN + timedelta(days=3)),
            "comment": "2026030108",
        }
    ]
    bare = proposal_fields(PROPOSAL.model_copy(update={"pi": None, "visits": ()}), "g", IngestSettings())
    assert bare["email"] == IngestSettings().contact_email
    assert "MeasurementPeriodList" not in bare
