"""MongoDB's wire protocol over a disk that is full: it is told, nothing is lost, and it goes on by itself."""

from pathlib import Path

import pytest

from support.mounts import run_with_mounts

pytestmark = pytest.mark.mongo

PROGRAM = """
import subprocess, sys
from pathlib import Path
from scidog import Library, Reference
from scidog.errors import StoreError
from scidog.stores.mongo_store import MongoStore
from scifish.contract.configuration import Configuration
from support.mongo.server import Mongo

folder = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], check=True)
with Mongo(folder) as server:
    store = MongoStore(f"{server.uri}scidog")
    library = Library(store)
    library.save(Configuration(name="first", budget=1))
    (folder / "ballast").write_bytes(b"x" * 1_000_000)
    saved, text = 0, "x" * 100_000
    try:
        while saved < 100:
            library.save(Configuration(name="large", revision=saved, description=f"{saved} {text}"))
            saved += 1
    except StoreError as error:
        print("refused:", error)
    assert 0 < saved < 100, saved
    for number in range(1, saved + 1):  # all that was answered is there
        assert library.load(Reference("large", number)).description.startswith(f"{number - 1} ")
    (folder / "ballast").unlink()
    again = MongoStore(f"{server.uri}scidog")
    newest = Library(again).revisions("large")[-1]
    number = Library(again).save(Configuration(name="large", revision=newest, description="small"))
    print("goes on:", number - saved)
    assert Library(again).load(Reference("first")).budget == 1
    store.close()
    again.close()
"""


def test_a_full_database_refuses_a_save_and_loses_nothing(tmp_path: Path) -> None:
    done = run_with_mounts(PROGRAM, str(tmp_path))
    assert done.returncode == 0, done.stderr
    refused, goes_on = done.stdout.splitlines()
    assert refused.startswith("refused: mongodb://127.0.0.1:")
    assert "/scidog: cannot take a revision (" in refused
    assert refused.endswith("; SciDog goes on when it works again")
    assert goes_on in ("goes on: 1", "goes on: 2")  # the refused one may have been written after all
