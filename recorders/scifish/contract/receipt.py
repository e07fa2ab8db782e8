"""Receipts: what became of a scan's messages, by pid. SciCow writes them; others read them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scifish.contract.message import Time

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
    """Where receipts are read (`KafkaReceipts`, `FileReceipts`)."""

    def find(self, pids: Mapping[str, datetime | None], *, timeout: float) -> dict[str, Receipt]:
        """Return the last receipt of each pid that has one, within `timeout` seconds. Raises ReceiptsError.

        With each pid goes the time since when it may have a receipt; None: not known.
        """


def read_receipt(body: str | bytes | None) -> Receipt | None:
    """Read a receipt; None: these bytes are none that this version knows."""
    if body is None:
        return None
    try:
        return Receipt.model_validate_json(body)
    except ValidationError:
        return None
