"""One scan's entry: which of what several people say of it counts."""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from scifish.contract.configuration import Configuration
from scifish.contract.message import (
    ConfigurationReference,
    Environment,
    File,
    Message,
    Producer,
    ProposalReference,
)
from scifish.contract.metadata import merged
from scifish.files.file_list import Absent, FileList
from scifish.ports import Items, ScanContext
from scifish.scan.client_fields import ClientFields
from scifish.scan.entry import NO_PROPOSAL_YET, Entry, mint_pid
from support.scifish.recorder import AT_BEAMLINE, checked, mint

STARTED = datetime(2026, 3, 1, 9, 30, tzinfo=timezone.utc)
UNTIL = STARTED + timedelta(hours=1)
EARLIER, LATER = STARTED - timedelta(days=3), STARTED - timedelta(days=2)


def entry(context: ScanContext = AT_BEAMLINE, beamline: str | None = "settings", **written: Any) -> Entry:
    producer = Producer(name="scifish", version="1", host="here")
    return Entry(mint(), STARTED, producer, context, beamline, written=ClientFields(**written))


def said(one: Entry) -> Message:
    """Return the entry's message, which must follow the contract."""
    return checked(one.message("update", 3).to_bytes())


def file(path: str, *, size: int = 1, time: datetime = STARTED) -> File:
    return File(path=path, size=size, time=time)


@pytest.mark.parametrize(
    ("pathfixers", "settings", "topic"),
    [
        ("bl01", "bl02", "bl01"),
        (None, "bl02", "bl02"),
        ("", "bl02", "bl02"),
        (None, None, "unknown"),
        ("B303 A/é", None, "b303-a--"),
        ("_-x", None, "x"),
        ("X-RAY", None, "x-ray"),
        ("--", None, "unknown"),
        ("x" * 70, None, "x" * 63),
    ],
)
def test_pathfixers_beamline_counts_before_the_settings(
    pathfixers: str | None, settings: str | None, topic: str
) -> None:
    assert said(entry(replace(AT_BEAMLINE, beamline=pathfixers), settings)).beamline == topic


def test_a_client_knows_the_times_of_an_old_acquisition_better_than_the_clock() -> None:
    own = entry(start_time=EARLIER, end_time=LATER)
    assert (said(own).dataset.start_time, said(own).dataset.end_time) == (EARLIER, None)
    ended = own.with_end(UNTIL, "normal")
    assert (said(ended).dataset.start_time, said(ended).dataset.end_time) == (EARLIER, LATER)
    plain = entry().with_end(UNTIL, "normal")
    assert (said(plain).dataset.start_time, said(plain).dataset.end_time) == (STARTED, UNTIL)


def test_the_status_counts_from_the_end_on() -> None:
    own = entry(environment=Environment(title="ascan", exit_status="stopped"))
    assert (said(own).environment.title, said(own).environment.exit_status) == ("ascan", None)
    assert said(own.with_end(UNTIL, "aborted")).environment.exit_status == "aborted"


def test_pids_differ_and_are_in_upper_case() -> None:
    pids = {mint_pid() for _ in range(10)}
    assert len(pids) == 10
    assert all(uuid.UUID(pid).version == 4 and pid == pid.upper() for pid in pids)


def test_an_unnamed_scan_is_named_by_its_start() -> None:
    assert said(entry()).dataset.dataset_name == "scan 2026-03-01T09:30:00.000Z"
    assert said(entry(name="mine")).dataset.dataset_name == "mine"


def test_a_message_says_what_the_entry_knows() -> None:
    reference = ConfigurationReference(name="x", revision=4)
    one = entry(replace(AT_BEAMLINE, configuration_reference=reference, problems=("of the beamline",)))
    message = one.message("start", 7)
    assert (message.event, message.sequence, message.pid) == ("start", 7, one.pid)
    assert (message.proposal, message.configuration) == (AT_BEAMLINE.proposal, reference)
    assert (message.dataset.source_folder, message.dataset.sample_id) == (AT_BEAMLINE.source_folder, "cell")
    assert message.producer == one.producer


def test_problems_are_said_once_whoever_says_them() -> None:
    one = entry(replace(AT_BEAMLINE, problems=("beamline", "twice")), problems=("client", "twice"))
    one = one.with_items(Items(problems=("item",))).with_end(UNTIL, "normal", ("end", "end"))
    problems = said(one).problems
    assert sorted(problems) == ["beamline", "client", "end", "item", "twice"]
    assert set(said(one.with_end(UNTIL, "normal", ("more",))).problems) == {*problems, "more"}


