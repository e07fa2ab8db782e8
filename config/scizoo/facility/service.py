"""What the services have in common: started when they answer, killed, started again, stopped."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from scizoo.errors import ServiceError
from scizoo.facility.processes import Child, check_port, wait_until

Own = TypeVar("Own", bound="LocalService")


class LocalService(ABC):
    """A service on this host; its folder and port stay, so it can be killed and started again."""

    name: str
    patience: float  # seconds until it must answer
    grace = 5.0  # seconds that it may take to stop

    def __init__(self, folder: Path, port: int, address: str) -> None:
        self.port = port
        self._folder = folder
        self._address = address
        self._child: Child | None = None

    @property
    def child(self) -> Child:
        """The service's process. Raises ServiceError before the first start."""
        if self._child is None:
            raise ServiceError(f"{self.name}: was not started")
        return self._child

    def start(self: Own) -> Own:
        """Start it and return when it answers. Raises ServiceError or ProcessError."""
        answers = self._looker()
        if self._child is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._child = self._prepare()
        if not self._child.running:
            check_port(self.port, self.name)
        self._child.start()
        wait_until(answers, f"{self.name} answers on {self._address}", self.patience, child=self._child)
        return self

    def stop(self) -> None:
        """Stop it in order; its data stay."""
        if self._child is not None:
            self._child.stop(self.grace)

    def kill(self) -> None:
        """End it as kill -9 does."""
        self.child.kill()

    def __enter__(self: Own) -> Own:
        try:
            return self.start()
        except BaseException:  # Ctrl-C too: without `__exit__` nobody else would stop the process
            self.stop()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @abstractmethod
    def _prepare(self) -> Child:
        """Make what it needs in its folder, and the process. Raises ServiceError."""

    @abstractmethod
    def _looker(self) -> Callable[[], Any]:
        """Return a function that is true when the service answers. Raises ServiceError."""
