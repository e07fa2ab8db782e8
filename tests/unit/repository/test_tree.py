"""What stays true of every file of the tree: nothing of one machine in it, no secret, no empty promise."""

import re
from pathlib import Path

import pytest

from support.wheel import ROOT, tree_files

THIS = Path(__file__).relative_to(ROOT)
NOT_OURS = ("COPYING", "COPYING.LESSER")


def texts() -> list[tuple[str, str]]:
    """Return (path, text) of every text file that we write."""
    found = []
    for name in tree_files():
        path = ROOT / name
        if name in NOT_OURS or name.startswith("tests/data/") or path == ROOT / THIS:
            continue
        raw = path.read_bytes()
        if b"\0" not in raw:
            found.append((name, raw.decode("utf-8", errors="replace")))
    return found


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("a path of one machine", r"(?<![\w./}-])/(work|root|home/\w+)/"),
        ("a path of the design folder beside the project", r"\.\./shared|/work/shared"),
        ("a registry host", r"pypi\.org/simple|files\.pythonhosted|proxy\.golang|repo1?\.maven|deb\.debian"),
        ("a promise to do it later", r"\b(TODO|FIXME|XXX)\b|NotImplementedError"),
        ("a private key", r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    ],
)  # fmt: skip
def test_no_tracked_file_holds(what: str, pattern: str) -> None:
    found = [f"{name}: {match.group()}" for name, text in texts() if (match := re.search(pattern, text))]
    assert not found, f"{what}: {found}"


def test_every_shell_script_is_executable() -> None:
    for path in [*ROOT.glob("config/install/*.sh"), ROOT / ".ci/run"]:
        assert path.stat().st_mode & 0o111, path