def test_a_later_item_takes_the_place_of_an_earlier_one_and_settles_its_problem() -> None:
    one = entry().with_items(Items({"g": {"a": 1, "b": 1}}, ("a is missing", "b is missing")))
    one = one.with_items(Items({"g": {"a": 2}}, (), settled=("a is missing",)))
    assert said(one).dataset.scientific_metadata == {"g": {"a": 2, "b": 1}}
    assert said(one).problems == ("b is missing",)
    one = one.with_items(Items({}, ("a is missing", "c is missing"), settled=()))
    assert one.items.settled == ("a is missing",)
    assert set(one.items.problems) == {"a is missing", "b is missing", "c is missing"}


def test_the_client_s_own_metadata_lie_over_the_items() -> None:
    one = entry(metadata={"g": {"a": "own"}, "h": {"value": 3}}).with_items(
        Items({"g": {"a": 1, "b": 2}, "h": {"value": 1, "unit": "mm"}})
    )
    assert said(one).dataset.scientific_metadata == {"g": {"a": "own", "b": 2}, "h": {"value": 3}}


def test_groups_are_joined_and_values_are_replaced() -> None:
    leaf = {"value": 1, "unit": "mm"}
    assert merged({"a": {"x": 1}}, {"a": {"y": 2}}) == {"a": {"x": 1, "y": 2}}
    assert merged({"a": leaf}, {"a": {"y": 2}}) == {"a": {"y": 2}}
    assert merged({"a": {"y": 2}}, {"a": leaf}) == {"a": leaf}
    under = {"a": {"x": 1}}
    merged(under, {"a": {"y": 2}, "b": 1})
    assert under == {"a": {"x": 1}}, "nothing that was given is changed"


def test_what_the_configuration_gives_fills_what_the_client_left_empty() -> None:
    configuration = Configuration.model_validate(
        {"name": "c", "dataset": {"description": "default", "dataFormat": "NeXus"}, "items": []}
    )
    context = replace(AT_BEAMLINE, configuration=configuration)
    message = said(entry(context, dataset={"description": "", "dataFormat": "HDF5", "sampleId": None}))
    assert (message.dataset.description, message.dataset.data_format) == ("default", "HDF5")
    assert message.dataset.sample_id == "cell"
    assert said(entry(context, dataset={"sampleId": "own"})).dataset.sample_id == "own"


def test_nothing_of_pathfixers_belongs_to_another_proposal() -> None:
    message = said(entry(proposal_id="20269999"))
    assert (message.proposal.id, message.proposal.visit, message.proposal.category) == (
        "20269999",
        None,
        None,
    )
    assert "given by the client" in (message.proposal.reason or "")
    assert (message.dataset.source_folder, message.dataset.sample_id) == (None, None)
    assert any("no sourceFolder" in problem for problem in message.problems)
    own = said(entry(proposal_id="20269999", source_folder="/data/own"))
    assert (own.dataset.source_folder, own.problems) == ("/data/own", ())
    same = said(entry(proposal_id=AT_BEAMLINE.proposal.id))
    assert (same.proposal, same.dataset.sample_id) == (AT_BEAMLINE.proposal, "cell")
    assert same.problems == ()


def test_what_is_not_said_yet_names_nobody() -> None:
    context = replace(AT_BEAMLINE, visit_folder="/data/visitors/bl01/20260001/2026030108")
    unnamed = said(entry(context, "settings").without_proposal())
    assert unnamed.proposal == ProposalReference(reason=NO_PROPOSAL_YET)
    assert (unnamed.dataset.source_folder, unnamed.dataset.sample_id, unnamed.beamline) == (
        None,
        None,
        "bl01",
    )
    assert entry(context).without_proposal().context.visit_folder is None
    named = entry(context, proposal_id="20269999")
    assert named.without_proposal() is named


def test_the_fields_of_the_client_are_those_it_has_now() -> None:
    one = entry(name="before")
    assert said(one.with_written(ClientFields(name="now"))).dataset.dataset_name == "now"
    assert said(one).dataset.dataset_name == "before"


def test_files_come_once_each_the_newer_one() -> None:
    one = entry(files=FileList(files=(file("/d/a", size=5, time=UNTIL), file("/d/b"))))
    one = one.with_arrived((file("/d/a", size=3), file("/d/c")))
    files = {found.path: found.size for found in said(one).dataset.files}
    assert files == {"/d/a": 5, "/d/b": 1, "/d/c": 1}


