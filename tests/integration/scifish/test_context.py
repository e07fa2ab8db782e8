"""The context from a real PathFixer and SciDog: followed, frozen, killed, and not there at all."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import tango

from scifish.beamline.context import TangoContext
from scifish.contract.configuration import Configuration
from scifish.ports import ScanContext
from scizoo.facility.processes import wait_until
from support.clock import SLOW
from support.sdm.offices import BEAMLINE
from support.tango.beamline import freeze
from support.tango.servers import TangoServer

TIMEOUT = 0.3


@pytest.fixture
def context(pathfixer: TangoServer, scidog: TangoServer) -> Iterator[TangoContext]:
    pathfixer.proxy.Proposal = "20260001"
    found = TangoContext(timeout=TIMEOUT)
    yield found
    found.close()


@contextmanager
def frozen(server: TangoServer) -> Iterator[None]:
    freeze(server.child)
    try:
        yield
    finally:
        os.kill(server.child.pid, signal.SIGCONT)


def timed(context: TangoContext) -> tuple[float, ScanContext]:
    begin = time.monotonic()
    found = context.current()
    return time.monotonic() - begin, found


def settled(context: TangoContext) -> ScanContext:
    """Return the context once both devices have answered in time: the machine may be busy."""
    wait_until(lambda: not context.current().proposal.reason, "PathFixer answers in time", 30)
    return context.current()


def test_devices_are_found_by_class_and_followed(
    context: TangoContext, pathfixer: TangoServer, scidog: TangoServer
) -> None:
    pathfixer.proxy.Proposal = "20260001"
    scidog.proxy.Save(Configuration(name="first").model_dump_json())
    scidog.proxy.Activate("first")
    found = settled(context)
    assert (found.beamline, found.proposal.id) == (BEAMLINE, "20260001")
    assert found.source_folder == pathfixer.proxy.SamplePath
    assert f"{found.visit_folder}/raw" == pathfixer.proxy.Path
    assert found.configuration_reference.name == "first"
    for number in range(5):
        pathfixer.proxy.Sample = f"sample{number}"
        assert context.current().sample == f"sample{number}"
    pathfixer.proxy.Sample = ""


def test_a_frozen_pathfixer_costs_the_deadline_once_and_its_last_word_is_used(
    context: TangoContext, pathfixer: TangoServer
) -> None:
    pathfixer.proxy.Proposal = "20260002"
    assert settled(context).proposal.id == "20260002"
    with frozen(pathfixer):
        first, found = timed(context)
        assert found.proposal.id == "20260002"
        assert f"PathFixer {pathfixer.device} did not answer within 300 ms; what it said at " in (
            found.proposal.reason or ""
        )
        assert first < TIMEOUT * SLOW
        again = [timed(context) for _ in range(5)]
        assert {found.proposal.id for _, found in again} == {"20260002"}
        assert min(took for took, _ in again) < TIMEOUT * 0.9  # of five, as the machine may be busy
    settled(context)


def test_a_change_is_heard_while_nobody_asks(context: TangoContext, pathfixer: TangoServer) -> None:
    settled(context)

    def heard(sample: str) -> bool:
        pathfixer.proxy.Sample = sample
        with frozen(pathfixer):
            return context.current().sample == sample

    names = iter(f"unasked{number}" for number in range(100))
    wait_until(lambda: heard(next(names)), "the event of a change has come", 30)
    pathfixer.proxy.Sample = ""


def test_a_frozen_pathfixer_at_first_contact(pathfixer: TangoServer, scidog: TangoServer) -> None:
    with frozen(pathfixer):
        context = TangoContext(timeout=TIMEOUT)
        took, found = timed(context)
        assert took < TIMEOUT * SLOW
        assert found.proposal.reason == f"PathFixer {pathfixer.device} did not answer within 300 ms"
        assert scidog.device not in " ".join(found.problems)
        context.close()


def test_an_answer_after_the_deadline_is_told(pathfixer: TangoServer, scidog: TangoServer) -> None:
    pathfixer.proxy.Proposal = "20260001"
    context = TangoContext(timeout=TIMEOUT)
    late: list[ScanContext] = []
    with frozen(pathfixer):
        found = context.current(late.append)
        assert (found.proposal.id, found.awaited, found.silent) == (None, True, False)
        found = context.current()
        assert (found.awaited, found.silent) == (True, True)
        assert f"PathFixer {pathfixer.device} has not answered since " in (found.proposal.reason or "")
    wait_until(lambda: bool(late), "the late answer comes", 30)
    assert (late[-1].proposal.id, late[-1].beamline, late[-1].awaited) == ("20260001", BEAMLINE, False)
    assert late[-1].proposal.reason is None
    context.close()


def test_a_killed_pathfixer_comes_back(context: TangoContext, pathfixer: TangoServer) -> None:
    settled(context)
    pathfixer.child.kill()
    reason = context.current().proposal.reason or ""
    assert reason.startswith(f"PathFixer {pathfixer.device}")
    assert "is used" in reason
    pathfixer.start()
    settled(context)


def test_two_devices_of_a_class_must_be_named(
    context: TangoContext, pathfixer: TangoServer, tango_host: str
) -> None:
    info = tango.DbDevInfo()
    info.server, info._class, info.name = "PathFixer/other", "PathFixer", "context/ctl/other"
    tango.Database().add_device(info)
    try:
        unnamed = TangoContext(timeout=5)
        assert "there are several devices of class PathFixer" in (unnamed.current().proposal.reason or "")
        named = TangoContext(pathfixer.device, timeout=5)
        assert named.current().beamline == BEAMLINE
        unnamed.close()
        named.close()
    finally:
        tango.Database().delete_server("PathFixer/other")


def test_a_device_that_is_not_registered(tango_host: str) -> None:
    context = TangoContext("no/such/pathfixer", "no/such/scidog", timeout=5)
    found = context.current()
    assert found.proposal.reason == "PathFixer no/such/pathfixer: device is not in the Tango database"
    assert (
        found.configuration_reference.reason == "SciDog no/such/scidog: device is not in the Tango database"
    )
    context.close()
