"""The fields that clients write: `scicat_data` and `environment_data` of a SciFish.

Clients set whatever they have, at any time, before and after `start_scan`; nothing here checks or raises.
What becomes of a value is decided when a message is made (`scifish.scan.entry`).
"""

from collections.abc import Callable, Iterator
from typing import Any, get_origin

from scifish.contract.message import dataset_members

FILLED = frozenset(
    {"proposalId", "sourceFolder"}
)  # what the beamline's context gives where a client does not
WHOSE = FILLED | {"files", "category"}  # what can make a scan proprietary

_CONTAINERS: dict[Any, type] = {tuple: list, dict: dict}  # what a client finds to put its own into
_MEMBERS = {name: kind for name, kind in dataset_members().items() if name not in FILLED}


class EnvironmentFields:
    """How the scan is run: its command, number and detectors, and whatever an orchestrator adds."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything: the next scan begins."""
        self.__dict__.clear()
        self.title: Any = None
        self.scanID: Any = None
        self.detectors: Any = []
        self.user: Any = None
        self.exitStatus: Any = None

    def values(self) -> dict[str, Any]:
        """Return every field that was set, by the name that the message uses."""
        return dict(self.__dict__)

    def __setattr__(self, name: str, value: object) -> None:
        """Take any name: an orchestrator adds what it knows."""
        object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"environment_data has no field {name!r}; it was not set")


class DatasetFields:
    """What becomes the dataset; `title`, `scanID` and `detectors` are forwarded to the environment."""

    _FORWARDED = frozenset({"title", "scanID", "detectors"})

    def __init__(self, environment: EnvironmentFields) -> None:
        object.__setattr__(self, "_environment", environment)
        self.reset()

    def reset(self) -> None:
        """Forget everything: the next scan begins."""
        environment = self.__dict__["_environment"]
        self.__dict__.clear()
        object.__setattr__(self, "_environment", environment)
        object.__setattr__(self, "_given", {})
        object.__setattr__(self, "_on_whose", None)
        for name, kind in _MEMBERS.items():
            empty = get_origin(kind)
            setattr(self, name, None if empty not in _CONTAINERS else _CONTAINERS[empty]())

    def fill(self, **given: object) -> None:
        """Let a client read PathFixer's proposal and folder until it sets its own; they are no `values`."""
        object.__setattr__(self, "_given", {**self.__dict__["_given"], **given})

    def listen(self, on_whose: Callable[[], None]) -> None:
        """Call `on_whose` at once when a field is set that can make the scan proprietary, until `reset`."""
        object.__setattr__(self, "_on_whose", on_whose)

    def values(self) -> dict[str, Any]:
        """Return every field that the client has set, by the name that the message uses."""
        return {name: value for name, value in list(self.__dict__.items()) if not name.startswith("_")}

    def __setattr__(self, name: str, value: object) -> None:
        if name in self._FORWARDED:
            setattr(self.__dict__["_environment"], name, value)
        elif name in FILLED and value is None:
            self.__dict__.pop(name, None)
        else:
            # an iterator can be read only once, and the fields are read more often
            object.__setattr__(self, name, list(value) if isinstance(value, Iterator) else value)
            if name in WHOSE and (on_whose := self.__dict__.get("_on_whose")) is not None:
                on_whose()

    def __getattr__(self, name: str) -> Any:
        if name in DatasetFields._FORWARDED:
            return getattr(self.__dict__["_environment"], name)
        if name in FILLED:
            return self.__dict__["_given"].get(name)
        raise AttributeError(f"scicat_data has no field {name!r}; it was not set")
