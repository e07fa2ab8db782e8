"""What waits while SciCow is away goes to the catalogue as one change for each scan, from both sources."""

import json

import pytest

from scicow.scicat.client import ScicatClient
from scifish.contract.message import Message
from scifish.outbox.outbox import Outbox
from scizoo.facility.processes import wait_until
from support.scicow.ingest import BEAMLINE, BEGIN, message, new_pid, scan, seen
from support.scicow.process import ScicowProcess
from support.scicow.run import Site, catalogued, command

SMALL = {"body_limit": 100_000}
WORKERS = {"concurrency": 1, "grace": 10}


def with_a_guilty_one(pid: str) -> list[Message]:
    """Return a scan whose second message of four is larger than the catalogue takes."""
    late = {"startTime": BEGIN, "scientificMetadata": {"big": "x" * 200_000}}
    start, update, end = scan(pid)
    guilty = message(pid, "update", 0, part=1, parts=2, dataset=late)
    return [start, guilty, update, end]


def waited(scicow: ScicowProcess) -> bool:
    return scicow.metric("scicow_messages_total", result="catalogued") >= 63


def check(scicow: ScicowProcess, client: ScicatClient, pids: list[str], pid: str) -> None:
    """All scans are there; a batch with a refused message lost nothing but that one."""
    wait_until(lambda: waited(scicow), "all is counted", 60, child=scicow.child)
    assert catalogued(client, [*pids, pid], 2)
    assert scicow.metric("scicow_messages_total", result="dead") == 1
    assert scicow.metric("scicow_messages_total", result="catalogued") == 63
    assert 0 < scicow.metric("scicow_coalesced_total", beamline=BEAMLINE) <= 40
    assert seen(client, pid) == seen(client, pids[0])


@pytest.mark.kafka
def test_a_backlog_in_kafka_is_coalesced_and_only_the_guilty_message_is_dead(site: Site) -> None:
    pids, pid = [new_pid() for _ in range(20)], new_pid()
    scans = [scan(one) for one in pids] + [with_a_guilty_one(pid)]
    for one in scans:
        site.produce(one)
    with site.scicow(scicat=SMALL, workers=WORKERS) as scicow, site.client() as client:
        check(scicow, client, pids, pid)
        wait_until(lambda: site.committed() == 64, "all is committed", 30, child=scicow.child)
        wait_until(lambda: pid in site.receipts(), "the receipts", 30, child=scicow.child)
    [dead_letter] = site.dead_letters("dead")
    assert json.loads(dead_letter.body or b"")["dataset"]["scientificMetadata"].keys() == {"big"}
    receipts = site.receipts()
    assert {receipts[one].sequence for one in [*pids, pid]} == {2}
    assert {receipts[one].state for one in pids} == {"catalogued"}


def test_a_backlog_in_the_outbox_is_coalesced_and_only_the_guilty_message_is_dead(outbox_site: Site) -> None:
    site, pids, pid = outbox_site, [new_pid() for _ in range(20)], new_pid()
    outbox = Outbox(site.outbox)
    outbox.put([one for messages in map(scan, pids) for one in messages])
    outbox.put(with_a_guilty_one(pid))
    with site.scicow(scicat=SMALL, workers=WORKERS) as scicow, site.client() as client:
        check(scicow, client, pids, pid)
        wait_until(lambda: not outbox.pending(), "all is delivered", 30, child=scicow.child)
        [listed] = command(site, "dead", "list", "--json").stdout.splitlines()
        assert json.loads(listed)["key"] == pid
    outbox.close()


def test_without_batches_each_message_goes_by_itself(outbox_site: Site) -> None:
    pid = new_pid()
    outbox = Outbox(outbox_site.outbox)
    outbox.put(scan(pid))
    outbox.close()
    with outbox_site.scicow(workers={**WORKERS, "fold": 1}) as scicow, outbox_site.client() as client:
        wait_until(lambda: catalogued(client, [pid], 2), "it is there", 30, child=scicow.child)
        wait_until(lambda: scicow.metric("scicow_ingest_seconds_count") == 3, "counted", 30)
        assert scicow.metric("scicow_coalesced_total") == 0
