"""A broker as sites secure it: TLS with a certificate authority of its own, passwords, and rights (ACL)."""

import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from scizoo.processes import free_port
from scizoo.services import Kafka

USER, PASSWORD = "cow", "right-hunter2"
JAAS = f'org.apache.kafka.common.security.plain.PlainLoginModule required user_{USER}="{PASSWORD}";'
Right = tuple[ResourceType, str, ResourcePatternType, AclOperation]


@dataclass(frozen=True)
class SecureKafka:
    """The running broker: `open` is for the test itself, who may do all; `address` asks for everything."""

    broker: Kafka
    address: str
    ca_file: Path

    @property
    def open(self) -> str:
        return self.broker.bootstrap

    def client(self, password: str = PASSWORD, ca_file: Path | None = None) -> dict[str, str]:
        """Return librdkafka's options."""
        return {
            "security.protocol": "SASL_SSL",
            "ssl.ca.location": str(ca_file or self.ca_file),
            "sasl.mechanisms": "PLAIN",
            "sasl.username": USER,
            "sasl.password": password,
        }

    def allow(self, *rights: Right) -> None:
        """Give the user rights."""
        admin = AdminClient({"bootstrap.servers": self.open, "log_level": 0})
        bindings = [
            AclBinding(kind, name, pattern, f"User:{USER}", "*", operation, AclPermissionType.ALLOW)
            for kind, name, pattern, operation in rights
        ]
        for done in admin.create_acls(bindings, request_timeout=20).values():
            done.result(20)


def rights(kind: ResourceType, name: str, operations: Iterable[AclOperation]) -> list[Right]:
    """Return rights on all topics or groups whose name begins with `name`."""
    return [(kind, name, ResourcePatternType.PREFIXED, operation) for operation in operations]


@contextmanager
def secure_kafka(folder: Path) -> Iterator[SecureKafka]:
    """Run the broker."""
    folder.mkdir(parents=True, exist_ok=True)
    ca_file, keystore = certificates(folder)
    port, secure, controller = free_port(), free_port(), free_port()
    settings = {
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
        "listeners": f"PLAINTEXT://127.0.0.1:{port},SECURE://127.0.0.1:{secure},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port},SECURE://127.0.0.1:{secure}",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SECURE:SASL_SSL",
        "listener.name.secure.ssl.keystore.type": "PEM",
        "listener.name.secure.ssl.keystore.location": str(keystore),
        "sasl.enabled.mechanisms": "PLAIN",
        "listener.name.secure.plain.sasl.jaas.config": JAAS,
        "auto.create.topics.enable": "false",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
    }
    with Kafka(folder / "kafka", port=port, settings=settings) as broker:
        yield SecureKafka(broker, f"127.0.0.1:{secure}", ca_file)


def certificates(folder: Path) -> tuple[Path, Path]:
    """Make an authority and a certificate for 127.0.0.1; return the authority's and the server's file."""
    ca_file, server, keystore = folder / "ca.pem", folder / "server.pem", folder / "keystore.pem"
    short = ["-newkey", "rsa:2048", "-nodes", "-days", "2", "-x509"]
    _openssl("req", *short, "-subj", "/CN=test CA", "-keyout", f"{ca_file}.key", "-out", str(ca_file))
    signed = ["-CA", str(ca_file), "-CAkey", f"{ca_file}.key", "-addext", "subjectAltName=IP:127.0.0.1"]
    signed += ["-addext", "basicConstraints=critical,CA:FALSE"]
    _openssl("req", *short, *signed, "-subj", "/CN=kafka", "-keyout", f"{server}.key", "-out", str(server))
    keystore.write_text(Path(f"{server}.key").read_text() + server.read_text() + ca_file.read_text())
    return ca_file, keystore


def _openssl(*arguments: str) -> None:
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True)
    assert done.returncode == 0, f"openssl (apt-get install openssl): {done.stderr}"
