"""Work of several threads, one after another where that costs no long wait."""

import threading
from types import TracebackType


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
