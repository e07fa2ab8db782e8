"""The TCP ports of a demo's servers: free ones, or fixed ones in a row."""

from dataclasses import dataclass

from scizoo.facility.processes import check_port, free_port

NAMES = ("Tango database", "catalogue", "SciCow", "Kafka", "Kafka's controller", "Scanlog")


@dataclass(frozen=True)
class Ports:
    """Where each server of a demo listens; Tango's device servers take free ports, which Tango knows."""

    tango: int
    catalogue: int
    scicow: int
    kafka: int
    controller: int
    scanlog: int


def choose_ports(first: int | None) -> Ports:
    """Return the ports from `first` on, or free ones. Raises ProcessError for one that is in use."""
    if first is None:
        return Ports(*(free_port() for _ in NAMES))
    for number, name in enumerate(NAMES, first):
        check_port(number, name)
    return Ports(*range(first, first + len(NAMES)))
