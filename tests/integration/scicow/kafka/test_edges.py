"""What happens seldom at a broker: retention, narrow topics, names of replicas, one bad message."""

import os
import pty
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from scizoo.facility.processes import wait_until
from support.scicat.fault_proxy import fault_proxy
from support.scicow.ingest import BEAMLINE, new_pid
from support.scicow.process import ScicowProcess, starting
from support.scicow.run import Site, catalogued, command, pair

pytestmark = pytest.mark.kafka


def admin(site: Site) -> AdminClient:
    return AdminClient({"bootstrap.servers": site.bootstrap, "log_level": 0})


def make(site: Site, topic: str, partitions: int = 1, **config: str) -> None:
    new = NewTopic(topic, partitions, 1, config={name.replace("_", "."): one for name, one in config.items()})
    client = admin(site)
    client.create_topics([new])[topic].result(30)


def expire(site: Site, offset: int) -> None:
    """Delete what lies before `offset`, as the topic's retention does."""
    place = TopicPartition(site.topic(), 0, offset)
    client = admin(site)
    [done] = client.delete_records([place]).values()
    done.result(30)


def said(scicow: ScicowProcess, event: str) -> list[dict[str, Any]]:
    return [one for one in scicow.events() if one["event"] == event]


def test_what_retention_deleted_while_it_was_away_is_counted(site: Site) -> None:
    pids = [new_pid() for _ in range(10)]
    with site.scicow() as scicow, site.client() as client:
        site.produce(pair(pid=pids[0]))
        wait_until(lambda: site.committed() == 2, "2 are committed", 30, child=scicow.child)
    site.produce(message for pid in pids[1:] for message in pair(pid=pid))
    expire(site, 7)
    with site.scicow("again") as scicow, site.client() as client:
        wait_until(lambda: catalogued(client, pids[4:]), "the rest is there", 30, child=scicow.child)
        assert scicow.metric("scicow_expired_total", topic=site.topic()) == 5
        [event] = said(scicow, "expired")
        assert (event["first"], event["next"]) == (2, 7)


def test_what_retention_deletes_behind_a_pause_is_counted_too(site: Site) -> None:
    pids, hanging = [new_pid() for _ in range(30)], set[str]()
    with fault_proxy(site.catalogue) as proxy, site.client() as client:
        hanging.update(pids)
        proxy.plan = lambda _m, path, _n: "hang" if any(pid in path for pid in hanging) else None
        narrow = {"queue": 2, "concurrency": 1}
        with site.through(proxy.url).scicow(workers=narrow, scicat={"timeout": 60}) as scicow:
            site.produce(pair(pid=pid)[1] for pid in pids)
            wait_until(lambda: scicow.metric("scicow_paused", beamline=BEAMLINE) == 1, "paused", 30)
            expire(site, 25)
            hanging.clear()
            proxy.release.set()
            wait_until(lambda: catalogued(client, pids[25:]), "the rest is there", 60, child=scicow.child)
            lost = scicow.metric("scicow_expired_total", topic=site.topic())
            [event] = said(scicow, "expired")
            assert event["next"] == 25
            assert lost == 25 - event["first"] == sum(client.dataset(pid) is None for pid in pids)


def test_a_dead_letters_topic_that_is_too_narrow_is_widened(site: Site) -> None:
    body = os.urandom(200_000)
    make(site, f"{site.prefix}-dead.{BEAMLINE}", max_message_bytes="1000")
    site.produce_raw(body, key=b"large")
    with site.scicow() as scicow:
        wait_until(lambda: site.dead_letters("dead"), "the dead letter", 30, child=scicow.child)
    [dead_letter] = site.dead_letters("dead")
    assert (dead_letter.body, dead_letter.body_left) == (body, False)


