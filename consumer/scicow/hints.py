"""Hints: which dataset was just written, told at once to whoever listens at this beamline."""

from collections.abc import Callable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address

from pydantic_core import to_json

from scicow.dead_letters.receipts import Receipt, ReceiptStore
from scicow.metrics import Metrics
from scifish.common.clock import iso
from scifish.http.events import Broadcast

Networks = Sequence[IPv4Network | IPv6Network]


class HintingReceipts:
    """Sends receipts, and tells the pid and the time of those whose dataset is in the catalogue."""

    def __init__(self, receipts: ReceiptStore, broadcast: Broadcast, metrics: Metrics) -> None:
        self._receipts = receipts
        self._broadcast = broadcast
        self._metrics = metrics

    def send(self, receipt: Receipt, then: Callable[[], None]) -> None:
        """Send a receipt, and its hint."""
        self._receipts.send(receipt, then)
        if receipt.state == "catalogued":
            self._metrics.hints.inc()
            self._broadcast.announce(hint_of(receipt))

    def flush(self, timeout: float) -> None:
        """Wait until no receipt is on its way."""
        self._receipts.flush(timeout)


def hint_of(receipt: Receipt) -> str:
    """Return the hint of a receipt: nothing but the dataset's pid and the time."""
    return to_json({"pid": receipt.dataset_pid or receipt.pid, "time": iso(receipt.time)}).decode()


def within(networks: Networks) -> Callable[[str], bool]:
    """Return the rule that lets the addresses of `networks` listen."""

    def allowed(host: str) -> bool:
        try:
            address = ip_address(host)
        except ValueError:
            return False
        address = getattr(address, "ipv4_mapped", None) or address
        return any(address in one for one in networks)

    return allowed
