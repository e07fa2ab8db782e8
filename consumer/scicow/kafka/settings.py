"""SciCow's side of Kafka: its group, and the names of its topics."""

from typing import Any

from pydantic import Field, SecretStr, model_validator

from scicow.dead_letters.dead_letter import Kind
from scifish.contract.message import PREFIX_PATTERN
from scifish.settings.kafka import KafkaSettings

FIXED = frozenset(
    {
        "acks",
        "auto.offset.reset",
        "enable.auto.commit",
        "enable.auto.offset.store",
        "enable.idempotence",
        "group.id",
        "group.instance.id",
        "partition.assignment.strategy",
        "request.required.acks",
    }
)  # of librdkafka's options: without these nothing would be read once, in order, from the beginning


class GroupSettings(KafkaSettings):
    """How SciCow reaches Kafka, its group and its topics. A path in a variable may be relative."""

    whole_paths = False

    bootstrap: str = Field(
        min_length=1,
        description="brokers: host:port, several with commas",
        json_schema_extra={"formerly": "bootstrap_servers"},
    )
    topic_prefix: str = Field(
        default="metadata", pattern=PREFIX_PATTERN, description="topics are <prefix>.<beamline>"
    )
    group: str = Field(default="scicow", min_length=1, description="consumer group that replicas share")
    instance: str | None = Field(
        default=None, description="static member name, one for each replica: a restart moves no partition"
    )
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

    @model_validator(mode="after")
    def _options_leave_the_promise(self) -> "GroupSettings":
        wrong = sorted(FIXED & self.options.keys())
        if wrong:
            raise ValueError(
                f"options: {wrong[0]} is not to be changed, SciCow's promises rest on it; take it away "
                "(the group is kafka.group)"
            )
        return self

    @model_validator(mode="after")
    def _session_is_shorter(self) -> "GroupSettings":
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
        """Return the options of librdkafka that reach the brokers. Raises SettingsError."""
        options: dict[str, Any] = {
            "client.id": "scicow",
            "topic.metadata.refresh.interval.ms": int(self.refresh * 1000),
            "reconnect.backoff.max.ms": 5000,
            "log_level": 0,  # it would print a line for each attempt; SciCow logs it once
        }
        if self.password is not None:
            options["sasl.password"] = self.password.get_secret_value()
        return {**options, **super().client()}
