"""What a recording counts and keeps by itself, without a client."""

from collections.abc import Sequence
from dataclasses import replace

from scifish.common.clock import utcnow
from scifish.contract.configuration import Configuration, Item
from scifish.contract.message import ConfigurationReference, Message, Producer, ProposalReference
from scifish.fields import DatasetFields, EnvironmentFields
from scifish.files.file_watch import FileWatch
from scifish.ports import Items, ScanContext
from scifish.scan.entry import NO_PROPOSAL_YET, Entry
from scifish.scan.recording import Recording
from scifish.settings.model import FilesSettings
from scifish.sink import Sink
from scifish.snapshot.attributes import LATER
from scifish.snapshot.item_counts import Tally
from support.scifish.recorder import AT_BEAMLINE, mint

ONE = Configuration(name="one", revision=1, items=(Item(attribute="a/b/c/x", name="x"),))
TWICE = Configuration(name="two", revision=1, items=(Item(attribute="a/b/c/x", name="x", when="both"),))
NOTHING = ScanContext(
    proposal=ProposalReference(reason="no proposal is set"),
    configuration_reference=ConfigurationReference(reason="SciDog does not answer"),
    problems=("SciDog does not answer", "a cable is loose"),
)


class Kept(Sink):
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.opened: list[Message] = []
        self.sent: list[Message] = []

    def open(self, state: Message, *, wait: bool = True) -> bool:
        self.opened.append(state)
        return True

    def put(self, messages: Sequence[Message], *, wait: bool = True) -> bool:
        self.sent += messages
        return True


def recording(
    context: ScanContext = AT_BEAMLINE, sink: Kept | None = None, environment: EnvironmentFields | None = None
) -> Recording:
    entry = Entry(mint(), utcnow(), Producer(name="scifish", version="1", host="here"), context)
    environment = environment or EnvironmentFields()
    dataset = DatasetFields(environment)
    return Recording(entry, dataset, environment, sink or Kept(), FileWatch(FilesSettings()))


def test_items_and_the_clients_own_metadata_are_counted() -> None:
    context = replace(AT_BEAMLINE, configuration=ONE)
    environment = EnvironmentFields()
    entry = Entry(mint(), utcnow(), Producer(name="scifish", version="1", host="here"), context)
    dataset = DatasetFields(environment)
    dataset.scientificMetadata["oven"] = {"temperature": {"value": 295.0, "unit": "K"}}
    scan = Recording(entry, dataset, environment, Kept(), FileWatch(FilesSettings()))
    scan.add_items(Items({"x": {"value": 1}, "x_end": {"value": 2}}))
    assert scan.tally() == Tally(recorded=3)


def test_an_item_that_is_read_twice_counts_when_both_values_are_there() -> None:
    scan = recording(replace(AT_BEAMLINE, configuration=TWICE))
    scan.add_items(Items({"x": {"value": 1}, "x_end": {"value": None, "error": LATER}}))
    assert scan.tally() == Tally(recorded=0, awaited=1)
    scan.add_end_items(Items({"x_end": {"value": 2}}))
    assert scan.tally() == Tally(recorded=1)


def test_what_is_wrong_is_named_once_and_the_missing_configuration_by_its_reason() -> None:
    assert recording(NOTHING).tally() == Tally(
        reason="SciDog does not answer", problems=("no proposal is set", "a cable is loose")
    )
    known = replace(
        NOTHING,
        configuration=ONE,
        configuration_reference=ConfigurationReference(name="one", reason="an old answer"),
    )
    assert recording(known).tally().reason is None
    named = replace(NOTHING, proposal=ProposalReference(id="20260001", reason="an old answer"))
    assert recording(named).tally().problems == ("a cable is loose",)


def test_without_another_word_the_proposal_is_pathfixers() -> None:
    sink = Kept()
    recording(sink=sink).open()
    assert sink.opened[-1].proposal == AT_BEAMLINE.proposal


def test_a_client_that_ends_its_scan_leaves_the_proposal_to_pathfixer() -> None:
    sink = Kept()
    entry = Entry(mint(), utcnow(), Producer(name="scifish", version="1", host="here"), AT_BEAMLINE)
    environment = EnvironmentFields()
    dataset, files = DatasetFields(environment), FileWatch(FilesSettings())
    scan = Recording(entry, dataset, environment, sink, files, proposal_follows=True)
    scan.open()
    assert sink.opened[-1].proposal.reason == NO_PROPOSAL_YET
    scan.end(None)
    assert sink.sent[-1].proposal == AT_BEAMLINE.proposal


def test_the_exit_status_that_the_client_has_set_counts() -> None:
    sink, environment = Kept(), EnvironmentFields()
    environment.exitStatus = "stopped"
    scan = recording(sink=sink, environment=environment)
    scan.end(None)
    assert sink.sent[-1].environment.exit_status == "stopped"


def test_fields_that_are_on_the_disk_are_not_written_again() -> None:
    sink = Kept()
    scan = recording(sink=sink)
    scan.open()
    assert scan.write_down()
    assert len(sink.opened) == 1
    scan.send_start()
    assert scan.write_down()
    assert (len(sink.opened), len(sink.sent)) == (1, 1)
