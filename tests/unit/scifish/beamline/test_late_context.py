"""PathFixer or SciDog answers when the scan has begun: what joins, what is sent, what is withdrawn."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from scifish import SciFish
from scifish.beamline.static_context import StaticContext
from scifish.contract.configuration import Configuration, Item
from scifish.contract.message import ConfigurationReference, Message, ProposalReference
from scifish.outbox.outbox import Outbox
from scifish.ports import Items, Late, ScanContext
from scifish.runtime import close_runtimes, runtime
from scifish.settings.model import SciFishSettings
from scizoo.facility.processes import wait_until
from support.scifish.recorder import AT_BEAMLINE, Readings, checked, written, written_after_close

SILENCE = "PathFixer b303a/ctl/sdm-01 did not answer within 500 ms"
UNKNOWN = ScanContext(proposal=ProposalReference(reason=SILENCE), problems=(SILENCE,), awaited=True)
CONFIGURATION = Configuration(
    name="late", revision=3, items=(Item(attribute="a/b/c/x", name="x"), Item(attribute="a/b/c/y", name="y"))
)
WITH_ITEMS = replace(
    AT_BEAMLINE,
    configuration=CONFIGURATION,
    configuration_reference=ConfigurationReference(name="late", revision=3),
)
PROPRIETARY = replace(
    AT_BEAMLINE, proposal=ProposalReference(id="20260009", visit="2026030108", category="proprietary")
)


class Answers(StaticContext):
    """A beamline whose first word is `early`; `late` gives another one to the scan that runs."""

    def __init__(self, early: ScanContext) -> None:
        super().__init__(early)
        self.late: Callable[[ScanContext], None] = lambda _: None

    def current(self, on_late: Late | None = None) -> ScanContext:
        self.late = on_late or self.late
        return super().current()


@pytest.fixture
def answers(settings: SciFishSettings) -> Answers:
    found = Answers(UNKNOWN)
    runtime(settings).use(context=found)
    return found


def state(settings: SciFishSettings) -> Message:
    """Return the entry that is open, as it is on the disk."""
    [(body, _)] = Outbox(settings.outbox.path).open_entries()
    return checked(body)


def test_an_answer_joins_the_scan_that_runs_and_its_problem_is_withdrawn(
    settings: SciFishSettings, answers: Answers
) -> None:
    fish = SciFish(settings=settings)
    fish.start_scan("x")
    assert (state(settings).beamline, state(settings).problems) == ("unknown", (SILENCE,))
    answers.late(AT_BEAMLINE)
    assert state(settings).beamline == "bl01"
    assert fish.scicat_data.proposalId == "20260001"
    assert fish.scicat_data.sourceFolder == AT_BEAMLINE.source_folder
    fish.end_scan()
    [end] = written_after_close(settings)
    assert (end.event, end.beamline, end.proposal) == ("end", "bl01", AT_BEAMLINE.proposal)
    assert (end.dataset.source_folder, end.dataset.sample_id) == (AT_BEAMLINE.source_folder, "cell")
    assert end.problems == ()


def test_an_answer_that_comes_before_the_entry_is_written_counts(
    settings: SciFishSettings, answers: Answers
) -> None:
    class Reads(Readings):
        def begin(self, configuration: Configuration, on_late: Callable[[Items], None]) -> Items:
            answers.late(AT_BEAMLINE)
            return super().begin(configuration, on_late)

    runtime(settings).use(context=Answers(replace(WITH_ITEMS, proposal=UNKNOWN.proposal)), snapshot=Reads())
    answers = runtime(settings).context(None)  # type: ignore[assignment]
    fish = SciFish(settings=settings, proposal_follows=False)
    fish.start_scan("x")
    assert state(settings).proposal == AT_BEAMLINE.proposal
    fish.end_scan()


def test_a_start_waits_for_the_answer_and_goes_to_its_beamline(
    settings: SciFishSettings, answers: Answers
) -> None:
    fish = SciFish(settings=settings)
    fish.start_scan("x")
    fish.send_start()
    assert written(settings) == []
    answers.late(AT_BEAMLINE)
    [start] = written(settings)
    assert (start.event, start.sequence, start.beamline) == ("start", 0, "bl01")
    fish.end_scan()
    assert [(one.event, one.beamline) for one in written_after_close(settings)] == [
        ("start", "bl01"),
        ("end", "bl01"),
    ]


def test_a_start_goes_when_the_answer_is_an_error(settings: SciFishSettings, answers: Answers) -> None:
    fish = SciFish(settings=settings)
    fish.start_scan("x")
    fish.send_start()
    failed = "PathFixer b303a/ctl/sdm-01: device cannot be reached"
    answers.late(ScanContext(proposal=ProposalReference(reason=failed), problems=(failed,)))
    [start] = written(settings)
    assert (start.beamline, start.problems) == ("unknown", (failed,))
    fish.end_scan()


def test_a_scan_of_which_nothing_is_known_is_sent_at_its_end(
    settings: SciFishSettings, answers: Answers
) -> None:
    runtime(settings).use(context=Answers(replace(UNKNOWN, silent=True)))
    fish = SciFish(settings=settings)
    fish.start_scan("x")
    fish.send_start()
    fish.end_scan()
    [end] = written_after_close(settings)
    assert (end.event, end.sequence, end.beamline, end.problems) == ("end", 0, "unknown", (SILENCE,))


def test_the_end_waits_for_the_answer_of_a_short_scan(settings: SciFishSettings, answers: Answers) -> None:
    patient = settings.model_copy(update={"context_timeout": 10.0})
    runtime(patient).use(context=answers)
    fish = SciFish(settings=patient)
    fish.start_scan("x")
    ending = threading.Thread(target=fish.end_scan)
    ending.start()
    answers.late(AT_BEAMLINE)
    ending.join(30)
    [end] = written_after_close(patient)
    assert (end.event, end.beamline) == ("end", "bl01")


def test_an_answer_after_the_end_changes_nothing(settings: SciFishSettings, answers: Answers) -> None:
    quick = settings.model_copy(update={"context_timeout": 0.01})
    runtime(quick).use(context=answers)
    fish = SciFish(settings=quick)
    fish.start_scan("x")
    first, late = fish.pid, answers.late
    fish.end_scan()
    fish.start_scan("y")
    late(AT_BEAMLINE)
    assert fish.scicat_data.proposalId is None
    fish.end_scan()
    close_runtimes()
    assert [(one.pid == first, one.event, one.beamline) for one in written(quick)] == [
        (True, "end", "unknown"),
        (False, "end", "unknown"),
    ]


def test_a_late_answer_that_is_proprietary_removes_the_entry(
    settings: SciFishSettings, answers: Answers, caplog: pytest.LogCaptureFixture
) -> None:
    fish = SciFish(settings=settings)
    fish.start_scan("x")
    fish.send_start()
    answers.late(PROPRIETARY)
    assert fish.refused == "proposal 20260009 has the category proprietary"
    assert "the scan is not recorded: proposal 20260009 has the category proprietary" in caplog.text
    outbox = Outbox(settings.outbox.path)
    assert (outbox.open_entries(), outbox.messages()) == ([], [])
    fish.end_scan()
    assert written_after_close(settings) == []


def test_a_clients_own_proposal_and_folder_stay(settings: SciFishSettings, answers: Answers) -> None:
    fish = SciFish(settings=settings)
    fish.start_scan("x")
    fish.scicat_data.proposalId, fish.scicat_data.sourceFolder = "20260002", "/data/own"
    answers.late(AT_BEAMLINE)
    fish.end_scan()
    [end] = written_after_close(settings)
    assert (end.proposal.id, end.dataset.source_folder) == ("20260002", "/data/own")


def test_an_answer_confirms_or_corrects_what_was_known(settings: SciFishSettings, answers: Answers) -> None:
    stale = replace(
        AT_BEAMLINE, proposal=ProposalReference(id="20260002", reason=SILENCE), problems=(SILENCE,)
    )
    runtime(settings).use(context=Answers(stale))
    answers = runtime(settings).context(None)  # type: ignore[assignment]
    fish = SciFish(settings=settings)
    fish.start_scan("x")
    fish.send_start()
    answers.late(AT_BEAMLINE)
    fish.end_scan()
    start, update, end = written_after_close(settings)
    assert [one.proposal.id for one in (start, update, end)] == ["20260002", "20260001", "20260001"]
    assert (start.problems, update.problems, end.problems) == ((SILENCE,), (), ())


def test_a_configuration_that_comes_late_has_its_items_read(
    settings: SciFishSettings, answers: Answers
) -> None:
    found = Items({"x": {"value": 1, "unit": "mm"}, "y": {"value": 2, "unit": "mm"}})
    runtime(settings).use(snapshot=Readings(found))
    fish = SciFish(settings=settings)
    fish.start_scan("x")
    answers.late(WITH_ITEMS)
    wait_until(lambda: state(settings).dataset.scientific_metadata == found.metadata, "the items join", 30)
    fish.end_scan()
    [end] = written_after_close(settings)
    assert (end.configuration.name, end.configuration.revision) == ("late", 3)
    assert (end.dataset.scientific_metadata, end.problems) == (found.metadata, ())


def test_items_that_were_not_read_before_the_end_say_why(settings: SciFishSettings, answers: Answers) -> None:
    class Hangs(Readings):
        def begin(self, configuration: Configuration, on_late: Callable[[Items], None]) -> Items:
            assert ended.wait(30)
            return Items({"x": {"value": 99, "unit": "mm"}})

    ended = threading.Event()
    runtime(settings).use(snapshot=Hangs())
    fish = SciFish(settings=settings)
    fish.start_scan("x")
    answers.late(WITH_ITEMS)
    fish.end_scan()
    ended.set()
    [end] = written_after_close(settings)
    reason = "the items of configuration late, revision 3, were not read: SciDog answered too late"
    missing = {"value": None, "unit": "", "error": reason}
    assert end.dataset.scientific_metadata == {"x": missing, "y": missing}
    assert end.problems == (reason,)


def test_a_newer_configuration_does_not_claim_items_that_were_read_for_another(
    settings: SciFishSettings, answers: Answers
) -> None:
    runtime(settings).use(
        context=Answers(WITH_ITEMS), snapshot=Readings(Items({"x": {"value": 1, "unit": ""}}))
    )
    answers = runtime(settings).context(None)  # type: ignore[assignment]
    fish = SciFish(settings=settings)
    fish.start_scan("x")
    newer = CONFIGURATION.model_copy(update={"revision": 4})
    answers.late(
        replace(
            WITH_ITEMS,
            configuration=newer,
            configuration_reference=ConfigurationReference(name="late", revision=4),
        )
    )
    fish.end_scan()
    [end] = written_after_close(settings)
    assert end.configuration.revision == 3
    assert end.problems == (
        "the items are those of configuration late, revision 3: "
        "SciDog's newer answer came when they had been read",
    )