def test_files_that_come_one_after_the_other_are_all_there() -> None:
    one = entry().with_arrived((file("/d/a"),)).with_arrived((file("/d/b"),))
    assert [found.path for found in said(one).dataset.files] == ["/d/a", "/d/b"]


def test_an_awaited_file_is_a_problem_until_it_comes() -> None:
    one = entry().with_awaited(("/d/a",), UNTIL)
    assert "file /d/a was not there yet" in said(one).problems
    assert said(one.with_arrived((file("/d/a"),))).problems == said(entry()).problems


def test_a_proposal_without_a_folder_is_named() -> None:
    message = said(entry(proposal_id="20269999"))
    assert message.proposal.reason == "given by the client; visit and category are not known"
    [problem] = [one for one in message.problems if "sourceFolder" in one]
    assert problem.startswith("no sourceFolder: the client named proposal 20269999 without one")


def test_what_is_awaited_is_named_until_it_is_there_or_lost() -> None:
    one = entry(files=FileList(awaited=("/d/from-the-end-on",))).with_awaited(("/d/a", "/d/b", "/d/a"), UNTIL)
    awaited = {found.path: found.until for found in said(one).awaited}
    assert awaited == {"/d/a": UNTIL, "/d/b": UNTIL, "/d/from-the-end-on": None}
    later = one.with_awaited(("/d/c",), UNTIL + timedelta(hours=1))
    assert [(found.path, found.until) for found in said(later).awaited][:3] == [
        ("/d/a", UNTIL),
        ("/d/b", UNTIL),
        ("/d/c", UNTIL + timedelta(hours=1)),
    ]
    ended = one.with_end(UNTIL, "normal")
    assert {found.path for found in said(ended).awaited} == {"/d/a", "/d/b"}
    lost = (Absent("/d/b"), Absent("/d/b"))
    settled = ended.with_arrived((file("/d/a"),), lost)
    assert said(settled).awaited == ()
    assert said(settled).problems.count("file /d/b did not come") == 1
    assert said(ended.with_arrived((file("/d/a"),))).awaited[0].path == "/d/b"


def test_data_outside_the_visit_s_folder_are_named_and_relative_names_are_inside() -> None:
    context = replace(AT_BEAMLINE, visit_folder="/data/visitors/bl01/20260001/2026030108")
    one = entry(context).with_arrived((file("raw/relative.h5"),)).with_awaited(("also/relative.h5",), UNTIL)
    assert not any("lie" in problem for problem in said(one).problems)
    for lost in (
        entry(context, files=FileList(files=(file("/tmp/x.h5"),))),
        entry(context).with_arrived((file("/tmp/x.h5"),)),
        entry(context).with_awaited(("/tmp/x.h5",), UNTIL),
    ):
        assert any("1 of 1 file lies outside" in problem for problem in said(lost).problems)
    another = entry(context, proposal_id="20269999", source_folder="/data/own").with_awaited(
        ("/data/visitors/bl01/20260001/2026030108/raw/x.h5",), UNTIL
    )
    assert any("lie in the folder of proposal 20260001" in problem for problem in said(another).problems)
    for unknown in (replace(context, visit_folder=None), replace(context, proposal=ProposalReference())):
        assert not any(
            "outside" in problem for problem in said(entry(unknown, source_folder="/tmp")).problems
        )


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ({"category": "proprietary"}, "its category is proprietary, says the client"),
        ({"category": "in"}, "its category is in, says the client"),
        ({"proposal_id": "IN-1"}, "code IN"),
        ({"source_folder": "/data/proprietary/x"}, "the folder"),
        ({"files": FileList(files=(File(path="/data/proprietary/x/y", size=1, time=STARTED),))}, "the file"),
        ({"files": FileList(awaited=("/data/proprietary/x/y",))}, "the file"),
    ],
)
def test_whatever_the_client_says_can_make_it_proprietary(written: dict[str, Any], reason: str) -> None:
    assert reason in (entry(**written).proprietary() or "")


def test_whatever_else_is_known_can_make_it_proprietary() -> None:
    path = "/data/proprietary/x/y"
    assert entry().proprietary() is None
    assert entry(category="visitors").proprietary() is None
    assert entry().with_awaited((path,), UNTIL).proprietary()
    assert entry().with_arrived((file(path),)).proprietary()
    theirs = replace(AT_BEAMLINE, proposal=ProposalReference(id="1", category="proprietary"))
    assert entry(theirs, proposal_id="20269999", source_folder="/data/own").proprietary()
    folder = replace(AT_BEAMLINE, source_folder="/data/proprietary/x")
    assert entry(folder, proposal_id="20269999", source_folder="/data/own").proprietary()
