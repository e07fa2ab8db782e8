"""Dead letters in a compacted topic: acknowledged ones go, nothing that is open is lost. At a real broker."""

import json
import random
import threading
import tracemalloc
from collections.abc import Iterable
from functools import partial

import pytest
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, ResourceType

from scicow.dead_letters.dead_letter import DeadLetter, Kind, dead_letter_of
from scicow.delivery import Delivery, Origin
from scicow.kafka.dead_letters import KafkaDeadLetters
from scicow.kafka.producer import KafkaRecord, Publisher
from scicow.kafka.reader import read_topic
from scicow.kafka.topic_retention import change
from scicow.kafka.topics import Topics
from scizoo.facility.processes import wait_until
from support.scicow.ingest import BEAMLINE, new_pid
from support.scicow.process import ScicowProcess
from support.scicow.run import PROPOSALS, Site, catalogued, command, pair

pytestmark = pytest.mark.kafka
LATE = {"id": "20269999"}


def dead_letter(site: Site, number: int, body: bytes = b"body", partition: int = 0) -> DeadLetter:
    origin = Origin(site.topic(), partition, number)
    return dead_letter_of(Delivery(BEAMLINE, origin, b"pid", body), "why")


def topic_of(site: Site, partitions: int = 1) -> AdminClient:
    """Make the beamline's topic."""
    admin = AdminClient({"bootstrap.servers": site.bootstrap, "log_level": 0})
    admin.create_topics([NewTopic(site.topic(), partitions, 1)])[site.topic()].result(30)
    return admin


def worked(scicow: ScicowProcess, result: str) -> bool:
    return scicow.metric("scicow_messages_total", result=result) > 0


def offsets(dead_letters: Iterable[DeadLetter]) -> list[int]:
    return [one.origin.offset for one in dead_letters]


def records(site: Site, kind: Kind = "dead") -> list[Delivery]:
    """Return what the topic still holds, tombstones too."""
    return list(read_topic(site.kafka(), site.kafka().store_topic(kind, BEAMLINE), BEAMLINE))


def test_what_is_released_goes_and_what_waits_stays(site: Site) -> None:
    released, waits = [new_pid() for _ in range(5)], new_pid()
    for pid in released:
        site.produce(pair(pid=pid, proposal=LATE))
    with site.scicow() as scicow, site.client() as client:
        wait_until(lambda: len(site.dead_letters("quarantine")) == 10, "10 wait", 30, child=scicow.child)
        site.produce(pair(pid=waits, proposal={"id": "20268888"}))
        wait_until(lambda: len(site.dead_letters("quarantine")) == 12, "12 wait", 30, child=scicow.child)
        site.office([*PROPOSALS, {**PROPOSALS[0], **LATE}])
        wait_until(lambda: catalogued(client, released), "they are released", 30, child=scicow.child)
        wait_until(lambda: len(site.dead_letters("quarantine")) == 2, "2 wait", 30, child=scicow.child)
        assert {one.key for one in site.dead_letters("quarantine")} == {waits.encode()}
        assert "2 dropped" in command(site, "quarantine", "drop", "--all").stdout
        assert site.dead_letters("quarantine") == []


def test_the_commands_acknowledge_those_that_are_named(site: Site) -> None:
    with site.store("dead") as store:
        for number in range(6):
            store.put(dead_letter(site, number))
    site.write()
    listed = [json.loads(line) for line in command(site, "dead", "list", "--json").stdout.splitlines()]
    ids = [one["id"] for one in listed]
    assert "2 dropped" in command(site, "dead", "drop", ids[0], ids[3]).stdout
    assert [one.id for one in site.dead_letters("dead")] == [ids[1], ids[2], ids[4], ids[5]]
    assert "4 dropped" in command(site, "dead", "drop", "--all").stdout
    assert site.dead_letters("dead") == []


def test_the_broker_deletes_what_is_acknowledged_and_nothing_else(site: Site) -> None:
    """Compacted at once, as otherwise after an hour or so."""
    with site.store("dead") as store:
        for number in range(20):
            store.put(dead_letter(site, number, b"TOPSECRET %d" % number))
        store.put(dead_letter(site, 3, b"TOPSECRET 3"))
        store.acknowledge(one for one in store.dead_letters() if one.origin.offset % 5)
        admin = AdminClient({"bootstrap.servers": site.bootstrap, "log_level": 0})
        at_once = {"segment.ms": "100", "max.compaction.lag.ms": "1", "delete.retention.ms": "0"}
        change(admin, site.kafka().store_topic("dead", BEAMLINE), at_once, 30).result(30)

        def compacted() -> bool:
            store.put(dead_letter(site, 100, b"the newest segment is never compacted"))
            return sum(b"TOPSECRET" in (one.body or b"") for one in records(site)) == 4

        wait_until(compacted, "the broker has compacted the topic", 120)
        assert sorted(offsets(store.dead_letters())) == [0, 5, 10, 15, 100]
        assert [one.body for one in store.dead_letters()][:2] == [b"TOPSECRET 0", b"TOPSECRET 5"]


@pytest.mark.parametrize("body", [None, b""], ids=["no body", "an empty one"])
def test_a_message_without_a_body_is_a_dead_letter_too_and_no_tombstone(
    site: Site, body: bytes | None
) -> None:
    letter = dead_letter_of(Delivery(BEAMLINE, Origin(site.topic(), 0, 7), None, body), "why")
    with site.store("dead") as store:
        store.put(letter)
        assert list(store.dead_letters()) == [letter]
        store.acknowledge(list(store.dead_letters()))
        assert list(store.dead_letters()) == []


