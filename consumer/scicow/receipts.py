"""Receipts: what became of a scan's messages, by pid, for SciFish and the spock macro to show."""

from collections.abc import Callable
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

    def send(self, receipt: Receipt, then: Callable[[], None]) -> None:
        """Send a receipt, and call `then` when it is durable, or is given up (which is counted)."""

    def flush(self, timeout: float) -> None:
        """Wait until nothing is on its way."""
