"""A partition that leaves in the middle of a round of the quarantine: two real SciCows at a real broker."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from scicow.scicat import ScicatClient
from scizoo.processes import wait_until
from support.faultproxy import FaultProxy, fault_proxy
from support.scicow_ingest import new_pid
from support.scicow_run import PROPOSALS, ScicowProcess, Site, catalogued, pair

pytestmark = pytest.mark.kafka
LATE = {"id": "20269999"}
PARTITIONS = 4
SETTINGS = {"lanes": {"concurrency": 2, "queue": 4, "grace": 0.5}, "quarantine": {"recheck": 0.3}}


def quarantined(site: Site) -> list[str]:
    """Make scans in all partitions whose proposal is not known yet."""
    admin = AdminClient({"bootstrap.servers": site.bootstrap, "log_level": 0})
    admin.create_topics([NewTopic(site.topic(), PARTITIONS, 1)])[site.topic()].result(30)
    pids = [new_pid() for _ in range(40)]
    site.produce(message for pid in pids for message in pair(pid=pid, proposal=LATE))
    return pids


def partitions_left(scicow: ScicowProcess) -> Iterator[str]:
    return (name for one in scicow.events() if one["event"] == "revoked" for name in one["partitions"])


def after_it_left(scicow: ScicowProcess) -> Iterator[str]:
    """Give the origins that it released although their partition had left, as its log tells."""
    left: set[str] = set()
    for one in scicow.events():
        if one["event"] in {"revoked", "lost"}:
            left |= {*one["partitions"]}
        elif one["event"] == "assigned":
            left -= {*one["partitions"]}
        elif one["event"] == "released" and one["origin"].rpartition("/")[0] in left:
            yield one["origin"]


@contextmanager
def a_round_that_hangs(site: Site, proxy: FaultProxy, path: str) -> Iterator[ScicowProcess]:
    """Run a SciCow whose lane is full of letters that the catalogue does not answer."""
    with site.through(proxy.url).scicow("one", **SETTINGS) as one:
        wait_until(lambda: len(site.letters("quarantine")) == 80, "all wait", 60, child=one.child)
        proxy.plan = lambda method, where, _n: "late" if (method, where) == ("POST", path) else None
        site.office([*PROPOSALS, {**PROPOSALS[0], **LATE}])
        wait_until(lambda: proxy.faults["late"] >= 2, "two hang", 30, child=one.child)
        yield one


def all_is_there_once(site: Site, client: ScicatClient, pids: list[str], scicow: ScicowProcess) -> None:
    wait_until(lambda: catalogued(client, pids), "all are released", 60, child=scicow.child)
    wait_until(lambda: not site.letters("quarantine"), "all is settled", 30, child=scicow.child)
    wait_until(
        lambda: all(len(list(client.datablocks(pid))) == 1 for pid in pids),
        "each file is listed once",
        60,
        child=scicow.child,
    )


@pytest.mark.parametrize("path", ["/api/v4/datasets", "/api/v3/origdatablocks"])
def test_letters_of_a_partition_that_leaves_are_released_by_the_other(site: Site, path: str) -> None:
    """What hangs is carried out by the catalogue later, when another SciCow has the letter already."""
    pids = quarantined(site)
    with (
        fault_proxy(site.catalogue) as proxy,
        site.client() as client,
        a_round_that_hangs(site, proxy, path) as one,
        site.scicow("two", **SETTINGS) as two,
    ):
        left = wait_until(lambda: [*partitions_left(one)], "partitions leave", 30, child=one.child)
        assert len(left) == PARTITIONS // 2
        released = partial(two.metric, "scicow_messages_total", result="released")
        wait_until(released, "the other works", 30, child=two.child)
        proxy.plan = lambda _method, _path, _number: None
        proxy.release.set()
        all_is_there_once(site, client, pids, two)
        assert one.metric("scicow_messages_total", result="released") > 0
        assert list(after_it_left(one)) == list(after_it_left(two)) == []


def test_a_scicow_that_is_killed_in_its_round_leaves_its_letters_to_the_other(site: Site) -> None:
    pids = quarantined(site)
    with (
        fault_proxy(site.catalogue) as proxy,
        site.client() as client,
        site.scicow("two", **SETTINGS) as two,
        a_round_that_hangs(site, proxy, "/api/v4/datasets") as one,
    ):
        one.child.kill()
        proxy.release.set()
        all_is_there_once(site, client, pids, two)
