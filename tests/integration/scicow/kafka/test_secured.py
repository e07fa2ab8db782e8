"""SciCow at a broker with TLS, passwords and rights; the rights are those that the operator's page names."""

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.admin import AclOperation, AdminClient, NewTopic, ResourceType

from scizoo.facility.processes import wait_until
from support.kafka.secure import (
    PASSWORD,
    SCRAM,
    USER,
    SecureKafka,
    certificate,
    certificates,
    rights,
)
from support.scicow.ingest import BEAMLINE, new_pid
from support.scicow.process import ScicowProcess
from support.scicow.run import PROPOSALS, Site, catalogued, command, pair

pytestmark = pytest.mark.kafka


@pytest.fixture
def site(tmp_path: Path, catalogue: str, secured: SecureKafka) -> Site:
    site = Site(tmp_path / "site", catalogue, secured.open)
    secured.make_topic(site.topic(), 2)
    (site.folder / "kafka.password").write_text(f"{PASSWORD}\n")
    return site


def program() -> Path:
    return Path(sys.executable).parent / "scicow"


def kafka(secured: SecureKafka, **changes: Any) -> dict[str, Any]:
    return {
        "bootstrap": secured.address,
        "security_protocol": "SASL_SSL",
        "ca_file": str(secured.ca_file),
        "mechanism": "PLAIN",
        "username": USER,
        "password_file": "kafka.password",
        **changes,
    }


def allow_all_but_the_group(secured: SecureKafka, site: Site) -> None:
    """Give the rights that docs/operators/scicow.md names."""
    topics, prefix = ResourceType.TOPIC, site.prefix
    secured.allow(
        *rights(topics, prefix, [AclOperation.READ, AclOperation.DESCRIBE_CONFIGS]),
        *rights(topics, f"{prefix}-", [AclOperation.WRITE, AclOperation.CREATE]),
        *rights(topics, f"{prefix}.", [AclOperation.WRITE]),
    )


def not_ready(scicow: ScicowProcess, text: str) -> None:
    scicow.start(ready=False)
    wait_until(lambda: text in scicow.get("/ready")[1], f"{text!r} is said", 30, child=scicow.child)


def test_the_rights_of_the_page_suffice_and_a_missing_one_is_named(secured: SecureKafka, site: Site) -> None:
    """Without the right to read the group it is not ready and says so; with it all that it does works."""
    good, poison, waits = new_pid(), new_pid(), new_pid()
    allow_all_but_the_group(secured, site)
    scicow = site.scicow(kafka=kafka(secured))
    with site.client() as client, ExitStack() as ended:
        ended.callback(lambda: scicow.child.stop(grace=20))  # it shares the catalogue with other tests
        not_ready(scicow, "give SciCow's user the right (ACL)")
        secured.allow(*rights(ResourceType.GROUP, site.prefix, [AclOperation.READ]))
        site.produce(pair(pid=good))
        site.produce_raw(b"no JSON", key=poison.encode())
        site.produce(pair(pid=waits, proposal={"id": "20269999"}))
        wait_until(lambda: catalogued(client, [good]), "the scan is there", 60, child=scicow.child)
        wait_until(scicow.is_ready, "it is ready", 30, child=scicow.child)
        wait_until(lambda: len(site.dead_letters("dead")) == 1, "the dead letter", 30, child=scicow.child)
        wait_until(lambda: len(site.dead_letters("quarantine")) == 2, "two wait", 30, child=scicow.child)
        checked = command(site, "check")
        assert checked.returncode == 0, checked
        assert "1 dead letter given" in command(site, "dead", "replay", "--all").stdout
        assert "2 dropped" in command(site, "quarantine", "drop", "--all").stdout
    assert PASSWORD not in scicow.child.log.read_text()


