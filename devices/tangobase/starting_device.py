"""The base of our Tango devices: they start, try again by themselves, and publish State and Status."""

from importlib.metadata import version
from typing import ClassVar

import tango
from tango.server import Device, attribute, device_property

from scifish.tango_client.text import latin1
from tangobase.errors import PropertyError
from tangobase.server import living
from tangobase.start import PERIOD, StartAgain


class StartingDevice(Device):
    """A device whose `init_device` never raises: FAULT says why, and what may pass is tried again."""

    SILENT: ClassVar[frozenset[str]] = frozenset()
    """The attributes without change events; all others have them."""
    PASSING: ClassVar[tuple[type[Exception], ...]]
    """Something is not there that may come."""
    _starting = False
    """Whether the device begins anew, so that its Status is that of before."""

    CheckPeriod: float = device_property(
        dtype=float,
        default_value=PERIOD,
        doc="Seconds between two tries to start while a folder, a file or the Tango database is not there",
    )

    @classmethod
    def published(cls) -> tuple[str, ...]:
        """Return the names of the attributes with change events, without State and Status."""
        own = [name for name in dir(cls) if isinstance(getattr(cls, name), attribute)]
        return tuple(name for name in own if name not in {"State", "Status", *cls.SILENT})

    def delete_device(self) -> None:
        """End the tries to start."""
        self._again.close()
        super().delete_device()
        living.discard(self.get_name())

    def _begin(self) -> None:
        """Read the properties and start; to be called by `init_device`."""
        living.add(self.get_name())
        self._again = StartAgain(self, self._has_started)
        self._prepared = False
        self._with_events = self.published()
        self._pushed: dict[str, object] = {}
        self._starting = True
        self._has_started()
        self._starting = False

    def _start(self) -> None:
        """Do the device's own work. May raise PropertyError, `PASSING` and DevFailed."""

    def _push_changes(self) -> None:
        """Send an event of each published attribute whose value is not that of its last event."""
        for name in self._with_events:
            value = getattr(type(self), name).fget(self)
            if name not in self._pushed or self._pushed[name] != value:
                self._pushed[name] = value
                self.push_change_event(name, value)

    def _fault(self, text: str) -> None:
        self._set_status(tango.DevState.FAULT, text)

    def _set_status(self, state: tango.DevState, status: str) -> bool:
        """Publish state and status; return whether they are new."""
        text = latin1(status)
        if (state, text) == (self.get_state(), self.get_status()):
            return False
        self.set_state(state)
        self.set_status(text)
        self.push_change_event("State", state)
        self.push_change_event("Status", text)
        return True

    def _has_started(self) -> bool:
        try:
            if not self._prepared:
                self._prepare()
            self._start()
        except PropertyError as error:
            self._fault(f"{error}; then call Init")
        except self.PASSING as error:
            self._fault(self._again.every(self.CheckPeriod, str(error)))
        except tango.DevFailed as error:
            self._fault(self._again.every(self.CheckPeriod, error.args[0].desc))
        except Exception as error:  # noqa: BLE001 - an exception here would kill the device
            text = f"{type(error).__name__}: {error}; correct the properties, or report this, then call Init"
            self._fault(text)
        else:
            return True
        return False

    def _prepare(self) -> None:
        super().init_device()
        for name in (*self._with_events, "State", "Status"):
            self.set_change_event(name, True, False)
        self.add_version_info("SciZoo", version("scizoo"))
        if self.CheckPeriod <= 0:
            raise PropertyError(f"the property CheckPeriod is {self.CheckPeriod:g}; write seconds above 0")
        self._prepared = True
