import logging
from pathlib import Path

import pytest

from scidog.search.index_file import IndexFile
from scidog.search.known_device import known_device
from support.scidog.devices import attribute, device

HOST = "db:10000"
KNOWN = (
    known_device(device("a/b/1", "mot01"), "running", (attribute("Energy", "énergie\nx", "µ", "°C"),), 12.5),
    known_device(device("a/b/2")),
)


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "folder/index.jsonl"
    IndexFile(path, HOST).write(KNOWN)
    back = IndexFile(path, HOST).read()
    assert [(one.listed, one.attributes, one.asked) for one in back] == [
        (one.listed, one.attributes, one.asked) for one in KNOWN
    ]
    assert {one.state for one in back} == {"unknown"}
    assert back[0].rows == KNOWN[0].rows


def test_another_database_has_an_index_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "index.jsonl"
    IndexFile(path, HOST).write(KNOWN)
    assert IndexFile(path, "other:10000").read() == []
    assert IndexFile(tmp_path / "none.jsonl", HOST).read() == []


@pytest.mark.parametrize(
    ("damage", "line"),
    [
        (lambda text: text[: len(text) // 2], 2),
        (lambda text: text.replace(b"a/b/2", b"a\xff/2"), 3),
        (lambda text: text.replace(b"[1,", b"[one,"), 1),
        (lambda text: b"", 1),
    ],
)
def test_a_damaged_file_is_set_aside_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: object, line: int
) -> None:
    path = tmp_path / "index.jsonl"
    file = IndexFile(path, HOST)
    file.write(KNOWN)
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    with caplog.at_level(logging.WARNING):
        assert file.read() == []
    assert f"{path}: line {line} is damaged; it is kept as index.jsonl.damaged" in caplog.text
    assert path.with_name("index.jsonl.damaged").exists()
    assert not path.exists()
    file.write(KNOWN)
    assert len(file.read()) == 2


def test_a_folder_that_cannot_be_written_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    file = IndexFile(blocked / "index.jsonl", HOST)
    file.write(KNOWN)
    file.write(KNOWN)
    assert caplog.text.count("cannot be written") == 1
