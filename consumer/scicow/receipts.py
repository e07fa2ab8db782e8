"""Receipts: what became of a scan's messages, by pid, for SciFish and the spock macro to show."""

from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from scifish.message import Time

State = Literal["catalogued", "quarantined", "dead"]


class Receipt(BaseModel):
    """The state of a pid; `sequence` is of the message that it answers."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    pid: str
    state: State
    sequence: int | None = None
    dataset_pid: str | None = Field(default=None, alias="datasetPid")
    reason: str | None = None
    time: Time


class Receipts(Protocol):
    """Where receipts go."""

    def send(self, receipt: Receipt) -> None:
        """Send a receipt. It never fails a message: what cannot be sent is counted and logged."""
