"""Sardana on this host, without a display: provisioned with sardana-config, run through its Door."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import tango

from scizoo.errors import ProcessError, SardanaError
from scizoo.facility.door import Door
from scizoo.facility.processes import Child, quiet, wait_until
from scizoo.facility.sardana_yaml import SardanaSettings, sardana_document, write_yaml
from scizoo.facility.tango import server_environment

BIN = Path(sys.executable).parent
PATIENCE = 120.0  # seconds; on an idle machine each takes a few


class Sardana:
    """A Pool and a MacroServer; `folder` has their logs, their YAML and the MacroServer's environment."""

    def __init__(
        self,
        folder: Path,
        tango_host: str,
        settings: SardanaSettings,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.settings = settings
        self._folder = folder
        self._host = tango_host
        self._loader: Child | None = None
        environment = {**server_environment(tango_host), **(env or {})}
        self.pool = _server("Pool", settings.instance, folder, environment)
        self.macroserver = _server("MacroServer", settings.instance, folder, environment)

    def provision(self) -> None:
        """Write the devices and the environment with sardana-config. Raises SardanaError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        document = sardana_document(self.settings, self._host, self._folder / "macroserver.properties")
        path = write_yaml(self._folder / "sardana.yaml", document)
        loader = Child(
            "sardana-config",
            [BIN / "sardana-config", "load", "--write", "--environment", path],
            log=self._folder / "sardana-config.log",
            env=server_environment(self._host),
        )
        self._loader = loader
        with loader:
            if loader.wait(PATIENCE) != 0:
                raise SardanaError(f"sardana-config: could not load {path}: {loader.tail(3)}")

    def start(self) -> "Sardana":
        """Start both servers and return when the doors answer. Raises ProcessError."""
        self.pool.start()
        wait_for_device(self.pool, self.settings.pool, PATIENCE)
        self.macroserver.start()
        for door in self.settings.doors:
            wait_for_device(self.macroserver, door, PATIENCE)
        return self

    def stop(self) -> None:
        """Stop the MacroServer, then the Pool; a provisioning that is under way too."""
        if self._loader is not None:
            self._loader.stop()
        self.macroserver.stop()
        self.pool.stop()

    def door(self, number: int = 0) -> Door:
        """Return one of the doors, to run macros through."""
        return Door(self.settings.doors[number])


@contextmanager
def sardana(
    folder: Path, tango_host: str, settings: SardanaSettings, env: Mapping[str, str] | None = None
) -> Iterator[Sardana]:
    """Provision and run Sardana in `folder`; `env` is added to the servers' environment."""
    servers = Sardana(folder, tango_host, settings, env)
    try:
        servers.provision()
        yield servers.start()
    finally:
        servers.stop()


def wait_for_device(child: Child, device: str, timeout: float) -> None:
    """Wait until a device of a server answers. Raises ProcessError."""
    answers = quiet(lambda: _answers(device), tango.DevFailed, default=False)
    wait_until(answers, f"{device} answers", timeout, child=child)


def _answers(device: str) -> bool:
    tango.DeviceProxy(device).ping()
    return True


def _server(name: str, instance: str, folder: Path, environment: dict[str, str]) -> Child:
    executable = BIN / name
    if not executable.exists():
        raise ProcessError(f"{name}: {executable} is not there; install it with: pip install 'scizoo[demo]'")
    return Child(name, [executable, instance], log=folder / f"{name}.log", env=environment, cwd=folder)