def test_a_body_that_may_not_be_put_aside_stays_at_its_origin_and_is_released_from_there(
    secured: SecureKafka, site: Site
) -> None:
    """The dead letters' topics are too narrow, and SciCow has no right to widen them."""
    pid = new_pid()
    large = {"scientificMetadata": {"noise": {"text": os.urandom(100_000).hex()}}}
    admin = AdminClient({"bootstrap.servers": secured.open, "log_level": 0})
    narrow = {"max.message.bytes": "2000"}
    topics = [
        NewTopic(site.kafka().store_topic(kind, BEAMLINE), 2, 1, config=narrow)
        for kind in ("dead", "quarantine")
    ]
    for made in admin.create_topics(topics).values():
        made.result(30)
    allow_all_but_the_group(secured, site)
    secured.allow(*rights(ResourceType.GROUP, site.prefix, [AclOperation.READ]))
    poison = os.urandom(50_000)
    with site.scicow(kafka=kafka(secured)) as scicow, site.client() as client:
        site.produce(pair(pid=pid, proposal={"id": "20269999"}, dataset=large)[1:])
        site.produce_raw(poison, key=b"poison")
        [dead_letter] = wait_until(
            lambda: site.dead_letters("quarantine"), "it waits", 30, child=scicow.child
        )
        assert (dead_letter.body, dead_letter.body_left) == (None, True)
        [dead] = wait_until(lambda: site.dead_letters("dead"), "it is dead", 30, child=scicow.child)
        assert dead.body_left
        config = ["--config", str(site.folder / "scicow.yaml")]
        shown = subprocess.run(
            [str(program()), "dead", "show", dead.id, "--raw", *config], capture_output=True, check=True
        )
        assert shown.stdout == poison
        site.office([*PROPOSALS, {**PROPOSALS[0], "id": "20269999"}])
        wait_until(lambda: catalogued(client, [pid]), "it is released", 30, child=scicow.child)
        wait_until(lambda: not site.dead_letters("quarantine"), "it is acknowledged", 30, child=scicow.child)
        assert len(site.dead_letters("dead")) == 1


def test_dead_letters_need_no_right_to_delete(secured: SecureKafka, site: Site) -> None:
    """They are acknowledged by tombstones, and the broker itself compacts the topic."""
    pid = new_pid()
    allow_all_but_the_group(secured, site)
    secured.allow(*rights(ResourceType.GROUP, site.prefix, [AclOperation.READ]))
    scicow = site.scicow(kafka=kafka(secured), quarantine={"recheck": 0.2})
    with scicow, site.client() as client:
        site.produce(pair(pid=pid, proposal={"id": "20269999"}))
        wait_until(lambda: len(site.dead_letters("quarantine")) == 2, "two wait", 30, child=scicow.child)
        site.office([*PROPOSALS, {**PROPOSALS[0], "id": "20269999"}])
        wait_until(lambda: catalogued(client, [pid]), "it is released", 30, child=scicow.child)
        wait_until(lambda: not site.dead_letters("quarantine"), "it is acknowledged", 30, child=scicow.child)
        site.produce_raw(b"no JSON", key=b"poison")
        wait_until(lambda: len(site.dead_letters("dead")) == 1, "the dead letter", 30, child=scicow.child)
        dropped = command(site, "dead", "drop", "--all")
        assert (dropped.returncode, dropped.stdout, dropped.stderr) == (0, "1 dropped\n", "")
        assert not site.dead_letters("dead")


@pytest.mark.parametrize("mechanism", ["PLAIN", SCRAM])
def test_a_wrong_password_is_said_and_not_shown(secured: SecureKafka, site: Site, mechanism: str) -> None:
    secured.remember()
    (site.folder / "kafka.password").write_text("wrong-hunter2")
    scicow = site.scicow(kafka=kafka(secured, mechanism=mechanism))
    not_ready(scicow, "uthentication failed")
    failed = {"_AUTHENTICATION", "_ALL_BROKERS_DOWN"}
    wait_until(
        lambda: failed <= {one.get("code") for one in scicow.events()},
        "both kinds came",
        30,
        child=scicow.child,
    )
    assert "uthentication failed" in scicow.get("/ready")[1], "the better reason stays"
    scicow.child.stop(grace=20)
    assert "hunter2" not in scicow.child.log.read_text()
    said = [one["code"] for one in scicow.events() if one["event"] == "kafka"]
    assert len(said) == len(set(said)), said  # once each kind, not at each attempt


