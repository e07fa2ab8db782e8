"""The Kafka broker that the demo goes through."""

import socket

from scizoo.errors import DemoError

OWN = "own"


def check_broker(address: str) -> None:
    """Raise DemoError unless something listens at HOST:PORT."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise DemoError(f"--kafka {address!r} is not HOST:PORT; write one, such as localhost:9092")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except OSError as error:
        raise DemoError(
            f"--kafka {address}: no broker answers ({error.strerror or error}); start it, "
            "or leave HOST:PORT out and the demo starts one"
        ) from error
