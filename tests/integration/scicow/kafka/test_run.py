"""SciCow at a real broker: new beamlines, order, commits, rebalance, ends of all kinds."""

import signal
from datetime import timedelta
from functools import partial

import pytest

from scifish.common.clock import utcnow
from scizoo.facility.processes import wait_until
from support.scicat.fault_proxy import fault_proxy
from support.scicow.ingest import BEAMLINE, new_pid, scan
from support.scicow.run import Site, catalogued, pair

pytestmark = pytest.mark.kafka


def test_the_first_message_of_a_beamline_that_is_new_is_catalogued_without_a_restart(site: Site) -> None:
    pids = [new_pid() for _ in range(3)]
    site.beamlines([BEAMLINE, "new1", "new2"])
    with site.scicow() as scicow, site.client() as client:
        for pid, beamline in zip(pids, [BEAMLINE, "new1", "new2"], strict=True):
            site.produce(pair(beamline, pid))
            there = partial(catalogued, client, [pid])
            wait_until(there, f"{pid} is there", 30, child=scicow.child)


def test_sigterm_finishes_commits_and_leaves(site: Site) -> None:
    pids = [new_pid() for _ in range(20)]
    for pid in pids:
        site.produce(scan(pid))
    with site.scicow() as scicow, site.client() as client:
        wait_until(lambda: catalogued(client, pids, 2), "all are there", 30, child=scicow.child)
        scicow.child.stop(grace=20)
        assert scicow.child.returncode == 0
    assert site.committed() == 60
    with site.scicow("again") as again:
        again.child.stop(grace=20)
        assert not [one for one in again.events() if one["event"] in {"catalogued", "unchanged"}]


def test_kill_and_restart_loses_nothing(site: Site) -> None:
    pids = [new_pid() for _ in range(200)]
    scicow = site.scicow()
    with scicow, site.client() as client:
        for number, pid in enumerate(pids):
            site.produce(pair(pid=pid))
            if number % 50 == 25:
                scicow.child.kill()
                assert scicow.child.returncode == -signal.SIGKILL
                scicow.start(ready=False)
        wait_until(lambda: catalogued(client, pids), "all are there", 60, child=scicow.child)
        blocks = [client.datablocks(pid) for pid in pids]
        assert all(len(list(one)) == 1 for one in blocks)


def test_lag_counts_what_is_not_finished_and_latency_is_since_the_sending(site: Site) -> None:
    pids, hour = [new_pid() for _ in range(3)], 3600.0
    sent = utcnow() - timedelta(seconds=hour)
    with fault_proxy(site.catalogue) as proxy, site.scicow(scicat={"url": proxy.url}) as scicow:
        lag = partial(scicow.metric, "scicow_lag", topic=site.topic(), partition="0")
        latency = partial(scicow.metric, beamline=BEAMLINE)
        count = partial(latency, "scicow_latency_seconds_count")
        site.produce(pair(pid=pids[0]))
        wait_until(lambda: count() == 2, "the first is there", 30, child=scicow.child)
        wait_until(lambda: lag() == 0, "nothing is behind", 30, child=scicow.child)
        assert 0 < latency("scicow_latency_seconds_sum") < 2 * 60
        proxy.plan = lambda method, _path, _number: None if method == "GET" else "500"
        for pid in pids[1:]:
            site.produce(one.model_copy(update={"sent_at": sent}) for one in pair(pid=pid))
        wait_until(lambda: lag() == 4, "all four are behind", 20, child=scicow.child)
        wait_until(lambda: scicow.metric("scicow_retries_total") > 0, "they fail", 20, child=scicow.child)
        assert (lag(), count()) == (4, 2)
        proxy.plan = lambda _method, _path, _number: None
        wait_until(lambda: count() == 6, "all are there", 30, child=scicow.child)
        wait_until(lambda: lag() == 0, "nothing is behind", 30, child=scicow.child)
        assert 4 * hour < latency("scicow_latency_seconds_sum") < 4 * hour + 6 * 60
        assert latency("scicow_latency_seconds_bucket", le="3600.0") == 2
        assert latency("scicow_latency_seconds_bucket", le="86400.0") == 6
