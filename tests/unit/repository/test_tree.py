"""What stays true of every file of the tree: nothing of one machine in it, no secret, no empty promise."""

import re
from pathlib import Path

import pytest

from support.texts import repository_texts
from support.wheel import ROOT

THIS = str(Path(__file__).relative_to(ROOT))


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("a path of one machine", r"(?<![\w./}-])/(work|root|home/\w+)/"),
        ("a path of the design folder beside the project", r"\.\./shared|/work/shared"),
        ("a registry host", r"pypi\.org/simple|files\.pythonhosted|proxy\.golang|repo1?\.maven|deb\.debian"),
        ("a promise to do it later", r"\b(TODO|FIXME|XXX)\b|raise NotImplementedError"),
        ("a private key", r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    ],
)  # fmt: skip
def test_no_tracked_file_holds(what: str, pattern: str) -> None:
    texts = [(name, text) for name, text in repository_texts() if name != THIS]
    found = [f"{name}: {match.group()}" for name, text in texts if (match := re.search(pattern, text))]
    assert not found, f"{what}: {found}"


def test_every_shell_script_is_executable() -> None:
    for path in [*ROOT.glob("config/install/*.sh"), ROOT / ".ci/run"]:
        assert path.stat().st_mode & 0o111, path
