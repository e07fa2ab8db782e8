"""What other packages bring stands beside ours in one table; what cannot be used is said, with what to do."""

from pathlib import Path

import pytest

from scifish.common.plugins import load, plugins
from scifish.errors import PluginError
from support.plugin import install

GROUP = "scizoo.test_numbers"
OWN = {"ours": "scifish.contract.message:MAJOR"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_ours_is_there_whatever_is_installed() -> None:
    [(name, plugin)] = plugins(GROUP, OWN).items()
    assert (name, load(plugin, int)) == ("ours", 1)


def test_what_a_package_brings_is_there_after_ours(folder: Path) -> None:
    install(folder, "their_number", GROUP, "a_theirs = their_number:NUMBER", "NUMBER = 7\n")
    table = plugins(GROUP, OWN)
    assert list(table) == ["ours", "a_theirs"]
    assert load(table["a_theirs"], int) == 7


def test_two_of_one_name_are_refused(folder: Path) -> None:
    install(folder, "same_name", GROUP, "ours = same_name:NUMBER", "NUMBER = 7\n")
    with pytest.raises(PluginError, match=r"'ours' is both .*:MAJOR and same_name:NUMBER; remove one"):
        plugins(GROUP, OWN)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            "import nothing_like_it\n",
            r"'bad' of bad_one \(bad_one:IT\) cannot be loaded: ModuleNotFoundError: .*; install",
        ),
        (
            "raise ValueError('no')\n",
            r"cannot be loaded: ValueError: no; install what it needs, or remove the package",
        ),
        ("OTHER = 1\n", r"cannot be loaded: AttributeError"),
        ("IT = 'x'\n", r"is a str and no int; correct the entry point"),
        ("IT = int\n", r"is a type and no int"),
    ],
)
def test_one_that_cannot_be_used_is_told(folder: Path, code: str, expected: str) -> None:
    install(folder, "bad_one", GROUP, "bad = bad_one:IT", code)
    import sys

    sys.modules.pop("bad_one", None)
    with pytest.raises(PluginError, match=expected):
        load(plugins(GROUP, {})["bad"], int)
