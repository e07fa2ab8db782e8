import sqlite3
from pathlib import Path

import pytest

from minicat.errors import DocumentStoreError
from minicat.store import DocumentStore, TakenError


def test_documents_are_kept_over_a_restart(tmp_path: Path) -> None:
    path = str(tmp_path / "catalogue.db")
    first = DocumentStore(path)
    first.insert("dataset", "a", {"pid": "a", "größe": "Å"})
    first.close()
    again = DocumentStore(path)
    assert again.get("dataset", "a") == {"pid": "a", "größe": "Å"}
    again.close()


def test_a_key_and_a_second_name_are_taken_once(store: DocumentStore) -> None:
    store.insert("instrument", "a", {}, unique="name")
    with pytest.raises(TakenError):
        store.insert("instrument", "a", {})
    with pytest.raises(TakenError):
        store.insert("instrument", "b", {}, unique="name")


def test_writes_together_are_all_kept_or_none(store: DocumentStore) -> None:
    store.insert("sample", "a", {"n": 1})
    store.insert("sample", "b", {"n": 1})

    def change_and_fail() -> None:
        with store.together():
            store.replace("sample", "a", {"n": 2})
            store.delete("sample", "b")
            store.insert("sample", "a", {})

    with pytest.raises(TakenError):
        change_and_fail()
    assert store.get("sample", "b") == {"n": 1}
    assert store.get("sample", "a") == {"n": 1}


@pytest.mark.parametrize("name", ["missing/catalogue.db", "."])
def test_a_database_that_cannot_be_opened_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(DocumentStoreError, match="cannot be opened"):
        DocumentStore(str(tmp_path / name))


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.db"
    path.write_text(
        "this is no database, but a text that is long enough to be looked at" * 20, encoding="utf-8"
    )
    with pytest.raises(DocumentStoreError, match=r"catalogue\.db"):
        DocumentStore(str(path))


def test_a_database_of_a_newer_minicat_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.db"
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(DocumentStoreError, match="newer minicat"):
        DocumentStore(str(path))
