"""Server-sent events: one program tells, browsers listen; who is slow or hangs holds up nobody."""

import asyncio
import threading
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

KEPT = 100  # events that wait for one listener; the oldest is dropped
ALIVE = 15.0  # seconds without news, after which a line says that the connection stands
PATIENCE = 20.0  # seconds that a listener may take nothing
HEADERS = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]


class Listener:
    """What waits for one connection."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._waiting: deque[str] = deque(maxlen=KEPT)
        self.closed = False

    def add(self, text: str) -> None:
        """Put an event for it; from any thread, and without waiting."""
        self._waiting.append(text)
        self.wake()

    def wake(self) -> None:
        """Let it look at what waits."""
        try:
            self._loop.call_soon_threadsafe(self._news.set)
        except RuntimeError:
            self.closed = True  # its server has ended

    async def events(self, alive: float) -> bytes:
        """Wait for events and return them as they are sent; after `alive` seconds a line without any."""
        try:
            await asyncio.wait_for(self._news.wait(), alive)
        except asyncio.TimeoutError:
            return b": alive\n\n"
        self._news.clear()
        taken = [self._waiting.popleft() for _ in range(len(self._waiting))]
        return "".join(f"data: {one}\n\n" for one in taken).encode()


class Broadcast:
    """Tells the same to all who listen, `most` of them at a time. Thread-safe."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._listeners: set[Listener] = set()

    def announce(self, text: str) -> None:
        """Tell an event, one line; it does not wait for anybody."""
        with self._lock:
            listeners = tuple(self._listeners)
        for one in listeners:
            one.add(text)

    def listening(self) -> int:
        """Return how many listen."""
        with self._lock:
            return len(self._listeners)

    def join(self, listener: Listener) -> bool:
        """Let one more listen; tell whether there is room."""
        with self._lock:
            if len(self._listeners) >= self._most:
                return False
            self._listeners.add(listener)
            return True

    def leave(self, listener: Listener) -> None:
        """Forget one."""
        with self._lock:
            self._listeners.discard(listener)

    def close(self) -> None:
        """End all connections, so that their server need not wait for them."""
        with self._lock:
            listeners = tuple(self._listeners)
        for one in listeners:
            one.closed = True
            one.wake()


class EventStream:
    """The ASGI application that a broadcast is listened to at. `allowed`: whether an address may."""

    def __init__(
        self,
        broadcast: Broadcast,
        allowed: Callable[[str], bool],
        *,
        alive: float = ALIVE,
        patience: float = PATIENCE,
    ) -> None:
        self._broadcast = broadcast
        self._allowed = allowed
        self._alive = alive
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until the listener goes, takes nothing any more, or the broadcast is closed."""
        host = (scope.get("client") or ("",))[0]
        if not self._allowed(host):
            await _refuse(send, HTTPStatus.FORBIDDEN, f"{host} may not listen here")
            return
        listener = Listener()
        if not self._broadcast.join(listener):
            await _refuse(send, HTTPStatus.SERVICE_UNAVAILABLE, "too many listen already")
            return
        flow = asyncio.ensure_future(self._flow(listener, send))
        gone = asyncio.ensure_future(_gone(receive))
        try:
            await asyncio.wait({flow, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._broadcast.leave(listener)
            for one in (flow, gone):
                one.cancel()
            await asyncio.gather(flow, gone, return_exceptions=True)

    async def _flow(self, listener: Listener, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        content = b": here\n\n"
        while not listener.closed:
            event = {"type": "http.response.body", "body": content, "more_body": True}
            await asyncio.wait_for(send(event), self._patience)
            content = await listener.events(self._alive)
        await asyncio.wait_for(send({"type": "http.response.body", "body": content}), self._patience)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _refuse(send: Send, status: HTTPStatus, text: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"retry-after", b"60")]
    await send({"type": "http.response.start", "status": status.value, "headers": headers})
    await send({"type": "http.response.body", "body": f"{text}\n".encode()})
