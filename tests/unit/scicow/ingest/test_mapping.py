from datetime import timedelta

import pytest
from pydantic import ValidationError

from scicow.dataset.desired import DataFile, Desired
from scicow.ingest.links import Links, proposal_fields
from scicow.ingest.mapping import (
    dataset_pid,
    desired_of,
    with_group,
)
from scicow.ingest.proposal_check import Standing
from scicow.settings.catalogue import IngestSettings
from scifish.common.clock import iso
from sdm.proposal import Person
from support.scicow.ingest import (
    BEGIN,
    PROPOSAL,
    file,
    message,
    new_pid,
    unlinked,
)

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
    fields = desired_of(message(new_pid()), KNOWN, unlinked, settings).fields
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
    assert desired_of(one, standing, unlinked, settings).fields["ownerGroup"] == group


def test_defaults_where_the_office_tells_nothing() -> None:
    settings = IngestSettings(contact_email="scicat@example.org", principal_investigator="nobody yet")
    fields = desired_of(message(new_pid()), Standing(None, verified=False), unlinked, settings).fields
    assert fields["principalInvestigators"] == ["nobody yet"]
    assert fields["contactEmail"] == "scicat@example.org"
    assert fields["validationStatus"] == "proposal not verified"
    assert "ownerEmail" not in fields


def test_lifecycle_follows_the_scan() -> None:
    running = desired_of(message(new_pid()), KNOWN, unlinked, IngestSettings()).fields["datasetlifecycle"]
    assert running == {"archivable": False, "archiveStatusMessage": "filesNotReadyYet"}
    over = message(new_pid(), "end", 1, dataset={"endTime": BEGIN})
    settings = IngestSettings(lifecycle={"isOnCentralDisk": True})
    ended = desired_of(over, KNOWN, unlinked, settings).fields["datasetlifecycle"]
    assert ended == {"archivable": True, "archiveStatusMessage": "datasetCreated", "isOnCentralDisk": True}


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


SCAN_FACTS = {"title": "ascan mot01 0 1 10 0.1", "scanID": 7, "_user": "opsusr", "detectors": []}


WHOLE = message(
    "0A1B2C3D-0000-4000-8000-00000000000A",
    dataset={
        "description": "films at 300 K",
        "dataFormat": "NeXus",
        "sampleId": "cup-3",
        "keywords": ["films", "films"],
        "files": [file(1, 9)],
        "attachments": [
            {"caption": "a picture", "thumbnail": "data:image/png;base64,AAAA", "more": 1},
            {"caption": "", "thumbnail": "data:image/png;base64,AAAA"},
            {"caption": "none", "thumbnail": ""},
            "no picture",
        ],
    },
    configuration={"name": "default", "revision": 3},
    problems=["motor m1: no answer"],
)


def test_a_message_becomes_exactly_this_dataset() -> None:
    settings = IngestSettings(
        pid_prefix="20.500/", instrument_group="{beamline}-instrument", source_folder_host="https://files"
    )
    standing = Standing(PROPOSAL, verified=True, marks=("of the office",))
    links = {"20260001-group": Links(sample="cup-3", instrument="flexpes", marks=("of the sample",))}
    desired = desired_of(WHOLE, standing, lambda owner: links[owner], settings)
    assert desired == Desired(
        pid="20.500/0A1B2C3D-0000-4000-8000-00000000000A",
        sequence=0,
        first=True,
        files=(DataFile("/data/visitors/b303a/20260001/2026030108/raw/scan_00001.h5", iso(BEGIN), 9),),
        attachments=({"caption": "a picture", "thumbnail": "data:image/png;base64,AAAA"},),
        marks=("of the office", "of the sample"),
        weak=frozenset(),
        fields={
            "type": "raw",
            "datasetName": "scan_1",
            "description": "films at 300 K",
            "sourceFolder": "/data/visitors/b303a/20260001/2026030108/raw",
            "sourceFolderHost": "https://files",
            "creationTime": iso(BEGIN),
            "startTime": iso(BEGIN),
            "creationLocation": "b303a",
            "dataFormat": "NeXus",
            "runNumber": "7",
            "datasetlifecycle": {"archivable": False, "archiveStatusMessage": "filesNotReadyYet"},
            "ownerGroup": "20260001-group",
            "accessGroups": ["b303a"],
            "instrumentGroup": "b303a-instrument",
            "principalInvestigators": ["Ada Berg"],
            "owner": "Ada Berg",
            "ownerEmail": "ada@example.org",
            "contactEmail": "ada@example.org",
            "validationStatus": "proposal verified",
            "proposalIds": ["20260001"],
            "sampleIds": ["cup-3"],
            "instrumentIds": ["flexpes"],
            "keywords": ["films"],
            "scientificMetadata": {
                "energy": {"value": 712.5, "unit": "eV"},
                "slits": {"top": {"value": 1.5}},
                "scan": SCAN_FACTS,
                "proposal": {"title": "Order in thin films", "abstract": "We look at films."},
                "scizoo": {
                    "schema": WHOLE.schema_,
                    "sequence": 0,
                    "producer": "scifish/0.1.0 on b303a-cc-0 for Sardana",
                    "configuration": {"name": "default", "revision": 3},
                    "problems": ["motor m1: no answer"],
                    "marks": ["of the office", "of the sample"],
                    "beamline": "b303a",
                    "category": "visitors",
                    "beamtime": "2026030108",
                },
            },
        },
    )


