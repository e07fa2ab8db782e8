"""How SciCow reaches Kafka, and the names of its topics."""

import os
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, model_validator

from scicow.dead_letters.dead_letter import Kind
from scifish.common.secrets import secret_in
from scifish.common.yaml_model import StrictModel
from scifish.contract.message import PREFIX_PATTERN
from scifish.errors import SecretError, SettingsError

FIXED = frozenset(
    {
        "acks",
        "auto.offset.reset",
        "bootstrap.servers",
        "enable.auto.commit",
        "enable.auto.offset.store",
        "enable.idempotence",
        "group.id",
        "group.instance.id",
        "metadata.broker.list",
        "partition.assignment.strategy",
        "request.required.acks",
    }
)  # of librdkafka's options: without these nothing would be read once, in order, from the beginning


class KafkaSettings(StrictModel):
    """The broker, the group, the topics; secrets come from files or the environment."""

    bootstrap_servers: str = Field(min_length=1, description="brokers: host:port, separated by commas")
    topic_prefix: str = Field(
        default="metadata", pattern=PREFIX_PATTERN, description="topics are <prefix>.<beamline>"
    )
    group: str = Field(default="scicow", min_length=1, description="consumer group that replicas share")
    instance: str | None = Field(
        default=None, description="static member name, one for each replica: a restart moves no partition"
    )
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT", description="how the connection is secured"
    )
    ca_file: Path | None = Field(
        default=None, description="certificate authorities that the brokers are checked by"
    )
    certificate_file: Path | None = Field(
        default=None, description="SciCow's own certificate (PEM), where the brokers ask for one"
    )
    key_file: Path | None = Field(default=None, description="its private key (PEM)")
    key_password_file: Path | None = Field(
        default=None, description="file that holds the password of an encrypted key"
    )
    mechanism: str | None = Field(default=None, description="SASL mechanism, such as SCRAM-SHA-512")
    username: str | None = Field(default=None, description="SASL user")
    password_file: Path | None = Field(default=None, description="file that holds the SASL password")
    password: SecretStr | None = Field(default=None, description="the password; for the environment only")
    refresh: float = Field(default=5.0, gt=0, le=3600, description="seconds between two looks for new topics")
    session_timeout: float = Field(
        default=15.0, ge=6, le=3600, description="seconds after which a dead SciCow's work goes to another"
    )
    max_poll_interval: float = Field(
        default=300.0,
        ge=10,
        le=86_400,
        description="seconds after which a hanging SciCow loses its partitions",
    )
    buffer_bytes: int = Field(
        default=16_000_000, ge=1_000_000, description="bytes that the Kafka client fetches ahead"
    )
    replication: int = Field(
        default=-1, ge=-1, description="replicas of the topics that SciCow makes; -1: the broker's default"
    )
    options: dict[str, str | int | float | bool] = Field(
        default_factory=dict, description="more options of librdkafka, as it names them"
    )

    @model_validator(mode="after")
    def _certificate_has_its_key(self) -> "KafkaSettings":
        if (self.certificate_file is None) != (self.key_file is None):
            raise ValueError("certificate_file and key_file belong together; give both, or none")
        return self

    @model_validator(mode="after")
    def _options_leave_the_promise(self) -> "KafkaSettings":
        wrong = sorted(FIXED & self.options.keys())
        if wrong:
            raise ValueError(
                f"options: {wrong[0]} is not to be changed, SciCow's promises rest on it; take it away "
                "(the group is kafka.group, the servers kafka.bootstrap_servers)"
            )
        return self

    @model_validator(mode="after")
    def _session_is_shorter(self) -> "KafkaSettings":
        if self.session_timeout > self.max_poll_interval:
            raise ValueError(
                f"session_timeout ({self.session_timeout:g} s) must not be longer than max_poll_interval "
                f"({self.max_poll_interval:g} s)"
            )
        return self

    @property
    def pattern(self) -> str:
        """Return the subscription: all beamlines' topics."""
        return rf"^{self.topic_prefix}\..*"

    @property
    def receipts_topic(self) -> str:
        """Return the topic of the receipts."""
        return f"{self.topic_prefix}-receipts"

    def topic(self, beamline: str) -> str:
        """Return a beamline's topic."""
        return f"{self.topic_prefix}.{beamline}"

    def store_topic(self, kind: Kind, beamline: str) -> str:
        """Return a beamline's topic of dead letters or of the quarantine."""
        return f"{self.topic_prefix}-{kind}.{beamline}"

    def member(self) -> dict[str, Any]:
        """Return the options of a consumer of the group that commits by itself; all must agree on them."""
        return {
            "group.id": self.group,
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "earliest",  # the first message of a new beamline is included
            "partition.assignment.strategy": "cooperative-sticky",
            "session.timeout.ms": int(self.session_timeout * 1000),
            "heartbeat.interval.ms": int(self.session_timeout * 1000 / 5),
            "max.poll.interval.ms": int(self.max_poll_interval * 1000),
            "queued.max.messages.kbytes": self.buffer_bytes // 1000,
            "fetch.queue.backoff.ms": 100,
            **({"group.instance.id": self.instance} if self.instance else {}),
            **self.client(),
        }

    def client(self) -> dict[str, Any]:
        """Return the options of librdkafka that reach the broker. Raises SettingsError."""
        options: dict[str, Any] = {
            "bootstrap.servers": self.bootstrap_servers,
            "client.id": "scicow",
            "security.protocol": self.security_protocol,
            "topic.metadata.refresh.interval.ms": int(self.refresh * 1000),
            "reconnect.backoff.max.ms": 5000,
            "log_level": 0,  # it would print a line for each attempt; SciCow logs it once
        }
        secured = {
            "ssl.ca.location": self._location("ca_file"),
            "ssl.certificate.location": self._location("certificate_file"),
            "ssl.key.location": self._location("key_file"),
            "ssl.key.password": self._secret("key_password_file"),
            "sasl.mechanism": self.mechanism,
            "sasl.username": self.username,
            "sasl.password": self._secret("password_file") or self._password(),
        }
        options.update({name: value for name, value in secured.items() if value is not None})
        return {**options, **self.options}

    def _password(self) -> str | None:
        return self.password.get_secret_value() if self.password else None

    def _location(self, name: str) -> str | None:
        """Return the path that a setting names, if it can be read: librdkafka does not say which cannot."""
        path: Path | None = getattr(self, name)
        if path is not None and not os.access(path, os.R_OK):
            raise SettingsError(f"kafka.{name}: {path} cannot be read; check the path and its rights")
        return None if path is None else str(path)

    def _secret(self, name: str) -> str | None:
        """Return what the file that a setting names holds."""
        path: Path | None = getattr(self, name)
        try:
            return None if path is None else secret_in(path, "password")
        except SecretError as error:
            raise SettingsError(f"kafka.{name}: {error}") from error
