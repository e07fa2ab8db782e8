"""One recording, without a client: what reaches the sink of what comes late, and nothing after a refusal."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from scifish.common.clock import utcnow
from scifish.contract.message import File, Message, Producer, ProposalReference
from scifish.errors import ProprietaryError
from scifish.fields import DatasetFields, EnvironmentFields
from scifish.files.file_list import Absent
from scifish.files.file_watch import FileWatch
from scifish.ports import Items, ScanContext
from scifish.scan.entry import NO_PROPOSAL_YET, Entry
from scifish.scan.recording import Recording
from scifish.settings.model import FilesSettings
from scifish.sink import Sink
from support.scifish.recorder import AT_BEAMLINE, mint

Arrived = Callable[[tuple[File, ...], tuple[Absent, ...]], None]
PROPRIETARY_FILE = "/data/proprietary/bl01/1/x.h5"
LATE = Items({"late": 1}, settled=("late is missing",))
END = Items({"end": 2})


class Recorded(Sink):
    """Keeps what it is given; `everything` is in the order that it came."""

    def __init__(self) -> None:
        self.opened: list[Message] = []
        self.sent: list[Message] = []
        self.forgotten: list[str] = []
        self.on_disk = True

    @property
    def everything(self) -> int:
        return len(self.opened) + len(self.sent)

    def open(self, state: Message, *, wait: bool = True) -> bool:
        self.opened.append(state)
        return True

    def put(self, messages: Sequence[Message], *, wait: bool = True) -> bool:
        self.sent += messages
        return True

    def forget(self, pid: str) -> bool:
        self.forgotten.append(pid)
        return True

    def kept(self, pid: str, *, wait: bool = False) -> bool:
        return self.on_disk


class Files(FileWatch):
    """Looks for no file; a test says when one comes."""

    limit = utcnow() + timedelta(hours=1)

    def __init__(self) -> None:
        super().__init__(FilesSettings())
        self.expected: list[tuple[str, ...]] = []
        self.arrived: Arrived = lambda files, absent: None

    def until(self) -> datetime:
        return self.limit

    def expect(self, paths: Iterable[str], arrived: Arrived, until: datetime) -> None:
        assert until == self.limit
        self.expected.append(tuple(paths))
        self.arrived = arrived


@pytest.fixture
def sink() -> Recorded:
    return Recorded()


@pytest.fixture
def files() -> Files:
    return Files()


@pytest.fixture
def dataset() -> DatasetFields:
    return DatasetFields(EnvironmentFields())


@pytest.fixture
def recording(sink: Recorded, files: Files, dataset: DatasetFields) -> Recording:
    return made(sink, files, dataset)


def made(
    sink: Recorded, files: Files, dataset: DatasetFields, context: ScanContext = AT_BEAMLINE
) -> Recording:
    entry = Entry(mint(), utcnow(), Producer(name="scifish", version="1", host="here"), context)
    return Recording(entry, dataset, EnvironmentFields(), sink, files)


def test_late_items_are_on_the_disk_before_the_scan_is_visible(recording: Recording, sink: Recorded) -> None:
    """Should the process be killed now, they are in the end that another process makes."""
    recording.open()
    recording.add_items(Items({"begin": 1}, ("late is missing",)))
    recording.add_late_items(LATE)
    assert sink.sent == []
    assert sink.opened[-1].dataset.scientific_metadata == {"begin": 1, "late": 1}
    assert sink.opened[-1].problems == ()
    assert [state.event for state in sink.opened] == ["start"] * 3


def test_late_items_are_sent_when_the_scan_is_visible(recording: Recording, sink: Recorded) -> None:
    recording.open()
    recording.send_start()
    recording.add_late_items(LATE)
    recording.end(None)
    recording.add_end_items(END)
    assert [(one.event, one.sequence) for one in sink.sent] == [
        ("start", 0),
        ("update", 1),
        ("end", 2),
        ("update", 3),
    ]
    assert sink.sent[1].dataset.scientific_metadata == {"late": 1}
    assert sink.sent[3].dataset.scientific_metadata == {"late": 1, "end": 2}
    assert len(sink.opened) == 1


def test_what_came_late_is_newer_than_what_was_read_at_the_begin(recording: Recording) -> None:
    recording.add_late_items(Items({"x": "late"}))
    recording.add_items(Items({"x": "begin", "y": "begin"}))
    assert recording.message("update").dataset.scientific_metadata == {"x": "late", "y": "begin"}


def test_after_the_end_only_the_end_s_items_join(recording: Recording, sink: Recorded) -> None:
    recording.open()
    recording.end("stopped", ("why",))
    recording.end("normal")
    recording.add_items(Items({"begin": 1}))
    recording.add_late_items(LATE)
    recording.send_start()
    recording.open()
    assert [(one.event, one.environment.exit_status, one.problems) for one in sink.sent] == [
        ("end", "stopped", ("why",))
    ]
    assert len(sink.opened) == 1
    recording.add_end_items(END)
    assert sink.sent[-1].dataset.scientific_metadata == {"end": 2}
    assert sink.sent[-1].environment.exit_status == "stopped"


REFUSALS: dict[str, Callable[[Recording], object]] = {
    "late items": lambda recording: recording.add_late_items(LATE),
    "end items": lambda recording: recording.add_end_items(END),
    "begin items": lambda recording: recording.add_items(END),
    "start": lambda recording: recording.send_start(),
    "open": lambda recording: recording.open(),
    "end": lambda recording: recording.end("normal"),
    "expected files": lambda recording: recording.expect(("/data/x",)),
    "a late context": lambda recording: recording.join_context(replace(AT_BEAMLINE, sample="b")),
    "fields": lambda recording: recording.write_down(),
}


@pytest.mark.parametrize("when", ["kept", "visible", "ended"])
@pytest.mark.parametrize("what", REFUSALS)
def test_nothing_of_a_refused_scan_is_written_again(when: str, what: str) -> None:
    sink, files, dataset = Recorded(), Files(), DatasetFields(EnvironmentFields())
    recording = made(sink, files, dataset)
    recording.open()
    recording.expect(("/data/awaited",))
    if when != "kept":
        recording.send_start()
    if when == "ended":
        recording.end("normal")
        files.expected.clear()
        with pytest.raises(ProprietaryError, match="proprietary folder"):
            recording.expect((PROPRIETARY_FILE,))
    else:
        files.expected.clear()
        dataset.proposalId = "IN-1"
        with pytest.raises(ProprietaryError, match="code IN"):
            recording.refuse_proprietary()
    before = sink.everything
    recording.refuse_proprietary()
    dataset.description = "changed"
    REFUSALS[what](recording)
    files.arrived((File(path="/data/awaited", size=1, time=utcnow()),), ())
    assert sink.everything == before
    assert sink.forgotten == [recording.pid], "deleted once"
    assert files.expected == []
    assert recording.refused
    sink.on_disk = False
    assert recording.kept, "there is nothing to keep"


def test_files_join_when_they_come_and_are_sent(recording: Recording, sink: Recorded, files: Files) -> None:
    recording.open()
    recording.expect(("/data/a", "/data/b"))
    recording.expect(())
    assert files.expected == [("/data/a", "/data/b")]
    assert [one.path for one in sink.opened[-1].awaited] == ["/data/a", "/data/b"]
    recording.end(None)
    files.arrived((File(path="/data/a", size=1, time=utcnow()),), (Absent("/data/b"),))
    assert [one.event for one in sink.sent] == ["end", "update"]
    assert [one.path for one in sink.sent[-1].dataset.files] == ["/data/a"]
    assert sink.sent[-1].problems == ("file /data/b did not come",)
    recording.expect(("/data/c",))
    assert [one.path for one in sink.sent[-1].awaited] == ["/data/c"]
    assert sink.sent[-1].event == "update"


def test_files_named_without_size_are_awaited_from_the_end_on(
    recording: Recording, dataset: DatasetFields, files: Files, sink: Recorded
) -> None:
    dataset.files = ["relative/a.h5"]
    recording.open()
    assert files.expected == []
    recording.end(None)
    assert files.expected == [("relative/a.h5",)]
    assert [(one.path, one.until is not None) for one in sink.sent[-1].awaited] == [("relative/a.h5", True)]


def test_a_second_start_is_an_update(recording: Recording, sink: Recorded) -> None:
    recording.open()
    recording.send_start()
    recording.send_start()
    assert [one.event for one in sink.sent] == ["start", "update"]


def test_nothing_is_kept_of_a_recording_that_was_not_opened(recording: Recording, sink: Recorded) -> None:
    recording.add_items(Items({"x": 1}))
    recording.add_late_items(LATE)
    assert sink.everything == 0
    said = [recording.kept]
    recording.end(None)
    said.append(recording.kept)
    sink.on_disk = False
    assert [*said, recording.kept] == [False, True, False]


def test_a_start_waits_for_pathfixer_and_goes_once(
    sink: Recorded, files: Files, dataset: DatasetFields
) -> None:
    recording = made(sink, files, dataset, ScanContext(awaited=True))
    recording.open()
    recording.send_start()
    assert sink.sent == []
    assert recording.join_context(ScanContext(awaited=True, beamline="bl01"))
    assert sink.sent == []
    unread = Items({"unread": {"value": None, "error": "not read"}})
    assert recording.join_context(AT_BEAMLINE, unread)
    assert [(one.event, one.beamline) for one in sink.sent] == [("start", "bl01")]
    assert recording.join_context(replace(AT_BEAMLINE, sample="b"))
    assert [one.event for one in sink.sent] == ["start", "update"]
    assert sink.sent[-1].dataset.sample_id == "b"
    recording.end(None)
    assert sink.sent[-1].dataset.scientific_metadata == unread.metadata
    assert not recording.join_context(AT_BEAMLINE)


def test_the_items_of_a_late_configuration_are_not_said_to_be_unread_when_they_were_read(
    recording: Recording, sink: Recorded
) -> None:
    recording.join_context(AT_BEAMLINE, Items({"x": {"value": None, "error": "not read"}}))
    recording.add_items(Items({"x": 5}))
    recording.end(None)
    assert sink.sent[-1].dataset.scientific_metadata == {"x": 5}


def test_a_client_that_ended_has_said_whose_scan_it_is(
    sink: Recorded, files: Files, dataset: DatasetFields
) -> None:
    for by_client, proposal in (
        (True, AT_BEAMLINE.proposal),
        (False, ProposalReference(reason=NO_PROPOSAL_YET)),
    ):
        entry = Entry(mint(), utcnow(), Producer(name="scifish", version="1", host="here"), AT_BEAMLINE)
        follows = Recording(entry, dataset, EnvironmentFields(), sink, files, proposal_follows=True)
        follows.open()
        assert sink.opened[-1].proposal.reason == NO_PROPOSAL_YET
        follows.end(None, by_client=by_client)
        assert sink.sent[-1].proposal == proposal


def test_in_a_child_of_a_fork_nothing_reaches_the_parents_sink(recording: Recording, sink: Recorded) -> None:
    recording.open()
    recording.leave_to_parent()
    assert recording.ended
    recording.add_late_items(LATE)
    recording.end(None)
    recording.send_start()
    assert (sink.everything, recording.ended) == (1, True)
