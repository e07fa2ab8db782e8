from pathlib import Path

import pytest

from scifish.common.durable import insert_file, replace_file


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
