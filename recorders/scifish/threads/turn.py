"""Work of several threads, one after another where that costs no long wait."""

import threading
from types import TracebackType
from weakref import WeakValueDictionary


class Turn:
    """Entered by one thread at a time; who has waited `patience` seconds for it goes on without it."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._lock = threading.Lock()
        self._mine = threading.local()

    def __enter__(self) -> None:
        self._mine.has = self._lock.acquire(timeout=self._patience)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._mine.has:
            self._lock.release()


class Turns:
    """A turn for each key, kept while a thread uses it."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._lock = threading.Lock()
        self._turns: WeakValueDictionary[str, Turn] = WeakValueDictionary()

    def of(self, key: str) -> Turn:
        """Return the turn of a key."""
        with self._lock:
            turn = self._turns.get(key)
            if turn is None:
                turn = self._turns[key] = Turn(self._patience)
            return turn
