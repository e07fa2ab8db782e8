"""A partition that leaves in the middle of a round of the quarantine: two real SciCows at a real broker."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from scicow.scicat.client import ScicatClient
from scizoo.facility.processes import wait_until
from support.scicat.fault_proxy import FaultProxy, fault_proxy
from support.scicow.ingest import new_pid
from support.scicow.process import ScicowProcess
from support.scicow.run import PROPOSALS, Site, catalogued, pair

pytestmark = pytest.mark.kafka
LATE = {"id": "20269999"}
PARTITIONS = 4
SCANS = 40
SETTINGS = {"workers": {"concurrency": SCANS, "grace": 0.5}, "quarantine": {"recheck": 0.3}}


def quarantined(site: Site) -> list[str]:
    """Make scans in all partitions whose proposal is not known yet."""
    admin = AdminClient({"bootstrap.servers": site.bootstrap, "log_level": 0})
    admin.create_topics([NewTopic(site.topic(), PARTITIONS, 1)])[site.topic()].result(30)
    pids = [new_pid() for _ in range(SCANS)]
    site.produce(message for pid in pids for message in pair(pid=pid, proposal=LATE))
    return pids


def partitions(scicow: ScicowProcess, event: str) -> Iterator[str]:
    """Give the partitions that came ("assigned") or left ("revoked")."""
    return (name for one in scicow.events() if one["event"] == event for name in one["partitions"])


def after_it_left(scicow: ScicowProcess) -> set[str]:
    """Return of which events it released dead letters although their partition had left, as its log tells."""
    what: set[str] = set()
    left: set[str] = set()
    for one in scicow.events():
        if one["event"] in {"revoked", "lost"}:
            left |= {*one["partitions"]}
        elif one["event"] == "assigned":
            left -= {*one["partitions"]}
        elif one["event"] == "released" and one["origin"].rpartition("/")[0] in left:
            what.add(one["what"])
    return what


def most_often(scicow: ScicowProcess) -> int:
    """Return how often it released the same dead letter."""
    return max(Counter(one["origin"] for one in scicow.events() if one["event"] == "released").values())


@contextmanager
def a_round_that_hangs(site: Site, proxy: FaultProxy, path: str) -> Iterator[ScicowProcess]:
    """Run a SciCow that waits for the catalogue with dead letters of all partitions."""
    with site.through(proxy.url).scicow("one", **SETTINGS) as one:
        wait_until(lambda: len(site.dead_letters("quarantine")) == 2 * SCANS, "all wait", 60, child=one.child)
        wait_until(lambda: [*partitions(one, "assigned")], "it has partitions", 30, child=one.child)
        proxy.plan = lambda method, where, _n: "late" if (method, where) == ("POST", path) else None
        site.office([*PROPOSALS, {**PROPOSALS[0], **LATE}])
        wait_until(lambda: proxy.faults["late"] >= SCANS // 10, "they hang", 30, child=one.child)
        yield one


def all_is_there_once(site: Site, client: ScicatClient, pids: list[str], scicow: ScicowProcess) -> None:
    wait_until(lambda: catalogued(client, pids), "all are released", 60, child=scicow.child)
    wait_until(lambda: not site.dead_letters("quarantine"), "all is acknowledged", 30, child=scicow.child)
    wait_until(
        lambda: all(len(list(client.datablocks(pid))) == 1 for pid in pids),
        "each file is listed once",
        60,
        child=scicow.child,
    )


@pytest.mark.parametrize(
    ("path", "begun"),
    [("/api/v4/datasets", {"start"}), ("/api/v3/origdatablocks", {"start", "end"})],
    ids=["datasets hang", "files hang"],
)
def test_dead_letters_of_a_partition_that_leaves_are_released_by_the_other(
    site: Site, path: str, begun: set[str]
) -> None:
    """What hangs is carried out by the catalogue later, when another SciCow has the dead letter already."""
    pids = quarantined(site)
    with (
        fault_proxy(site.catalogue) as proxy,
        site.client() as client,
        a_round_that_hangs(site, proxy, path) as one,
        site.scicow("two", **SETTINGS) as two,
    ):
        left = wait_until(lambda: [*partitions(one, "revoked")], "partitions leave", 30, child=one.child)
        assert len(left) == PARTITIONS // 2
        released = partial(two.metric, "scicow_messages_total", result="released")
        wait_until(released, "the other works", 30, child=two.child)
        proxy.plan = lambda _method, _path, _number: None
        proxy.release.set()
        all_is_there_once(site, client, pids, two)
        assert one.metric("scicow_messages_total", result="released") > 0
        assert after_it_left(one) <= begun, "what waited behind that is the other's"
        assert after_it_left(two) == set()
        assert max(most_often(one), most_often(two)) <= 2


def test_a_scicow_that_is_killed_in_its_round_leaves_its_dead_letters_to_the_other(site: Site) -> None:
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
