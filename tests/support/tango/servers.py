"""Real Tango servers of ours, in processes, against a real Tango database."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tango

from pathfixer.records.memory import ATTRIBUTE, PROPERTY
from scizoo.facility.processes import Child, quiet, wait_until
from scizoo.facility.tango import server_environment

Properties = Mapping[str, str | list[str]]


class TangoServer:
    """One server process with one device, registered in the database that TANGO_HOST names."""

    def __init__(
        self,
        argv: Sequence[str | Path],
        device: str,
        properties: Properties,
        *,
        tango_host: str,
        log: Path,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.device = device
        self._argv = argv
        self._log = log
        self._env = {
            **server_environment(tango_host),
            "XDG_STATE_HOME": str(log.parent / "state"),
            **(env or {}),
        }
        self.child = self._child()
        self._properties: dict[str, object] = dict(properties)

    def _child(self, *before: str | Path) -> Child:
        name = self._argv[0] if isinstance(self._argv[0], str) else self._argv[0].name
        return Child(name, [*before, *self._argv], log=self._log, env=self._env)

    def run_by(self, *argv: str | Path) -> None:
        """Let another program, which becomes the server, start it from now on."""
        self.child = self._child(*argv)

    def register(self, tango_class: str, instance: str = "test") -> "TangoServer":
        """Put the server, its device and its properties into the database; one of before has left nothing."""
        info = tango.DbDevInfo()
        info._class, info.server, info.name = tango_class, f"{tango_class}/{instance}", self.device
        database = tango.Database()
        database.add_device(info)
        known: Any = list(database.get_device_property_list(self.device, "*") or ())
        if known:
            database.delete_device_property(self.device, known)
        if tango_class == "PathFixer":  # it keeps its proposal as a property of an attribute: another test's
            database.delete_device_attribute_property(self.device, {ATTRIBUTE: [PROPERTY]})
        database.put_device_property(self.device, self._properties)
        return self

    def start(self) -> tango.DeviceProxy:
        """Start the process; return when its device answers."""
        self.child.start()
        wait_until(quiet(self._answers, tango.DevFailed), f"{self.device} answers", 60, child=self.child)
        return self.proxy

    def stop(self) -> None:
        self.child.stop(grace=30)

    @property
    def proxy(self) -> tango.DeviceProxy:
        found = tango.DeviceProxy(self.device)
        found.set_timeout_millis(30_000)  # Tango's 3 s are too few on a busy machine
        return found

    def _answers(self) -> bool:
        return bool(tango.DeviceProxy(self.device).ping() >= 0)


def console(program: str) -> Path:
    """Return the console script `program` of this environment."""
    return Path(sys.executable).with_name(program)
