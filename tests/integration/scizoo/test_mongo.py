"""A real MongoDB-wire server: inserts under a unique index, kill -9, the same documents after a restart."""

from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import DuplicateKeyError

from support.mongo.server import Mongo
from support.running_services import mongo

pytestmark = pytest.mark.mongo
Document = dict[str, Any]


def test_documents_survive_a_kill(tmp_path: Path) -> None:
    with Mongo(tmp_path) as server:
        with MongoClient[Document](server.uri) as client:
            revisions = client["scidog"]["revisions"]
            revisions.create_index([("name", 1), ("revision", 1)], unique=True)
            revisions.insert_one({"name": "xas", "revision": 1})
            with pytest.raises(DuplicateKeyError):
                revisions.insert_one({"name": "xas", "revision": 1})
        server.kill()
        assert not server.child.running
        server.start()
        with MongoClient[Document](server.uri) as client:
            found = list(client["scidog"]["revisions"].find({"name": "xas"}, {"_id": 0}))
            assert found == [{"name": "xas", "revision": 1}]
            with pytest.raises(DuplicateKeyError):
                client["scidog"]["revisions"].insert_one({"name": "xas", "revision": 1})
    assert not server.child.running


def test_a_named_server_is_used_and_none_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCIZOO_MONGODB", "mongodb://db.example/")
    with mongo(tmp_path / "mongo") as uri:
        assert uri == "mongodb://db.example/"
    assert not (tmp_path / "mongo").exists()
