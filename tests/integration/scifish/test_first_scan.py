"""The first scan of a process knows its proposal, also where importing Tango takes a second."""

import os
import signal
from pathlib import Path

import pytest

from scifish.contract.configuration import Configuration
from scifish.contract.message import Message
from scifish.outbox.outbox import Outbox
from scizoo.facility.tango import TangoDatabase
from support.scifish.first_scan import busy, first_scan
from support.scifish.recorder import checked
from support.sdm.offices import BEAMLINE
from support.tango.beamline import freeze
from support.tango.servers import TangoServer


@pytest.fixture
def chain(pathfixer: TangoServer, scidog: TangoServer) -> str:
    """Set a proposal and a configuration; return the path where scans go."""
    pathfixer.proxy.Proposal = "20260001"
    scidog.proxy.Save(Configuration(name="first").model_dump_json())
    scidog.proxy.Activate("first")
    return str(pathfixer.proxy.SamplePath)


def recorded(outbox: Path) -> list[Message]:
    return [checked(stored.body) for stored in Outbox(outbox).messages(limit=10_000)]


@pytest.mark.parametrize("name", ["", "context/ctl/PathFixer", "tango://{host}/context/ctl/PathFixer"])
def test_a_database_that_hangs_is_blamed_and_costs_its_time_only(
    chain: str, database: TangoDatabase, tmp_path: Path, name: str
) -> None:
    freeze(database.child)
    try:
        took = first_scan(
            database.host, tmp_path / "outbox.sqlite", pathfixer=name.format(host=database.host)
        )
    finally:
        os.kill(database.child.pid, signal.SIGCONT)
    [end] = recorded(tmp_path / "outbox.sqlite")
    assert end.problems == (f"the Tango database {database.host} did not answer within 500 ms",)
    assert end.beamline == "unknown"
    assert took.end < 10  # not what Tango itself waits for a database that hangs


def test_the_first_scan_of_a_process_under_load(chain: str, tango_host: str, tmp_path: Path) -> None:
    outbox, scans = tmp_path / "outbox.sqlite", 10
    with busy(tmp_path):
        for _ in range(scans):
            first_scan(tango_host, outbox)
    ends = recorded(outbox)
    assert len(ends) == scans
    for end in ends:
        found = (end.beamline, end.proposal.id, end.dataset.source_folder, end.configuration.name)
        assert found == (BEAMLINE, "20260001", chain, "first"), end.problems
        assert end.problems == ()
