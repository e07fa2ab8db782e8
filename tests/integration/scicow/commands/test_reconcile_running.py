"""`scicow reconcile` while a SciCow starts: both never work on the same dataset at the same time."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from scicow.scicat.client import ScicatClient
from scifish.outbox.outbox import Outbox
from scizoo.facility.processes import wait_until
from support.scicat.fault_proxy import FaultProxy, fault_proxy
from support.scicow.ingest import new_pid
from support.scicow.run import Site, catalogued, command, pair

pytestmark = pytest.mark.kafka
BLOCKS = "/api/v3/origdatablocks"


@contextmanager
def reconciling(site: Site, proxy: FaultProxy) -> Iterator["subprocess.Popen[str]"]:
    """Run the command until it waits for the answer to the files of its first scan."""
    proxy.plan = lambda method, path, _number: "wait" if (method, path) == ("POST", BLOCKS) else None
    config = site.through(proxy.url).write("reconcile", scicat={"timeout": 60})
    program = Path(sys.executable).parent / "scicow"
    argv = [str(program), "reconcile", "--config", str(config)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        try:
            wait_until(lambda: proxy.faults["wait"] or running.poll() is not None, "it mends", 60)
            assert running.poll() is None, running.communicate()
            yield running
        finally:
            running.kill()


def ended(running: "subprocess.Popen[str]", proxy: FaultProxy) -> tuple[int, str, str]:
    """Let the catalogue answer, and return the exit code and what was said."""
    proxy.plan = lambda _method, _path, _number: None
    proxy.release.set()
    said, failed = running.communicate(timeout=60)
    return running.returncode, said, failed


def all_once(client: ScicatClient, pids: list[str]) -> bool:
    return catalogued(client, pids) and all(len(list(client.datablocks(pid))) == 1 for pid in pids)


def given(site: Site) -> list[int]:
    """Return how many partitions each member of the group was told to have."""
    admin = AdminClient({"bootstrap.servers": site.bootstrap, "log_level": 0})
    group = admin.describe_consumer_groups([site.prefix])[site.prefix].result(20)
    return sorted(len(one.assignment.topic_partitions) for one in group.members if one.assignment)


@pytest.mark.parametrize("partitions", [1, 2], ids=["SciCow waits", "it gives way"])
def test_it_shares_no_scan_with_a_scicow_that_starts(site: Site, partitions: int) -> None:
    """With one partition there is nothing to share yet; of two, one goes over after the message in work."""
    admin = AdminClient({"bootstrap.servers": site.bootstrap, "log_level": 0})
    admin.create_topics([NewTopic(site.topic(), partitions, 1)])[site.topic()].result(30)
    pids = [new_pid() for _ in range(20)]
    site.produce(message for pid in pids for message in pair(pid=pid))
    with fault_proxy(site.catalogue) as proxy, site.client() as client:
        with reconciling(site, proxy) as running, site.scicow() as scicow:
            wait_until(lambda: given(site) == [0, 1], "both are there", 30, child=scicow.child)
            assert scicow.metric("scicow_messages_total") == 0, "it has no partition yet"
            code, said, failed = ended(running, proxy)
            if partitions == 1:
                assert (code, failed) == (0, "")
                assert "20 scans, 20 incomplete, 20 mended" in said
            else:
                assert code == 1
                [line] = failed.splitlines()
                assert "a SciCow is running; stop it first, or use --report" in line
            worked = partial(scicow.metric, "scicow_messages_total")
            wait_until(lambda: worked() == 40, "SciCow does it all", 30, child=scicow.child)
            assert worked(result="unchanged") > 0
        assert all_once(client, pids)
        assert "20 scans, 0 incomplete" in command(site, "reconcile").stdout


def test_killed_while_it_mends_it_holds_nobody_up(site: Site) -> None:
    """SciCow waits until the broker misses it (`kafka.session_timeout`)."""
    pids = [new_pid() for _ in range(5)]
    site.produce(message for pid in pids for message in pair(pid=pid))
    with fault_proxy(site.catalogue) as proxy, site.client() as client:
        with reconciling(site, proxy) as running:
            running.kill()
        with site.scicow() as scicow:
            wait_until(lambda: catalogued(client, pids), "SciCow does it all", 30, child=scicow.child)
            proxy.release.set()
            wait_until(lambda: all_once(client, pids), "each file is listed once", 30, child=scicow.child)


def test_a_scicow_that_starts_waits_for_the_outbox_until_it_is_reconciled(outbox_site: Site) -> None:
    site, pids = outbox_site, [new_pid() for _ in range(5)]
    outbox = Outbox(site.outbox)
    outbox.put([message for pid in pids for message in pair(pid=pid)])
    outbox.close()
    with fault_proxy(site.catalogue) as proxy, site.client() as client:
        with reconciling(site, proxy) as running:
            scicow = site.scicow()
            scicow.start(ready=False)
            waits = "another process delivers"
            wait_until(lambda: waits in scicow.get("/ready")[1], "it waits", 30, child=scicow.child)
            code, said, failed = ended(running, proxy)
            assert (code, failed) == (0, "")
            assert "5 scans, 5 incomplete, 5 mended" in said
            worked = "scicow_messages_total"
            wait_until(lambda: scicow.metric(worked, result="unchanged") == 10, "it goes on", 30)
            scicow.child.stop(grace=20)
        assert all_once(client, pids)
