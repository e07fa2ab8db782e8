"""The rights of a visit's folders, tried by real accounts that the tests make."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sdm import SdmSettings, Storage, StorageSettings
from support.sdm.accounts import BeamlineAccounts, beamline_accounts
from support.wheel import ROOT

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make accounts")


@pytest.fixture(scope="module")
def accounts() -> Iterator[BeamlineAccounts]:
    with beamline_accounts() as names:
        yield names


@pytest.fixture
def root() -> Iterator[Path]:
    """A data root that every account can reach; pytest's own folders are closed."""
    with tempfile.TemporaryDirectory(prefix="scizoo-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.parametrize("acl", ["auto", "required", "off"])
def test_who_can_do_what_after_a_kill_at_every_step(accounts: BeamlineAccounts, root: Path, acl: str) -> None:
    settings = {"root": str(root), "owner": accounts.control, "acl": acl}
    answer = answered("killed_steps", accounts, str(root), settings)
    assert answer["wrong"] == {}
    assert answer["kills"] > 40
    assert answer["outcomes"] == 1


def test_without_root_an_acl_lets_the_team_in_and_it_is_told(accounts: BeamlineAccounts, root: Path) -> None:
    root.chmod(0o777)
    answer = answered("without_root", accounts, str(root), {"root": str(root)})
    told = f"this account may not give it to group {accounts.group}"
    assert answer["made"] == [f"{root}/proprietary/demo/20260001 and 7 more folders: {told}"]
    assert (answer["again"], answer["verified"], answer["wrong"]) == ([], [], [])


def test_without_root_and_without_acls_it_is_refused(accounts: BeamlineAccounts, root: Path) -> None:
    root.chmod(0o777)
    answer = answered("without_root", accounts, str(root), {"root": str(root), "acl": "off"})
    assert answer["refused"].startswith(
        f"{root}/proprietary/demo/20260001: this account may not give it to group {accounts.group}, and no "
        "ACL can do it; run as root or as a member of the group"
    )
    assert answer["refused"].endswith("what was begun has been removed again")
    assert list(root.iterdir()) == []


def test_another_group_changes_the_gate_and_nothing_below_the_known_folders(
    accounts: BeamlineAccounts, root: Path
) -> None:
    """The former team stands before the gate at once, however deep its files lie."""
    settings = SdmSettings(storage=StorageSettings(root=root, owner=accounts.control))
    storage = Storage("visitors", "demo", settings)
    raw = storage.make_visit("20260001", accounts.group, "2026030108").path
    inner = raw.parent / "process" / "own"
    inner.mkdir()
    before = inner.stat()
    told = storage.verify_visit("20260001", "daemon", "2026030108")
    assert f"{raw.parents[1]} and 7 more folders: belongs to group {accounts.group}, not daemon" in told
    assert storage.make_visit("20260001", "daemon", "2026030108").warnings == told  # making changes nothing
    repaired = storage.repair_visit("20260001", "daemon", "2026030108")
    assert repaired.left == ()
    assert set(repaired.done) == set(told)
    assert storage.verify_visit("20260001", "daemon", "2026030108") == ()
    assert inner.stat() == before
    listing = ["setpriv", f"--reuid={accounts.member}", "--regid=nogroup", "--init-groups", "ls", str(raw)]
    assert b"Permission denied" in subprocess.run(listing, capture_output=True).stderr


def test_who_swaps_folders_for_links_turns_no_step_elsewhere(accounts: BeamlineAccounts, root: Path) -> None:
    """As root, against the account that owns the folders; bench/bench_folders.py does it 10,000 times."""
    answer = answered("swapping", accounts, str(root), 140)
    assert {way: escapes for way, (escapes, _) in answer.items()} == {"flat": 0, "nested": 0, "visits": 0}
    assert sum(refused for _, refused in answer.values()) > 0, "nobody swapped anything"


def answered(program: str, accounts: BeamlineAccounts, *arguments: Any) -> Any:
    """Run one of support.sdm's programs; return its answer."""
    words = [json.dumps(one) for one in (accounts, *arguments)]
    command = [sys.executable, "-W", "error", "-m", f"support.sdm.{program}", *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests")}
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, env=environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
