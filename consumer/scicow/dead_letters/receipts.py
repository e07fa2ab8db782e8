"""Receipts: what became of a scan's messages, by pid, for SciFish and the spock macro to show."""

from collections.abc import Callable
from typing import Protocol

from scifish.contract.receipt import Receipt, State

__all__ = ["Receipt", "ReceiptStore", "State"]


class ReceiptStore(Protocol):
    """Where receipts go."""

    def send(self, receipt: Receipt, then: Callable[[], None]) -> None:
        """Send a receipt, and call `then` when it is durable, or is given up (which is counted)."""

    def flush(self, timeout: float) -> None:
        """Wait until nothing is on its way."""
