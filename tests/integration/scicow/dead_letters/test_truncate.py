"""Dead letters' topics do not grow for ever, and nothing that is open is ever deleted: at a real broker."""

import json
import random
import threading
import tracemalloc
from collections.abc import Iterable
from functools import partial

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from scicow.dead_letters.dead_letter import DeadLetter, dead_letter_of
from scicow.delivery import Delivery, Origin
from scicow.kafka.dead_letters import KafkaDeadLetters
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


def test_what_is_released_is_deleted_and_what_waits_stays(site: Site) -> None:
    released, waits = [new_pid() for _ in range(5)], new_pid()
    for pid in released:
        site.produce(pair(pid=pid, proposal=LATE))
    with site.scicow() as scicow, site.client() as client:
        wait_until(lambda: len(site.dead_letters("quarantine")) == 10, "10 wait", 30, child=scicow.child)
        site.produce(pair(pid=waits, proposal={"id": "20268888"}))
        wait_until(lambda: len(site.dead_letters("quarantine")) == 12, "12 wait", 30, child=scicow.child)
        assert site.kept("quarantine") == (0, 12)
        site.office([*PROPOSALS, {**PROPOSALS[0], **LATE}])
        wait_until(lambda: catalogued(client, released), "they are released", 30, child=scicow.child)
        wait_until(lambda: site.kept("quarantine")[0] == 10, "trimmed", 30, child=scicow.child)
        assert {one.key for one in site.dead_letters("quarantine")} == {waits.encode()}
        assert "2 dropped" in command(site, "quarantine", "drop", "--all").stdout
        assert site.dead_letters("quarantine") == []
        assert site.kept("quarantine")[0] >= 22


def test_dead_letters_are_deleted_with_the_command_that_acknowledges_them(site: Site) -> None:
    with site.store("dead") as store:
        for number in range(6):
            store.put(dead_letter(site, number))
    site.write()
    listed = [json.loads(line) for line in command(site, "dead", "list", "--json").stdout.splitlines()]
    ids = [one["id"] for one in listed]
    assert "2 dropped" in command(site, "dead", "drop", ids[0], ids[3]).stdout
    assert site.kept("dead") == (1, 8)
    assert [one.id for one in site.dead_letters("dead")] == [ids[1], ids[2], ids[4], ids[5]]
    assert "2 dropped" in command(site, "dead", "drop", ids[1], ids[2]).stdout
    assert site.kept("dead") == (4, 10)
    assert "2 dropped" in command(site, "dead", "drop", "--all").stdout
    assert site.kept("dead") == (10, 12), "the marks go with the next reading"


def test_dead_letters_put_acknowledged_and_truncated_at_the_same_time_are_all_there_or_acknowledged(
    site: Site,
) -> None:
    """One puts, two replicas acknowledge some and truncate, all the time."""
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
                store.truncate()
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
    for partition in (0, 1):
        low, high = site.kept("dead", partition)
        assert 0 <= low < high
        assert partition == 0 or low > 0


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
        store.truncate()
        found = list(other.dead_letters())
        assert [one.body for one in found] == [b"new"] * 9
        assert sorted(offsets(found)) == list(range(9))
        other.acknowledge(found)
        other.truncate()
        assert site.kept("dead")[0] >= 9


def test_large_dead_letters_are_looked_at_in_little_memory(site: Site) -> None:
    """50 dead letters of 1 MB, of which 2 MB may be kept: the others are read once more, each once."""
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
    """Dead letters come, are released and truncated while SciCow is killed again and again."""
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
        wait_until(lambda: len({*site.kept("quarantine")}) == 1, "trimmed", 60, child=scicow.child)
        assert site.dead_letters("quarantine") == []
        assert site.kept("quarantine")[0] > 0
        assert all(len(list(client.datablocks(pid))) == 1 for pid in pids)
