"""Poison, dead letters and the quarantine with the running SciCow, through Kafka and through the outbox."""

import json
import random
from datetime import timedelta
from functools import partial

import pytest
from confluent_kafka.admin import AdminClient

from scicow.delivery import Origin
from scifish.outbox.outbox import Outbox
from scizoo.facility.processes import wait_until
from support.scicow.fuzz import damaged, samples
from support.scicow.ingest import BEAMLINE, BEGIN, message, new_pid, scan
from support.scicow.process import ScicowProcess
from support.scicow.run import PROPOSALS, Site, catalogued, command, pair

DEEP = b'{"a":' * 5000 + b"1" + b"}" * 5000


def poison() -> dict[str, bytes | None]:
    good = message(new_pid())
    newer = json.loads(good.to_bytes()) | {"schema": "scizoo-message/2.0"}
    return {
        "no JSON": b"\x00\x01 this is no JSON",
        "not our schema": b'{"some": "document"}',
        "newer": json.dumps(newer).encode(),
        "20 MB": b'{"pad": "' + b"x" * 19_900_000 + b'"}',
        "wrong encoding": good.to_bytes().decode().replace("scan_1", "scan_Ä").encode("utf-16"),
        "latin": good.to_bytes().replace(b"scan_1", b"scan_\xc4"),
        "deep": DEEP,
        "tombstone": None,
        "empty": b"",
        "foreign beamline": message(new_pid(), beamline="elsewhere").to_bytes(),
    }


@pytest.mark.kafka
def test_no_poison_stops_it_and_each_becomes_a_dead_letter_with_its_bytes_and_headers(site: Site) -> None:
    pid, bodies = new_pid(), poison()
    for name, body in bodies.items():
        site.produce_raw(body, key=name.encode(), headers=[("mine", name.encode())])
    site.produce(scan(pid))
    with site.scicow() as scicow, site.client() as client:
        wait_until(lambda: catalogued(client, [pid], 2), "the scan is there", 60, child=scicow.child)
        wait_until(
            lambda: len(site.dead_letters("dead")) == len(bodies), "the dead letters", 30, child=scicow.child
        )
        wait_until(lambda: site.committed() == len(bodies) + 3, "all is committed", 30, child=scicow.child)
    dead_letters = {(one.key or b"").decode(): one for one in site.dead_letters("dead")}
    assert dead_letters.keys() == bodies.keys()
    for offset, (name, body) in enumerate(bodies.items()):
        dead_letter = dead_letters[name]
        assert dead_letter.body == body
        assert dead_letter.headers == (("mine", name.encode()),)
        assert dead_letter.origin == Origin(site.topic(), 0, offset)
        assert dead_letter.reason
        assert not dead_letter.body_left
    receipts = site.receipts()
    assert receipts[pid].state == "catalogued"
    assert receipts[pid].sequence == 2
    assert receipts["tombstone"].state == "dead"


@pytest.mark.kafka
def test_dead_letters_are_listed_shown_replayed_and_dropped(site: Site) -> None:
    pid = new_pid()
    site.produce_raw(b"nonsense", key=b"one")
    site.produce_raw(message(pid, beamline="later").to_bytes(), key=pid.encode())
    with site.scicow() as scicow:
        wait_until(lambda: len(site.dead_letters("dead")) == 2, "the dead letters", 30, child=scicow.child)
        # the order of two pids is nobody's promise
        first, second = sorted(site.dead_letters("dead"), key=lambda one: one.body != b"nonsense")
        listed = command(site, "dead", "list", "--json").stdout.splitlines()
        assert {json.loads(line)["id"] for line in listed} == {first.id, second.id}
        shown = json.loads(command(site, "dead", "show", first.id).stdout)
        assert shown["body"] == "nonsense"
        assert "1 dropped" in command(site, "dead", "drop", first.id).stdout
        assert [one.id for one in site.dead_letters("dead")] == [second.id]
        assert "1 dead letter given" in command(site, "dead", "replay", "--all", "--reason", "later").stdout
        again = wait_until(lambda: site.dead_letters("dead"), "it is dead again", 30, child=scicow.child)
        assert again[0].id != second.id
        assert dict(again[0].headers)["scizoo-replayed"].decode() == second.id
        missing = command(site, "dead", "drop", "no/0/1")
        assert missing.returncode == 1
        assert missing.stderr.startswith("scicow: dead letter no/0/1")
        assert command(site, "dead", "drop").returncode == 2


