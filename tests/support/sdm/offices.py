"""What the tests of sdm and PathFixer share."""

from pathlib import Path
from typing import Any

import yaml

from sdm import ProposalsSettings
from sdm.testing.simulator import Simulator

DEVICE = "demo/ctl/sdm-01"
BEAMLINE = "demo"
ZONE = "Europe/Zurich"
PI = {"firstname": "Astrid", "lastname": "Lindqvist", "email": "al@example.org", "account": "astlin"}


def entry(proposal_id: str, **members: Any) -> dict[str, Any]:
    """Return a proposal as it stands in the YAML file, with beamtime at `demo` for years."""
    visits = [{"begin": "2020-01-01 08:00:00", "end": "2099-12-31 08:00:00"}]
    return {
        "id": proposal_id,
        "title": f"Title of {proposal_id}",
        "group": f"{proposal_id}-group",
        "pi": PI,
        "beamlines": [BEAMLINE],
        "visits": visits,
        **members,
    }


def write_proposals(path: Path, *entries: dict[str, Any]) -> Path:
    """Write a file of proposals as an operator does."""
    path.write_text(yaml.safe_dump({"proposals": list(entries)}), encoding="utf-8")
    return path


def write_settings(path: Path, **sections: Any) -> Path:
    """Write sdm's settings: proposals.yaml beside it, the cache in its folder, no groups."""
    settings: dict[str, Any] = {
        "proposals": {
            "source": "file",
            "file": {"path": "proposals.yaml"},
            "cache": {"folder": "cache"},
        },
        "storage": {"apply_group": False},
    }
    path.write_text(yaml.safe_dump({**settings, **sections}), encoding="utf-8")
    return path


TOKEN = "a-secret-token"  # of the simulated office


def duo_settings(simulator: Simulator, folder: Path, **cache: Any) -> ProposalsSettings:
    """Return settings of a DUO that has little time."""
    (folder / "token").write_text(f"{TOKEN}\n", encoding="utf-8")
    http = {"token_file": str(folder / "token"), "timeout": 1.0, "attempts": 2, "wait": 0.01}
    duo = {**http, "url": simulator.duo_url, "listing": 0, "years": 8}
    return source_settings("duo", duo, folder, **cache)


def source_settings(source: str, section: dict[str, Any], folder: Path, **cache: Any) -> ProposalsSettings:
    """Return settings that ask their source each time, and keep its answers for when it fails."""
    never = {"folder": str(folder / "cache"), "fresh": 0, "retry": 0, "unknown": 0}
    return ProposalsSettings.model_validate(
        {"source": source, "zone": ZONE, source: section, "cache": {**never, **cache}}
    )
