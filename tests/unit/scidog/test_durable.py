import os
import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from scifish.common.durable import insert_file, replace_file, sync_folder


def test_an_inserted_file_is_never_replaced(tmp_path: Path) -> None:
    insert_file(tmp_path / "new/1.yaml", b"first")
    with pytest.raises(FileExistsError):
        insert_file(tmp_path / "new/1.yaml", b"second")
    assert (tmp_path / "new/1.yaml").read_bytes() == b"first"
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["1.yaml"]


def test_a_replaced_file_is_whole_and_leaves_nothing_beside(tmp_path: Path) -> None:
    replace_file(tmp_path / "active.json", b"first")
    replace_file(tmp_path / "active.json", b"second")
    assert (tmp_path / "active.json").read_bytes() == b"second"
    assert [path.name for path in tmp_path.iterdir()] == ["active.json"]


def test_others_may_read_what_is_written(tmp_path: Path) -> None:
    insert_file(tmp_path / "1.yaml", b"")
    assert (tmp_path / "1.yaml").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("write", [insert_file, replace_file])
def test_content_and_name_are_on_the_disk_before_it_returns(
    tmp_path: Path, write: Callable[[Path, bytes], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a power cut the file must not be empty, or without its name."""
    path = tmp_path / "new/1.yaml"
    synced: list[tuple[str, bool]] = []

    def fsync(handle: int) -> None:
        state = os.fstat(handle)
        if stat.S_ISDIR(state.st_mode):
            assert os.path.samestat(state, path.parent.stat())
            synced.append(("folder", path.exists()))
        else:
            synced.append((f"{state.st_size} bytes", path.exists()))

    monkeypatch.setattr(os, "fsync", fsync)
    write(path, b"first")
    assert synced == [("5 bytes", False), ("folder", True)]
    opened = {Path(one).readlink() for one in Path("/proc/self/fd").iterdir() if one.is_symlink()}
    assert not [one for one in opened if one.is_relative_to(tmp_path)]


@pytest.mark.parametrize("write", [insert_file, replace_file])
def test_what_failed_leaves_nothing(
    tmp_path: Path, write: Callable[[Path, bytes], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_file(tmp_path / "old.json", b"old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    for name in ("old.json", "new.json"):
        with pytest.raises(OSError, match="No space left"):
            write(tmp_path / name, b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["old.json"]
    assert (tmp_path / "old.json").read_bytes() == b"old"


def test_what_is_written_beside_is_hidden_and_named_like_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who reads the folder meanwhile, or after a kill, takes it for no configuration."""
    seen: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda handle: seen.extend(one.name for one in tmp_path.iterdir()))
    replace_file(tmp_path / "a.yaml", b"")
    beside, name = seen
    assert re.fullmatch(r"\.a\.yaml\.\w+\.tmp", beside)
    assert name == "a.yaml"


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_who_may_read_a_file_is_said_by_its_writer_and_not_by_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        replace_file(tmp_path / "own", b"", 0o600)
        replace_file(tmp_path / "all", b"")
    finally:
        os.umask(before)
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("own", "all")]
    assert modes == [0o600, 0o644]


@pytest.mark.parametrize("write", [insert_file, replace_file])
def test_the_folders_of_a_file_are_made(tmp_path: Path, write: Callable[[Path, bytes], None]) -> None:
    write(tmp_path / "a/b/1.yaml", b"first")
    assert (tmp_path / "a/b/1.yaml").read_bytes() == b"first"


def test_a_file_cannot_be_synced_as_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError):
        sync_folder(tmp_path / "file")
