"""Readers of other packages, of the group of today and of the former one."""

import logging
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

import pytest

from scifly import Acquisition, InstrumentFile, read_file, readers
from scifly.errors import IncompleteError, NotThisFormatError
from scifly.readers import registry

WHOLE = Acquisition("powder", "LaB6", {})


class New:
    def claims(self, head: bytes, name: str) -> bool:
        return head.startswith(b"# Powder") and name.endswith(".dat")

    def read(self, file: InstrumentFile) -> Acquisition:
        if b"another" in file.read():
            raise NotThisFormatError
        return WHOLE


class Old:
    def claims(self, head: bytes) -> bool:
        return head.startswith(b"# Powder")

    def read(self, path: Path) -> Acquisition:
        if not path.read_bytes().endswith(b"End"):
            raise IncompleteError("no End")
        return Acquisition("old powder", path.name, {})


@pytest.fixture
def groups(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[EntryPoint]]:
    """Return the entry points that are there, by group."""
    module = ModuleType("powder_readers")
    vars(module).update(NEW=New(), OLD=Old())
    monkeypatch.setitem(sys.modules, "powder_readers", module)
    found: dict[str, list[EntryPoint]] = {}
    monkeypatch.setattr("scifish.common.plugins.entry_points", lambda group: found.get(group, []))
    return found


def add(groups: dict[str, list[EntryPoint]], group: str, name: str, value: str) -> None:
    groups.setdefault(group, []).append(EntryPoint(name, f"powder_readers:{value}", group))


def test_a_reader_of_another_package_reads_what_it_claims(
    groups: dict[str, list[EntryPoint]], tmp_path: Path
) -> None:
    add(groups, registry.GROUP, "powder", "NEW")
    path = tmp_path / "a.dat"
    path.write_bytes(b"# Powder")
    assert read_file(path, readers()) == ("powder", WHOLE)
    other = path.rename(tmp_path / "a.txt")
    assert read_file(other, readers()) is None


def test_one_of_the_former_group_is_understood_with_a_warning(
    groups: dict[str, list[EntryPoint]], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    add(groups, registry.FORMER_GROUP, "powder", "OLD")
    path = tmp_path / "a.dat"
    path.write_bytes(b"# Powder\nEnd")
    with caplog.at_level(logging.WARNING):
        table = readers()
    assert "the reader powder is in the group scizoo.readers" in caplog.text
    assert read_file(path, table) == ("powder", Acquisition("old powder", "a.dat", {}))
    path.write_bytes(b"# Powder\n")
    with pytest.raises(IncompleteError):
        read_file(path, table)


def test_who_is_in_both_groups_is_taken_once_and_without_a_warning(
    groups: dict[str, list[EntryPoint]], caplog: pytest.LogCaptureFixture
) -> None:
    add(groups, registry.GROUP, "powder", "NEW")
    add(groups, registry.FORMER_GROUP, "powder", "OLD")
    assert isinstance(readers()["powder"], New)
    assert caplog.text == ""


def test_a_file_that_is_of_another_format_after_all_is_for_the_next_reader(
    groups: dict[str, list[EntryPoint]], tmp_path: Path
) -> None:
    add(groups, registry.GROUP, "a powder", "NEW")
    add(groups, registry.FORMER_GROUP, "powder", "OLD")
    path = tmp_path / "a.dat"
    path.write_bytes(b"# Powder of another kind\nEnd")
    assert read_file(path, readers()) == ("powder", Acquisition("old powder", "a.dat", {}))
