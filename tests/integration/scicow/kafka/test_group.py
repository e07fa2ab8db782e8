"""Commits, replicas, back-pressure and outages, at a real broker."""

from collections import Counter
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from scifish.contract.message import read_message
from scizoo.facility.kafka import Kafka
from scizoo.facility.processes import wait_until
from support.scicat.fault_proxy import fault_proxy
from support.scicow.ingest import new_pid
from support.scicow.naive_consumer import NaiveConsumer
from support.scicow.process import ScicowProcess
from support.scicow.run import Site, catalogued, pair

pytestmark = pytest.mark.kafka


def committed(site: Site, count: int) -> int:
    """Return how many messages of the first `count` partitions are committed."""
    return sum(max(0, site.committed(partition=number)) for number in range(count))


def partitions(scicow: ScicowProcess) -> list[str]:
    """Return the partitions that it was given first."""
    return [name for one in scicow.events() if one["event"] == "assigned" for name in one["partitions"]]


def test_a_naive_consumer_loses_what_failed_and_scicow_does_not(site: Site) -> None:
    """The catalogue fails once, for the first of ten messages; the consumer ends; the next run begins."""
    pids = [new_pid() for _ in range(10)]
    site.produce(pair(pid=pid)[1] for pid in pids)
    done: list[str] = []

    def naive(body: bytes) -> None:
        pid = read_message(body).pid
        if pid == pids[0] and len(done) < 9:
            raise ConnectionError("500")
        done.append(pid)

    first = NaiveConsumer(site.bootstrap, site.topic(), naive)
    first.run(10)
    assert first.failed == 1
    site.produce(pair()[1:])
    NaiveConsumer(site.bootstrap, site.topic(), naive).run(1)
    assert pids[0] not in done  # lost: a later offset was committed before it came again
    with fault_proxy(site.catalogue) as proxy, site.client() as client:
        proxy.plan = lambda _method, path, _number: "500" if pids[0] in path else None
        with site.through(proxy.url).scicow() as scicow:
            wait_until(lambda: catalogued(client, pids[1:]), "the others", 30, child=scicow.child)
            assert client.dataset(pids[0]) is None
            assert site.committed() <= 0
            scicow.child.kill()
        proxy.plan = lambda _method, _path, _number: None
        with site.scicow() as again:
            wait_until(lambda: catalogued(client, pids), "all", 30, child=again.child)
            wait_until(lambda: site.committed() == 11, "all is committed", 30, child=again.child)


def test_two_scicows_share_the_work_and_one_takes_over(site: Site) -> None:
    admin = AdminClient({"bootstrap.servers": site.bootstrap, "log_level": 0})
    admin.create_topics([NewTopic(site.topic(), 6, 1)])[site.topic()].result(30)
    pids = [new_pid() for _ in range(300)]
    with site.scicow("one") as one, site.client() as client:
        site.produce(message for pid in pids[:100] for message in pair(pid=pid))
        with site.scicow("two") as two:
            site.produce(message for pid in pids[100:200] for message in pair(pid=pid))
            wait_until(lambda: catalogued(client, pids[:200]), "200 are there", 60, child=two.child)
            wait_until(lambda: partitions(two), "both have partitions", 30, child=two.child)
            site.produce(message for pid in pids[200:250] for message in pair(pid=pid))
            two.child.kill()
        site.produce(message for pid in pids[250:] for message in pair(pid=pid))
        wait_until(lambda: catalogued(client, pids), "300 are there", 60, child=one.child)
        blocks = Counter(len(list(client.datablocks(pid))) for pid in pids)
        assert blocks == {1: 300}
        wait_until(lambda: committed(site, 6) == 600, "all is committed", 30, child=one.child)


def test_a_stuck_beamline_holds_up_no_other_and_is_paused(site: Site) -> None:
    stuck, free = [new_pid() for _ in range(60)], [new_pid() for _ in range(60)]
    site.beamlines(["stuck", "free"])
    with fault_proxy(site.catalogue) as proxy, site.client() as client:
        bad = set(stuck)
        proxy.plan = lambda _m, path, _n: "hang" if any(pid in path for pid in bad) else None
        proxied = site.through(proxy.url)
        small = {"queue": 10, "concurrency": 2}
        with proxied.scicow(workers=small, scicat={"timeout": 60}, kafka={"max_poll_interval": 10}) as scicow:
            site.produce(message for pid in stuck for message in pair("stuck", pid)[1:])
            wait_until(lambda: scicow.metric("scicow_paused", beamline="stuck") == 1, "paused", 30)
            site.produce(message for pid in free for message in pair("free", pid))
            wait_until(lambda: catalogued(client, free), "the free one goes on", 30, child=scicow.child)
            assert scicow.metric("scicow_waiting", beamline="stuck") <= 10
            assert site.committed("stuck") <= 0
            bad.clear()
            proxy.release.set()
            wait_until(lambda: catalogued(client, stuck), "and then the stuck one", 60, child=scicow.child)
            assert not [one for one in scicow.events() if one["event"] == "lost"]


def test_a_topic_that_is_deleted_and_made_again_is_read_from_its_begin(site: Site) -> None:
    admin = AdminClient({"bootstrap.servers": site.bootstrap, "log_level": 0})
    before, after = [new_pid() for _ in range(5)], [new_pid() for _ in range(2)]
    with site.scicow() as scicow, site.client() as client:
        site.produce(message for pid in before for message in pair(pid=pid))
        wait_until(lambda: catalogued(client, before), "the first are there", 30, child=scicow.child)
        wait_until(lambda: site.committed() == 10, "all is committed", 30, child=scicow.child)
        admin.delete_topics([site.topic()])[site.topic()].result(30)
        wait_until(lambda: site.topic() not in admin.list_topics(timeout=10).topics, "it is gone", 30)
        site.produce(message for pid in after for message in pair(pid=pid))
        wait_until(lambda: catalogued(client, after), "the new ones are there", 60, child=scicow.child)
        wait_until(lambda: site.committed() == 4, "all is committed", 30, child=scicow.child)


def test_a_broker_that_is_killed_and_comes_back_costs_nothing(tmp_path: Path, catalogue: str) -> None:
    with Kafka(tmp_path / "kafka") as broker:
        site = Site(tmp_path / "site", catalogue, broker.bootstrap)
        before, after = [new_pid() for _ in range(50)], [new_pid() for _ in range(50)]
        with site.scicow() as scicow, site.client() as client:
            site.produce(message for pid in before for message in pair(pid=pid))
            wait_until(lambda: catalogued(client, before[:10]), "some are there", 30, child=scicow.child)
            broker.kill()
            wait_until(lambda: scicow.get("/ready")[0] == 503, "it is not ready", 30, child=scicow.child)
            assert scicow.get("/health")[0] == 200
            broker.start()
            site.produce(message for pid in after for message in pair(pid=pid))
            wait_until(lambda: catalogued(client, [*before, *after]), "all are there", 60, child=scicow.child)
            wait_until(lambda: site.committed() == 200, "all is committed", 60, child=scicow.child)
            wait_until(scicow.is_ready, "it is ready", 30, child=scicow.child)
            said = [one for one in scicow.events() if one["event"] == "kafka"]
            assert len(said) < 10
        assert set(site.receipts()) == {*before, *after}
