"""Dead letters' topics that somebody deletes under a SciCow, or makes without it: what comes there stays."""

from collections.abc import Iterable
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, ResourceType

from scicow.dead_letters.dead_letter import DeadLetter, Kind, dead_letter_of
from scicow.delivery import Delivery, Origin
from scicow.kafka.producer import KafkaRecord, Publisher
from scicow.kafka.reader import read_topic
from scicow.kafka.topic_retention import COMPACTED, LASTING, SOON
from scicow.metrics import Metrics
from scicow.settings.model import load
from scicow.transport import open_transport
from scizoo.facility.processes import wait_until
from support.scicow.ingest import BEAMLINE
from support.scicow.run import Site

pytestmark = pytest.mark.kafka


@pytest.fixture
def admin(bootstrap: str) -> AdminClient:
    return AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})


def dead_letter(site: Site, number: int) -> DeadLetter:
    return dead_letter_of(Delivery(BEAMLINE, Origin(site.topic(), 0, number), b"pid", b"body"), "why")


def config(
    admin: AdminClient, site: Site, kind: Kind = "dead", names: Iterable[str] = LASTING
) -> dict[str, Any]:
    """Return how long a dead letters' topic keeps what is in it."""
    resource = ConfigResource(ResourceType.TOPIC, site.kafka().store_topic(kind, BEAMLINE))
    told = admin.describe_configs([resource])[resource].result(30)
    return {name: told[name].value for name in names}


def delete(admin: AdminClient, site: Site) -> None:
    topic = site.kafka().store_topic("dead", BEAMLINE)
    admin.delete_topics([topic])[topic].result(30)
    wait_until(lambda: topic not in admin.list_topics(timeout=10).topics, "it is gone", 30)


def test_a_deleted_topic_is_made_again_as_the_first_time(admin: AdminClient, site: Site) -> None:
    transport = open_transport(load(site.write()), Metrics())
    try:
        store = transport.store("dead")
        store.put(dead_letter(site, 0))
        assert config(admin, site) == LASTING
        assert config(admin, site, names=COMPACTED) == COMPACTED
        delete(admin, site)
        transport.prepare()
        store.put(dead_letter(site, 1))
        assert config(admin, site) == LASTING
        assert [one.origin.offset for one in site.dead_letters("dead")] == [1]
    finally:
        transport.close()


def test_where_the_broker_takes_no_time_for_compaction_its_own_counts(
    admin: AdminClient, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SOON, "max.compaction.lag.ms", "not a number: the broker refuses it")
    with site.store("dead") as store:
        store.put(dead_letter(site, 0))
        assert [one.origin.offset for one in store.dead_letters()] == [0]
    assert config(admin, site, names=COMPACTED) == COMPACTED


def test_a_topic_that_the_broker_has_made_itself_keeps_its_dead_letters(
    admin: AdminClient, site: Site
) -> None:
    """The dead letter comes just when the topic is gone."""
    transport = open_transport(load(site.write()), Metrics())
    try:
        store = transport.store("dead")
        store.put(dead_letter(site, 0))
        delete(admin, site)
        store.put(dead_letter(site, 1))
        assert config(admin, site) != LASTING
        transport.prepare()
        assert config(admin, site) == LASTING
        store.put(dead_letter(site, 2))
        assert [one.origin.offset for one in site.dead_letters("dead")] == [1, 2]
    finally:
        transport.close()


def test_what_an_administrator_has_set_stays(admin: AdminClient, site: Site) -> None:
    topic = site.kafka().store_topic("quarantine", BEAMLINE)
    own = {"retention.ms": "86400000", "max.message.bytes": "2000"}
    admin.create_topics([NewTopic(topic, 1, 1, config=own)])[topic].result(30)
    transport = open_transport(load(site.write()), Metrics())
    try:
        transport.prepare()
    finally:
        transport.close()
    assert config(admin, site, "quarantine") == {**LASTING, "retention.ms": "86400000"}


def test_a_running_scicow_looks_by_itself(admin: AdminClient, site: Site) -> None:
    topic = site.kafka().store_topic("dead", BEAMLINE)
    admin.create_topics([NewTopic(topic, 1, 1)])[topic].result(30)
    assert config(admin, site) != LASTING
    with site.scicow() as scicow:
        wait_until(lambda: config(admin, site) == LASTING, "it is made lasting", 30, child=scicow.child)


def test_a_record_that_is_no_dead_letter_is_left_alone(site: Site) -> None:
    topic = site.kafka().store_topic("dead", BEAMLINE)
    with site.store("dead") as store:
        store.put(dead_letter(site, 0))
        foreign = Publisher(site.kafka())
        foreign.put(KafkaRecord(topic, b"strange", b"what is this?", partition=0))
        foreign.close()
        store.put(dead_letter(site, 1))
        assert [one.origin.offset for one in store.dead_letters()] == [0, 1]
        store.acknowledge(list(store.dead_letters()))
        assert list(store.dead_letters()) == []
        assert b"strange" in {one.key for one in read_topic(site.kafka(), topic, BEAMLINE)}