@pytest.mark.kafka
def test_a_dead_letter_of_a_topic_that_was_made_again_hides_no_older_one(site: Site) -> None:
    """A dead letter put twice, as after a kill, is one; two messages of the same place are two."""
    site.produce_raw(b"old", key=b"one")
    admin = AdminClient({"bootstrap.servers": site.bootstrap, "log_level": 0})
    with site.scicow() as scicow:
        wait_until(lambda: len(site.dead_letters("dead")) == 1, "the first", 30, child=scicow.child)
    admin.delete_topics([site.topic()])[site.topic()].result(30)
    wait_until(lambda: site.topic() not in admin.list_topics(timeout=10).topics, "it is gone", 30)
    site.produce_raw(b"new", key=b"one")
    for name in ("again", "once more"):
        group = f"{site.prefix}-{name.replace(' ', '-')}"  # has committed nothing: it reads all
        with site.scicow(name, kafka={"group": group}) as scicow:
            dead = partial(scicow.metric, "scicow_messages_total", result="dead")
            wait_until(dead, "the second", 30, child=scicow.child)
    assert [one.body for one in site.dead_letters("dead")] == [b"old", b"new"]


def released_when_the_office_knows_it(site: Site, scicow: ScicowProcess, pid: str) -> None:
    new = {**PROPOSALS[0], "id": "20269999", "title": "Late one"}
    with site.client() as client:
        wait_until(
            lambda: scicow.metric("scicow_dead_letters", store="quarantine") == 2,
            "2 wait",
            30,
            child=scicow.child,
        )
        assert client.dataset(pid) is None
        site.office([*PROPOSALS, new])
        wait_until(lambda: catalogued(client, [pid]), "it is released", 30, child=scicow.child)
        wait_until(
            lambda: scicow.metric("scicow_dead_letters", store="quarantine") == 0,
            "0 wait",
            30,
            child=scicow.child,
        )
        assert len(list(client.datablocks(pid))) == 1


@pytest.mark.kafka
def test_an_unknown_proposal_waits_in_quarantine_until_the_office_knows_it(site: Site) -> None:
    pid = new_pid()
    site.produce(pair(pid=pid, proposal={"id": "20269999"}))
    with site.scicow() as scicow:
        released_when_the_office_knows_it(site, scicow, pid)
        wait_until(lambda: site.receipts()[pid].state == "catalogued", "the receipt", 30, child=scicow.child)
    assert site.dead_letters("quarantine") == []


def test_the_outbox_has_the_same_quarantine_and_dead_letters(outbox_site: Site) -> None:
    site, pid, dead = outbox_site, new_pid(), new_pid()
    outbox = Outbox(site.outbox)
    outbox.put(pair(pid=pid, proposal={"id": "20269999"}))
    late = {"startTime": BEGIN - timedelta(days=1), "scientificMetadata": {"big": "x" * 2_000_000}}
    outbox.put([message(dead, dataset=late)])
    outbox.close()
    with site.scicow(scicat={"body_limit": 1_000_000}) as scicow:
        wait_until(lambda: scicow.metric("scicow_messages_total", result="dead") == 1, "dead", 30)
        released_when_the_office_knows_it(site, scicow, pid)
        [listed] = command(site, "dead", "list", "--json").stdout.splitlines()
        dead_letter = json.loads(listed)
        assert dead_letter["key"] == dead
        assert "1 dead letter given" in command(site, "dead", "replay", dead_letter["id"]).stdout
        wait_until(lambda: scicow.metric("scicow_messages_total", result="dead") == 2, "dead again", 30)
        assert json.loads(command(site, "receipt", dead).stdout)["state"] == "dead"
    again = Outbox(site.outbox)
    assert again.pending() == []
    again.close()


@pytest.mark.kafka
def test_proprietary_data_are_counted_and_copied_nowhere(site: Site) -> None:
    pid, after = new_pid(), new_pid()
    site.produce(pair(pid=pid, proposal={"category": "proprietary"}))
    site.produce(pair(pid=after))
    with site.scicow() as scicow, site.client() as client:
        wait_until(lambda: catalogued(client, [after]), "the other is there", 30, child=scicow.child)
        wait_until(lambda: site.committed() == 4, "all is committed", 30, child=scicow.child)
        assert scicow.metric("scicow_messages_total", beamline=BEAMLINE, result="refused") == 2
        assert client.dataset(pid) is None
    assert site.dead_letters("dead") == site.dead_letters("quarantine") == []
    assert pid not in site.receipts()


@pytest.mark.kafka
def test_damaged_messages_pass_through_a_broker_and_none_stops_it(site: Site) -> None:
    draw, originals, pid, count = random.Random(5), samples(), new_pid(), 400
    for number in range(count):
        site.produce_raw(damaged(draw.choice(originals), draw), key=str(number).encode())
    site.produce(scan(pid))
    with site.scicow() as scicow, site.client() as client:
        wait_until(lambda: catalogued(client, [pid], 2), "the scan is there", 60, child=scicow.child)
        wait_until(lambda: site.committed() == count + 3, "all is committed", 60, child=scicow.child)
        assert scicow.metric("scicow_retries_total") == 0
    assert not [one for one in site.dead_letters("dead") if one.reason.startswith("defect")]