def test_what_a_message_does_not_say_is_left_out_or_the_sites() -> None:
    dataset = {"sourceFolder": None}
    producer = {"orchestrator": None}
    bare = message(new_pid(), dataset=dataset, producer=producer, environment={"scanID": None})
    fields = desired_of(bare, KNOWN, unlinked, IngestSettings(source_folder="/nowhere")).fields
    assert fields["sourceFolder"] == "/nowhere"
    assert fields["description"] == "ascan mot01 0 1 10 0.1"
    assert fields["scientificMetadata"]["scizoo"]["producer"] == "scifish/0.1.0 on b303a-cc-0"
    absent = {"endTime", "runNumber", "sampleIds", "instrumentIds", "dataFormat", "keywords", "techniques"}
    assert absent.isdisjoint(fields)
    nobody = message(new_pid(), proposal={"id": None, "visit": None, "category": None})
    settings = IngestSettings(group_without_proposal="lost", keywords=("p{proposal}v{visit}c{category}",))
    fields = desired_of(nobody, Standing(None, verified=True), unlinked, settings).fields
    assert "proposalIds" not in fields
    assert fields["keywords"] == ["pvc"]
    assert "proposal" not in fields["scientificMetadata"]


def test_run_zero_is_a_run() -> None:
    fields = desired_of(
        message(new_pid(), environment={"scanID": 0}), KNOWN, unlinked, IngestSettings()
    ).fields
    assert fields["runNumber"] == "0"


@pytest.mark.parametrize(
    ("event", "sequence", "first"), [("start", 0, True), ("start", 1, False), ("update", 0, False)]
)
def test_only_the_very_first_message_may_create_without_looking(
    event: str, sequence: int, first: bool
) -> None:
    desired = desired_of(message(new_pid(), event, sequence), KNOWN, unlinked, IngestSettings())
    assert (desired.first, desired.sequence) == (first, sequence)


def test_an_end_makes_a_scan_archivable_also_without_a_time() -> None:
    for one in (message(new_pid(), "end", 1), message(new_pid(), "update", 1, dataset={"endTime": BEGIN})):
        fields = desired_of(one, KNOWN, unlinked, IngestSettings()).fields
        assert fields["datasetlifecycle"]["archivable"]


def test_what_the_office_did_not_tell_takes_the_place_of_nothing() -> None:
    office = {"ownerGroup", "accessGroups", "instrumentGroup", "principalInvestigators", "owner"}
    for standing in (Standing(None, verified=False), Standing(PROPOSAL, verified=False)):
        weak = desired_of(message(new_pid()), standing, unlinked, IngestSettings()).weak
        assert weak == office | {"ownerEmail", "contactEmail"}


def test_the_group_of_the_office_comes_before_the_sites_rule() -> None:
    settings = IngestSettings(access_groups=("{group}",), proposal_group="p{proposal}-{visit}")
    for given, group in (("films", "films"), (None, "p20260001-2026030108")):
        standing = Standing(PROPOSAL.model_copy(update={"group": given}), verified=True)
        fields = desired_of(message(new_pid()), standing, unlinked, settings).fields
        assert (fields["ownerGroup"], fields["accessGroups"]) == (group, [group])
    asked = with_group({"proposal": "1"}, PROPOSAL.model_copy(update={"group": "films"}), settings)
    known = {"beamline": "", "proposal": "1", "category": "", "visit": "", "group": "films"}
    assert asked == known


def test_a_principal_investigator_without_a_name_or_address_is_the_sites() -> None:
    settings = IngestSettings(contact_email="scicat@example.org", principal_investigator="nobody yet")
    nameless = PROPOSAL.model_copy(update={"pi": Person()})
    fields = desired_of(message(new_pid()), Standing(nameless, verified=True), unlinked, settings).fields
    assert (fields["owner"], fields["principalInvestigators"]) == ("nobody yet", ["nobody yet"])
    assert fields["contactEmail"] == "scicat@example.org"
    assert "ownerEmail" not in fields


def test_the_end_of_a_scan_is_its_end_time() -> None:
    end = BEGIN + timedelta(minutes=5)
    fields = desired_of(
        message(new_pid(), "end", 1, dataset={"endTime": end}), KNOWN, unlinked, IngestSettings()
    ).fields
    assert fields["endTime"] == iso(end)
