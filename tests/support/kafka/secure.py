"""A broker as sites secure it: TLS with an authority of its own, passwords, certificates, rights (ACL)."""

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
    NewTopic,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialAlteration,
    UserScramCredentialUpsertion,
)

from scizoo.facility.kafka import Kafka
from scizoo.facility.processes import free_port

USER, PASSWORD = "cow", "right-hunter2"
SCRAM = "SCRAM-SHA-512"
JAAS = f'org.apache.kafka.common.security.plain.PlainLoginModule required user_{USER}="{PASSWORD}";'
SCRAM_JAAS = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
NEW = ("req", "-newkey", "rsa:2048", "-days", "2", "-x509")
PROTOCOLS = "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SECURE:SASL_SSL,MUTUAL:SSL"
Right = tuple[ResourceType, str, ResourcePatternType, AclOperation]


@dataclass(frozen=True)
class SecureKafka:
    """The running broker: `open` is for the test itself, who may do all.

    `address` asks for a password (PLAIN or SCRAM), `mutual` for a certificate of its authority.
    """

    broker: Kafka
    address: str
    mutual: str
    ca_file: Path

    @property
    def open(self) -> str:
        return self.broker.bootstrap

    def make_topic(self, name: str, partitions: int = 1) -> None:
        admin = AdminClient({"bootstrap.servers": self.open, "log_level": 0})
        admin.create_topics([NewTopic(name, partitions, 1)])[name].result(30)

    def client(
        self, password: str = PASSWORD, ca_file: Path | None = None, mechanism: str = "PLAIN"
    ) -> dict[str, str]:
        """Return librdkafka's options."""
        return {
            "security.protocol": "SASL_SSL",
            "ssl.ca.location": str(ca_file or self.ca_file),
            "sasl.mechanisms": mechanism,
            "sasl.username": USER,
            "sasl.password": password,
        }

    def remember(self, password: str = PASSWORD) -> None:
        """Let the broker know the user's password for SCRAM."""
        admin = AdminClient({"bootstrap.servers": self.open, "log_level": 0})
        info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
        known: list[UserScramCredentialAlteration]
        known = [UserScramCredentialUpsertion(USER, info, password.encode())]
        for done in admin.alter_user_scram_credentials(known, request_timeout=20).values():
            done.result(20)

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
    port, secure, mutual, controller = free_port(), free_port(), free_port(), free_port()
    listeners = f"PLAINTEXT://127.0.0.1:{port},SECURE://127.0.0.1:{secure},MUTUAL://127.0.0.1:{mutual}"
    settings = {
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
        "listeners": f"{listeners},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": listeners,
        "listener.security.protocol.map": PROTOCOLS,
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(keystore),
        "sasl.enabled.mechanisms": f"PLAIN,{SCRAM}",
        "listener.name.secure.plain.sasl.jaas.config": JAAS,
        "listener.name.secure.scram-sha-512.sasl.jaas.config": SCRAM_JAAS,
        "listener.name.mutual.ssl.client.auth": "required",
        "listener.name.mutual.ssl.truststore.type": "PEM",
        "listener.name.mutual.ssl.truststore.location": str(ca_file),
        "listener.name.mutual.ssl.principal.mapping.rules": "RULE:^CN=([^,]+)$/$1/",
        "auto.create.topics.enable": "false",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
    }
    with Kafka(folder / "kafka", port=port, settings=settings) as broker:
        yield SecureKafka(broker, f"127.0.0.1:{secure}", f"127.0.0.1:{mutual}", ca_file)


def certificates(folder: Path) -> tuple[Path, Path]:
    """Make an authority and a certificate for 127.0.0.1; return the authority's and the server's file."""
    ca_file, keystore = folder / "ca.pem", folder / "keystore.pem"
    _openssl(*NEW, "-nodes", "-subj", "/CN=test CA", "-keyout", f"{ca_file}.key", "-out", str(ca_file))
    server, key = certificate(ca_file, "kafka", extra=("-addext", "subjectAltName=IP:127.0.0.1"))
    keystore.write_text(key.read_text() + server.read_text() + ca_file.read_text())
    return ca_file, keystore


def certificate(
    ca_file: Path, name: str, *, password: str | None = None, extra: Iterable[str] = ()
) -> tuple[Path, Path]:
    """Make a certificate of the authority for a name; return its file, and its key's (with the password)."""
    file, key = ca_file.with_name(f"{name}.pem"), ca_file.with_name(f"{name}.key")
    signed = [
        "-CA",
        str(ca_file),
        "-CAkey",
        f"{ca_file}.key",
        "-addext",
        "basicConstraints=critical,CA:FALSE",
    ]
    locked = ["-nodes"] if password is None else ["-passout", f"pass:{password}"]
    _openssl(*NEW, *locked, *signed, *extra, "-subj", f"/CN={name}", "-keyout", str(key), "-out", str(file))
    return file, key


def _openssl(*arguments: str) -> None:
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True)
    assert done.returncode == 0, f"openssl (apt-get install openssl): {done.stderr}"
