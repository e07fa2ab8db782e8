"""`scizoo[office]` on a host of clients: it stands beside their own PyTango, below 10.1, and needs none."""

import json
import subprocess
from pathlib import Path

import pytest

from support.wheel import install_wheel, pip

BESIDE = "pytango<10.1"
CALLS = """
import sys
from sdm import SDM, Visitor, storage
from duo.UO import RestDuo
from sdm.config import DUOUSER, DUOPASSWORD
import sdm.offices.duo, sdm.offices.scicat
print("tango" in sys.modules, SDM(production=True).uo.get_proposal(20230002)["prop_type"])
duo = RestDuo("https://duo.example.org")
duo.login(DUOUSER, DUOPASSWORD)
print(duo.get_beamline_proposals("biomax"))
s = storage.Storage(user_type="proprietary", beamline="biomax")
print(s.create_path("20230002", s.get_proposal_group("20230002"), "2023110108"))
"""
SETTINGS = """
proposals: {source: file, file: {path: proposals.yaml}, cache: {folder: cache}}
storage: {root: data, apply_group: false}
"""
PROPOSALS = "proposals: [{id: 20230002, code: IN, beamlines: [biomax]}]"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    """An environment with the wheel and the extra `office`, and no PyTango."""
    return install_wheel(wheel, tmp_path_factory.mktemp("office"), "office").parent


def resolved(environment: Path, *wanted: str) -> dict[str, str] | str:
    """Return the versions that pip would install beside what is there, or its refusal."""
    done = pip(environment, "install", "--dry-run", "--report", "-", *wanted)
    if done.returncode:
        return done.stderr
    found = json.loads(done.stdout)["install"]
    return {one["metadata"]["name"].lower(): one["metadata"]["version"] for one in found}


def test_office_resolves_beside_an_older_pytango(environment: Path, wheel: Path) -> None:
    found = resolved(environment, f"{wheel}[office]", BESIDE)
    assert isinstance(found, dict), found
    assert found["pytango"].startswith(("9.", "10.0"))
    refused = resolved(environment, f"{wheel}[devices]", BESIDE)  # or else this test could not fail
    assert isinstance(refused, str)
    assert "pytango" in refused


def test_what_clients_import_works_without_any_pytango(environment: Path, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "sdm.yaml").write_text(SETTINGS)
    (tmp_path / "proposals.yaml").write_text(PROPOSALS)
    variables = {"SDM_CONFIG": str(tmp_path / "sdm.yaml"), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    command = [str(environment / "bin" / "python"), "-W", "error", "-c", CALLS]
    done = subprocess.run(command, env=variables, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    raw = tmp_path / "data/proprietary/biomax/20230002/2023110108/raw"
    assert done.stdout.splitlines() == ["False P", "[20230002]", str(raw)]
