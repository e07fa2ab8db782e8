"""PathFixer, SciDog and SciFly of one beamline, as processes in a real Tango database, over real folders."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

import yaml

from scifish.contract.message import Message, read_message
from scifish.outbox.outbox import Outbox
from support.sdm.offices import BEAMLINE, entry, write_proposals, write_settings
from support.tango.servers import TangoServer, console

PROPOSAL, OTHER, PROPRIETARY = "20260001", "20260002", "20260003"
INTERVAL = 0.1  # seconds between two looks of SciFly
_numbers = count(1)  # each test has devices of its own: what one remembers in the database is no other's


class Chain:
    """The registered servers, which a test starts, stops and kills; what they record is in `outbox`."""

    def __init__(self, folder: Path, tango_host: str) -> None:
        self.folder = folder
        self._tango_host = tango_host
        self.outbox = Outbox(folder / "outbox.sqlite")
        self.store = folder / "store"
        self.root = folder / "data"
        for made in (self.store, self.root):
            made.mkdir()
        self._number = next(_numbers)
        self._settings = folder / "scifish.yaml"
        self._settings.write_text(yaml.safe_dump(self._scifish()), encoding="utf-8")
        self.pathfixer = self._server("PathFixer", self._paths())
        self.scidog = self._server("SciDog", {"Store": str(self.store)})
        self.scifly = self._server("SciFly", self._looks())

    def raw(self) -> Path:
        """Return the folder that PathFixer tells."""
        return Path(json.loads(self.pathfixer.proxy.Context)["path"])

    def messages(self) -> list[Message]:
        """Return all that was recorded, oldest first."""
        return [read_message(one.body) for one in self.outbox.messages()]

    def ends(self) -> dict[str, Message]:
        """Return what the catalogue would hold in the end: by pid, the highest sequence."""
        ends = sorted((one for one in self.messages() if one.event == "end"), key=lambda one: one.sequence)
        return {one.pid: one for one in ends}

    def _paths(self) -> dict[str, str | list[str]]:
        proposals = [
            entry(PROPOSAL),
            entry(OTHER, category="staff", visits=[]),
            entry(PROPRIETARY, code="IN"),
        ]
        write_proposals(self.folder / "proposals.yaml", *proposals)
        config = write_settings(self.folder / "sdm.yaml")
        return {"Beamline": BEAMLINE, "Root": str(self.root), "ProposalsConfig": str(config)}

    def _looks(self) -> dict[str, str | list[str]]:
        return {
            "PathDevice": self._device("PathFixer"),
            "StateFolder": str(self.folder / "state"),
            "TimeZone": "Europe/Stockholm",
            "Interval": str(INTERVAL),
            "Linger": "0",
        }

    def _scifish(self) -> dict[str, object]:
        devices = {name.lower(): self._device(name) for name in ("PathFixer", "SciDog")}
        return {"mode": "outbox", "outbox": {"path": str(self.outbox.path)}, **devices}

    def _device(self, name: str) -> str:
        return f"test{self._number}/ctl/{name.lower()}"

    def _server(self, name: str, properties: dict[str, str | list[str]]) -> TangoServer:
        instance = f"test{self._number}"
        log, env = self.folder / f"{name}.log", {"SCIFISH_CONFIG": str(self._settings)}
        return TangoServer(
            [console(name), instance],
            self._device(name),
            properties,
            tango_host=self._tango_host,
            log=log,
            env=env,
        ).register(name, instance)


@contextmanager
def chain(folder: Path, tango_host: str) -> Iterator[Chain]:
    """Register a beamline; whatever a test started is stopped at the end."""
    made = Chain(folder, tango_host)
    with ExitStack() as ends:
        ends.callback(made.outbox.close)
        for server in (made.pathfixer, made.scidog, made.scifly):
            ends.callback(server.stop)
        yield made
