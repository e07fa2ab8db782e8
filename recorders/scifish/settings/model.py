"""The settings of SciFish, as they stand in a YAML file."""

import os
import socket
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from scifish.common.yaml_model import StrictModel, whole_path
from scifish.contract.message import BEAMLINE_PATTERN, PREFIX_PATTERN
from scifish.settings.kafka import KafkaSettings

__all__ = ["KafkaSettings"]

Mode = Literal["kafka", "outbox", "print", "null"]


def default_outbox() -> Path:
    """Return this user's outbox on this host: in the state folder, never shared between hosts by name."""
    return _state_folder() / "scizoo" / f"outbox-{socket.gethostname()}.sqlite"


def _state_folder() -> Path:
    """Return where this user's programs keep their state; a user without a home also has such a folder."""
    named = os.environ.get("XDG_STATE_HOME", "")
    if Path(named).is_absolute():
        return Path(named)
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.home raises for a user without one
    return home / ".local" / "state" if home.is_absolute() else Path("/var/tmp") / f"user-{os.getuid()}"  # noqa: S108 - for an account without a home


WholePath = Annotated[Path, AfterValidator(whole_path)]


class OutboxSettings(StrictModel):
    """Where entries are kept on this host until they are delivered."""

    path: WholePath = Field(default_factory=default_outbox, description="the SQLite file, on a local disk")
    wait: float = Field(
        default=0.25, ge=0, le=10, description="most seconds that a scan waits for a slow disk"
    )
    retention_days: float = Field(default=30, ge=0, description="days that delivered messages are kept")
    retention_megabytes: float = Field(
        default=1000, ge=0, description="size of delivered messages that are kept"
    )
    receipts: WholePath | None = Field(
        default=None, description="SciCow's file with the receipts; none: scicow.sqlite beside the outbox"
    )
    alarm_age: float = Field(default=3600, gt=0, description="seconds that a message waits before an alarm")
    alarm_megabytes: float = Field(default=500, gt=0, description="size of what waits that raises an alarm")

    @property
    def receipts_file(self) -> Path:
        """The file that holds the receipts where SciCow reads this outbox."""
        return self.receipts or self.path.with_name("scicow.sqlite")


class FilesSettings(StrictModel):
    """How `expect_files` decides that a file is complete."""

    stable_for: float = Field(
        default=2.0,
        ge=0,
        description="seconds without a change after which it is complete",
    )
    patience: float = Field(
        default=600, gt=0, description="seconds after which a file is reported as missing"
    )
    poll: float = Field(default=0.5, gt=0, le=60, description="seconds between two looks")


class SciFishSettings(StrictModel):
    """Everything that can be set; nothing must be."""

    mode: Mode | None = Field(default=None, description="none: kafka with a bootstrap, else outbox")
    beamline: str | None = Field(
        default=None, pattern=BEAMLINE_PATTERN, description="used where PathFixer does not name it"
    )
    pathfixer: str | None = Field(default=None, description="device; none: found by its class")
    scidog: str | None = Field(default=None, description="device; none: found by its class")
    orchestrator: str | None = Field(
        default=None, description="who runs the scans, as shown in the catalogue"
    )
    context_timeout: float = Field(
        default=0.5, gt=0, le=10, description="seconds PathFixer and SciDog may take"
    )
    exit_wait: float = Field(default=2.0, ge=0, description="seconds a process stays at its end to deliver")
    topic_prefix: str = Field(
        default="metadata",
        pattern=PREFIX_PATTERN,
        description="topic: prefix.beamline",
    )
    outbox: OutboxSettings = Field(default_factory=OutboxSettings)
    kafka: KafkaSettings = Field(default_factory=KafkaSettings)
    files: FilesSettings = Field(default_factory=FilesSettings)

    @field_validator("mode", mode="before")
    @classmethod
    def _null_is_a_mode(cls, mode: object) -> object:
        """YAML reads the bare word `null` as nothing: written in a file, it means the mode."""
        return "null" if mode is None else mode

    @model_validator(mode="after")
    def _kafka_has_an_address(self) -> "SciFishSettings":
        if self.mode == "kafka" and not self.kafka.bootstrap:
            raise ValueError("mode kafka needs kafka.bootstrap; write host:port there")
        return self

    @property
    def delivery(self) -> Mode:
        """The mode that is in force."""
        return self.mode or ("kafka" if self.kafka.bootstrap else "outbox")