def test_a_message_that_alone_keeps_failing_becomes_a_dead_letter_and_can_be_replayed(site: Site) -> None:
    bad, good = new_pid(), [new_pid() for _ in range(20)]
    impatient = {"first": 0.05, "longest": 0.1, "patience": 1, "attempts": 3}
    with fault_proxy(site.catalogue) as proxy, site.client() as client:
        proxy.plan = lambda _method, path, _number: "500" if bad in path else None
        with site.through(proxy.url).scicow(retry=impatient) as scicow:
            site.produce(pair(pid=bad)[1:])
            wait_until(lambda: scicow.metric("scicow_retries_total") > 3, "it is retried", 30)
            assert site.dead_letters("dead") == []  # while nothing succeeds the catalogue is the cause
            site.produce(message for pid in good for message in pair(pid=pid))
            [dead_letter] = wait_until(
                lambda: site.dead_letters("dead"), "it is dead", 60, child=scicow.child
            )
            assert "while others succeeded" in dead_letter.reason
            wait_until(lambda: site.committed() == 41, "all is committed", 30, child=scicow.child)
            proxy.plan = lambda _method, _path, _number: None
            assert "1 dead letter given" in command(site, "dead", "replay", "--all").stdout
            wait_until(lambda: catalogued(client, [bad, *good]), "all are there", 30, child=scicow.child)
    assert site.dead_letters("dead") == []


def test_a_named_replica_comes_back_without_a_rebalance(site: Site) -> None:
    make(site, site.topic(), partitions=4)
    pids = [new_pid() for _ in range(60)]
    with (
        site.scicow("one", kafka={"instance": "one"}) as one,
        site.scicow("two", kafka={"instance": "two"}) as two,
        site.client() as client,
    ):
        wait_until(lambda: said(two, "assigned"), "both have partitions", 30, child=two.child)
        wait_until(lambda: said(one, "revoked"), "one has given some", 30, child=one.child)
        moves = len(said(one, "assigned")) + len(said(one, "revoked"))
        site.produce(message for pid in pids for message in pair(pid=pid))
        two.child.kill()
        two.start(ready=False)
        wait_until(lambda: catalogued(client, pids), "all are there", 60, child=two.child)
        assert len(said(one, "assigned")) + len(said(one, "revoked")) == moves


def test_two_replicas_of_one_name_are_told_so(site: Site) -> None:
    make(site, site.topic())
    both = [site.scicow(name, kafka={"instance": "same"}) for name in ("one", "two")]

    def ended() -> list[ScicowProcess]:
        return [one for one in both if not one.child.running]

    with starting(both[0]), starting(both[1]):
        [one] = wait_until(ended, "one of them ends", 60)
        assert one.child.returncode == 2, "systemd must not start it again: it would throw the other one out"
        assert "another SciCow runs with the same kafka.instance" in one.child.log.read_text()


def test_top_lives_through_a_restart_of_scicow_and_ends_with_ctrl_c(site: Site) -> None:
    site.produce(pair())
    with site.scicow() as scicow:
        wait_until(lambda: scicow.metric("scicow_messages_total") == 2, "2 messages", 30, child=scicow.child)
        ours, theirs = pty.openpty()
        program = [str(Path(sys.executable).parent / "scicow"), "top", "--url", scicow.url]
        shown = bytearray()
        env = {**os.environ, "TERM": "xterm", "COLUMNS": "150", "LINES": "40"}
        with subprocess.Popen(program, stdin=theirs, stdout=theirs, stderr=theirs, env=env) as top:
            os.close(theirs)
            try:
                reader = threading.Thread(target=read_all, args=(ours, shown), daemon=True)
                reader.start()
                wait_until(lambda: BEAMLINE.encode() in shown, "the beamline is shown", 30)
                scicow.child.kill()
                wait_until(lambda: b"no SciCow answers" in shown, "its absence is shown", 30)
                scicow.start()
                shown.clear()
                wait_until(lambda: b"ready" in shown, "it is back", 30)
                top.send_signal(signal.SIGINT)
                assert top.wait(20) == 128 + signal.SIGINT
            finally:
                top.kill()
        reader.join(30)
        os.close(ours)


def read_all(terminal: int, into: bytearray) -> None:
    """Read a terminal to its end, which comes as an error when its program has gone."""
    try:
        while found := os.read(terminal, 65536):
            into += found
    except OSError:
        return