def test_a_broker_of_another_authority_is_not_trusted(
    secured: SecureKafka, site: Site, tmp_path: Path
) -> None:
    other, _ = certificates(tmp_path)
    scicow = site.scicow(kafka=kafka(secured, ca_file=str(other)))
    not_ready(scicow, "certificate")
    scicow.child.stop(grace=20)


@pytest.mark.parametrize(
    "changes", [{"options": {"nonsense": 1}}, {"mechanism": "NTLM"}, {"ca_file": "kafka.password"}]
)
def test_what_the_client_refuses_is_one_line(
    secured: SecureKafka, site: Site, changes: dict[str, Any]
) -> None:
    site.write(kafka=kafka(secured, **changes))
    done = command(site, "run")
    assert done.returncode == 2, done
    [line] = done.stderr.splitlines()
    assert line.startswith("scicow: kafka: ")
    assert "correct kafka.options" in line


def with_certificate(secured: SecureKafka, site: Site, ca_file: Path) -> dict[str, Any]:
    """Return the settings of a client with a certificate of this authority, and an encrypted key."""
    file, key = certificate(ca_file, USER, password=PASSWORD)
    for path, name in ((file, "cow.pem"), (key, "cow.key")):
        (site.folder / name).write_bytes(path.read_bytes())
    return {
        "bootstrap": secured.mutual,
        "security_protocol": "SSL",
        "ca_file": str(secured.ca_file),
        "certificate_file": "cow.pem",
        "key_file": "cow.key",
        "key_password_file": "kafka.password",
    }


@pytest.mark.parametrize("way", ["SCRAM", "certificate"])
def test_all_of_it_works_with_scram_and_with_a_certificate(
    secured: SecureKafka, site: Site, way: str
) -> None:
    good, poison = new_pid(), new_pid()
    allow_all_but_the_group(secured, site)
    secured.allow(*rights(ResourceType.GROUP, site.prefix, [AclOperation.READ]))
    secured.remember()
    given = (
        kafka(secured, mechanism=SCRAM)
        if way == "SCRAM"
        else with_certificate(secured, site, secured.ca_file)
    )
    with site.scicow(kafka=given) as scicow, site.client() as client:
        site.produce(pair(pid=good))
        site.produce_raw(b"no JSON", key=poison.encode())
        wait_until(lambda: catalogued(client, [good]), "the scan is there", 60, child=scicow.child)
        wait_until(lambda: len(site.dead_letters("dead")) == 1, "the dead letter", 30, child=scicow.child)
        wait_until(
            lambda: sum(max(0, site.committed(partition=one)) for one in (0, 1)) == 3,
            "all is committed",
            30,
            child=scicow.child,
        )
        checked = command(site, "check")
        assert checked.returncode == 0, checked
        assert '"state": "catalogued"' in command(site, "receipt", good).stdout
    assert PASSWORD not in scicow.child.log.read_text()


@pytest.mark.parametrize("missing", [False, True])
def test_a_certificate_that_the_broker_does_not_take_is_said(
    secured: SecureKafka, site: Site, tmp_path: Path, missing: bool
) -> None:
    other, _ = certificates(tmp_path)
    given = with_certificate(secured, site, other)
    if missing:
        given = {name: one for name, one in given.items() if "certificate" not in name and "key" not in name}
    scicow = site.scicow(kafka=given)
    not_ready(scicow, "alert certificate")
    scicow.child.stop(grace=20)
