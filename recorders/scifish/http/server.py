"""A program that answers HTTP with uvicorn: its socket, its one line of output, its end."""

import signal
import socket
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp


class PortError(Exception):
    """The address cannot be listened on; the text says which and why."""


class _Announcing(uvicorn.Server):
    """A server that reports when it answers, and when it begins to end."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None], ending: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready
        self._ending = ending

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._ending()
        await super().shutdown(sockets)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that is bound; port 0 is a free one. Raises PortError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's delay (40 ms for each answer) off only where the protocol is named.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(256)
    except (OSError, OverflowError) as error:
        listening.close()
        reason = getattr(error, "strerror", None) or error
        raise PortError(
            f"{host}:{port} cannot be listened on ({reason}); choose another --host or --port (0: free)"
        ) from error
    return listening


def serve(
    app: ASGIApp,
    listening: socket.socket,
    ready: Callable[[str], None],
    ending: Callable[[], None] = lambda: None,
) -> None:
    """Answer until SIGTERM or SIGINT; `ready` is called with the address once it answers.

    `ending` is called before the open answers are waited for: it ends those that have no end of their own.
    """
    host, port = listening.getsockname()[:2]
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, lifespan="off", timeout_graceful_shutdown=3
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn ends by a signal and then raises it again: an asked-for end is no failure.
        signal.signal(number, lambda *_: None)
    _Announcing(config, lambda: ready(address), ending).run([listening])