def test_what_a_scicow_before_compaction_wrote_is_listed_and_acknowledged(site: Site) -> None:
    """It wrote them by the message's key into a topic that is not compacted; that stays so."""
    topic, admin = site.kafka().store_topic("dead", BEAMLINE), topic_of(site)
    own = {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}
    admin.create_topics([NewTopic(topic, 1, 1, config=own)])[topic].result(30)
    publisher = Publisher(site.kafka())
    for number in range(6):
        headers = [
            ("schema", b"1"),
            ("scizoo-reason", b"why"),
            ("scizoo-origin", f"{site.topic()}/0/{number}".encode()),
        ]
        publisher.put(KafkaRecord(topic, b"pid", b"body %d" % number, headers, 0))
    settled = [("scizoo-settled", f"{site.topic()}/0/2".encode()), ("scizoo-place", b"2")]
    publisher.put(KafkaRecord(topic, b"pid", None, settled, 0))
    publisher.close()
    with site.store("dead") as store:
        Topics(site.kafka()).look_again()
        store.put(dead_letter(site, 9))
        found = list(store.dead_letters())
        assert offsets(found) == [0, 1, 3, 4, 5, 9]
        assert {one.key for one in found} == {b"pid"}
        assert found[1].headers == (("schema", b"1"),)
        store.acknowledge([found[1], found[5]])
        assert offsets(store.dead_letters()) == [0, 3, 4, 5]
        resource = ConfigResource(ResourceType.TOPIC, topic)
        kept = admin.describe_configs([resource])[resource].result(30)["cleanup.policy"].value
        assert kept == "delete", "compacted, it would keep one dead letter of a scan"


def test_dead_letters_put_and_acknowledged_at_the_same_time_are_all_there_or_acknowledged(
    site: Site,
) -> None:
    """One puts, two replicas acknowledge some, all the time."""
    topic_of(site, partitions=2)
    every, stays = range(400), set(range(0, 400, 7))
    ended = threading.Event()
    failures: list[BaseException] = []

    def settling(store: KafkaDeadLetters) -> None:
        last = False
        try:
            while not last:
                last = ended.is_set()
                store.acknowledge(one for one in store.dead_letters() if one.origin.offset not in stays)
        except BaseException as error:
            failures.append(error)
            raise

    with site.store("dead") as putting, site.store("dead") as one, site.store("dead") as other:
        threads = [threading.Thread(target=settling, args=[store]) for store in (one, other)]
        putting.put(dead_letter(site, 0))
        for thread in threads:
            thread.start()
        for number in every[1:]:
            putting.put(dead_letter(site, number, partition=number % 2))
        ended.set()
        for thread in threads:
            thread.join(60)
        assert failures == []
        assert sorted(offsets(putting.dead_letters())) == sorted(stays)


@pytest.mark.parametrize("whose", ["letters", "beamline"])
def test_a_topic_that_was_made_again_loses_no_dead_letter(site: Site, whose: str) -> None:
    """What was read before says nothing about it, though all its offsets are there again."""
    admin = topic_of(site)
    with site.store("dead") as store, site.store("dead") as other:
        for number in range(3):
            store.put(dead_letter(site, number, b"old"))
        old = list(store.dead_letters())
        if whose == "letters":
            store.acknowledge(old)
            again = site.kafka().store_topic("dead", BEAMLINE)
            admin.delete_topics([again])[again].result(30)
            wait_until(lambda: again not in admin.list_topics(timeout=10).topics, "it is gone", 30)
            admin.create_topics([NewTopic(again, 1, 1)])[again].result(30)
        for number in range(9):
            other.put(dead_letter(site, number, b"new"))
        if whose == "beamline":
            store.acknowledge(old)
        found = list(other.dead_letters())
        assert [one.body for one in found] == [b"new"] * 9
        assert sorted(offsets(found)) == list(range(9))
        other.acknowledge(found)
        assert list(store.dead_letters()) == []


def test_large_dead_letters_are_looked_at_in_little_memory(site: Site) -> None:
    """50 dead letters of 1 MB: the client fetches 2 MB ahead."""
    with site.store("dead", buffer_bytes=2_000_000) as store:
        for number in range(50):
            store.put(dead_letter(site, number, bytes([number]) * 1_000_000))
        tracemalloc.start()
        try:
            seen = {one.origin.offset: (one.body or b"")[0] for one in store.dead_letters()}
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert seen == {number: number for number in range(50)}
    assert most < 8_000_000


def test_kill_9_at_any_moment_loses_no_dead_letter_and_leaves_none_behind(site: Site) -> None:
    """Dead letters come and are released while SciCow is killed again and again."""
    draw = random.Random(62)
    site.office([*PROPOSALS, {**PROPOSALS[0], **LATE}])
    pids = [new_pid() for _ in range(30)]
    with site.scicow(quarantine={"recheck": 0.1}) as scicow, site.client() as client:
        for first in range(0, 30, 10):
            site.office(PROPOSALS)
            wait_until(scicow.is_ready, "it is ready", 60, child=scicow.child)
            for pid in pids[first : first + 10]:
                site.produce(pair(pid=pid, proposal=LATE))
            wait_until(partial(worked, scicow, "quarantined"), "letters", 30, child=scicow.child)
            site.office([*PROPOSALS, {**PROPOSALS[0], **LATE}])
            wait_until(partial(catalogued, client, [draw.choice(pids[first : first + 10])]), "one is", 60)
            scicow.child.kill()
            scicow.start(ready=False)
        wait_until(lambda: catalogued(client, pids), "all are released", 60, child=scicow.child)
        wait_until(lambda: site.committed() == 60, "all is committed", 60, child=scicow.child)
        wait_until(lambda: not site.dead_letters("quarantine"), "none is left", 60, child=scicow.child)
        assert all(len(list(client.datablocks(pid))) == 1 for pid in pids)
