"""The same proposals in a file, in DUO and in SciCat: what the contract of a source is tried on."""

from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import yaml

from scifish.common.clock import iso
from sdm import Person, Proposal, ProposalsSettings
from sdm.offices.file import read_proposals
from sdm.testing.simulator import Simulator
from support.scicat.catalogue import Api, made
from support.scicat.fault_proxy import FaultProxy
from support.sdm.offices import ZONE, duo_settings, source_settings, write_proposals


class Source(Protocol):
    """An office that a test fills and breaks."""

    settings: ProposalsSettings

    def write(self, *entries: dict[str, Any]) -> None:
        """Let it have these proposals and no others; then it works, too."""

    def fail(self) -> None:
        """Let it give no usable answer."""


class FileSource:
    """The YAML file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "proposals.yaml"
        self.settings = source_settings("file", {"path": str(self.path)}, folder)

    def write(self, *entries: dict[str, Any]) -> None:
        write_proposals(self.path, *entries)

    def fail(self) -> None:
        self.path.write_text("proposals: [")


class DuoSource(FileSource):
    """The simulator of DUO, which serves that file."""

    def __init__(self, folder: Path, simulator: Simulator) -> None:
        super().__init__(folder)
        self.settings = duo_settings(simulator, folder)


class ScicatSource:
    """A catalogue behind a proxy that spoils its answers."""

    def __init__(self, folder: Path, proxy: FaultProxy, admin: Api) -> None:
        self._folder = folder
        self._proxy = proxy
        self._admin = admin
        (folder / "scicat-token").write_text(str(admin.client.headers["Authorization"]).split()[1])
        section = {
            "url": f"{proxy.url}/api/v3",
            "token_file": str(folder / "scicat-token"),
            "timeout": 20,
            "attempts": 2,
            "wait": 0.01,
        }
        self.settings = source_settings("scicat", section, folder)

    def write(self, *entries: dict[str, Any]) -> None:
        self._proxy.plan = lambda _method, _path, _number: None
        self._admin.clean()
        self._admin.made.clear()
        path = write_proposals(self._folder / "catalogued.yaml", *entries)
        for one, written in zip(
            read_proposals(path, ZoneInfo(ZONE)).values(),
            yaml.safe_load(path.read_text())["proposals"],
            strict=True,
        ):
            made(self._admin.post("/v3/proposals", _record(one, written)))

    def fail(self) -> None:
        self._proxy.plan = lambda _method, _path, _number: "500"


def _record(proposal: Proposal, written: dict[str, Any]) -> dict[str, Any]:
    """Return a proposal as a user office writes it into SciCat; its own words are kept as they are."""
    pi = proposal.pi or Person()
    first = proposal.proposer or next(iter(proposal.members), pi)
    return {
        "proposalId": proposal.id,
        "ownerGroup": proposal.group,
        "title": proposal.title,
        "abstract": proposal.abstract,
        "email": first.email,
        "firstname": first.firstname,
        "lastname": first.lastname,
        "pi_email": pi.email,
        "pi_firstname": pi.firstname,
        "pi_lastname": pi.lastname,
        "MeasurementPeriodList": [
            {"instrument": one.beamline, "start": iso(one.begin), "end": iso(one.end), "comment": ""}
            for one in proposal.visits
        ],
        "metadata": {name: written[name] for name in ("code", "prop_type", "category") if name in written},
    }
