"""A store of revisions in MongoDB: each is one document, inserted under a unique index of name and revision.

So of several writers of one number exactly one succeeds, and nothing is ever replaced. The configuration
itself is kept as JSON text, for a mapping's keys may hold what names of MongoDB's fields may not.
"""

import json
import threading
import uuid
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from pydantic import ValidationError
from pymongo import ASCENDING, MongoClient, WriteConcern
from pymongo.collection import Collection
from pymongo.errors import (
    AutoReconnect,
    ConfigurationError,
    DuplicateKeyError,
    InvalidURI,
    NetworkTimeout,
    PyMongoError,
    ServerSelectionTimeoutError,
    WTimeoutError,
)
from pymongo.uri_parser import parse_uri

from scidog.errors import InvalidConfigurationError, RevisionTakenError, StoreError
from scidog.model.document import as_written
from scidog.model.revision import Revision
from scidog.stores.store import Head
from scifish.common.masking import shown_value
from scifish.contract.configuration import Configuration
from tangobase.errors import PropertyError

DATABASE, COLLECTION = "scidog", "revisions"
ANSWERS = 3.0  # seconds until a server, or a connection, counts as away
WORKS = 6.0  # seconds for one request; a slow server holds up only who asked it
CONFIRMS = 5.0  # seconds for the replicas that the write concern names
SCHEMES = ("mongodb://", "mongodb+srv://")
Document = dict[str, Any]
Answer = TypeVar("Answer")


class MongoStore:
    """A `Store` in MongoDB; several SciDogs may use one. It connects when it is first asked, and again."""

    def __init__(
        self, uri: str, password: str | None = None, *, answers: float = ANSWERS, works: float = WORKS
    ) -> None:
        self._where = shown_value("store", uri)
        self._answers, self._works = answers, works
        self._client, self._collection = self._connected(uri, password)
        self._lock = threading.Lock()
        self._indexed = False

    def check(self) -> None:
        """Raise StoreError unless the server answers."""
        self._asked("be reached", lambda: self._client.admin.command("ping"))

    def heads(self) -> dict[str, Head]:
        """Return the newest revision of every name; the index alone answers that, but for `deleted`."""
        fields = {"_id": 0, "name": 1, "revision": 1, "deleted": 1}
        found = self._asked("be read", lambda: list(self._collection.find({}, fields)))
        heads: dict[str, Head] = {}
        for one in found:
            head = heads.get(one["name"])
            if head is None or one["revision"] > head.number:
                heads[one["name"]] = Head(one["revision"], bool(one.get("deleted")))
        return dict(sorted(heads.items()))

    def numbers(self, name: str) -> list[int]:
        """Return the revisions of `name`, ascending."""
        query = {"name": name}
        fields = {"_id": 0, "revision": 1}
        found = self._asked("be read", lambda: list(self._collection.find(query, fields)))
        return sorted(int(one["revision"]) for one in found)

    def last(self, name: str, numbers: Sequence[int]) -> int:
        """Return the highest number; nothing is ever removed."""
        return max(numbers, default=0)

    def read(self, name: str, number: int) -> Revision:
        """Return a revision."""
        query = {"name": name, "revision": number}
        found = self._asked("be read", lambda: self._collection.find_one(query))
        if found is None:
            raise StoreError(f"{self._where}: revision {number} of {name} is gone; look at the database")
        return self._revision(name, number, found)

    def insert(self, revision: Revision) -> None:
        """Insert the revision; when the answer is lost it is looked for, by an id of its own."""
        token = str(uuid.uuid4())
        said = revision.model_dump(mode="json", exclude={"configuration"})
        document = {"_id": token, "name": revision.name, "revision": revision.number, **said}
        document["configuration"] = json.dumps(as_written(revision.configuration), ensure_ascii=False)
        self._index()
        try:
            self._asked("take a revision", lambda: self._collection.insert_one(dict(document)), passing=True)
        except DuplicateKeyError as error:
            if not self._is_ours(revision, token):
                raise RevisionTakenError(f"{revision.name} has a revision {revision.number}") from error
        except (AutoReconnect, NetworkTimeout) as error:
            if not self._is_ours(revision, token):
                raise self._failed("take a revision", error) from error

    def advice(self) -> str:
        """Return how a first configuration comes into this store."""
        return "none yet: save one"

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _is_ours(self, revision: Revision, token: str) -> bool:
        query = {"name": revision.name, "revision": revision.number}
        found = self._asked("be read", lambda: self._collection.find_one(query, {"_id": 1}))
        return found is not None and found["_id"] == token

    def _index(self) -> None:
        with self._lock:
            indexed = self._indexed
        if not indexed:
            keys = [("name", ASCENDING), ("revision", ASCENDING)]
            self._asked("take an index", lambda: self._collection.create_index(keys, unique=True))
            with self._lock:
                self._indexed = True

    def _asked(self, what: str, work: Callable[[], Answer], *, passing: bool = False) -> Answer:
        """Return what the server answers. Raises StoreError; with `passing` some errors as they are."""
        try:
            return work()
        except PyMongoError as error:
            kinds = (DuplicateKeyError, AutoReconnect, NetworkTimeout)
            if passing and isinstance(error, kinds) and not isinstance(error, ServerSelectionTimeoutError):
                raise
            raise self._failed(what, error) from error
        except (OverflowError, UnicodeEncodeError) as error:  # of a name that no server could keep
            raise StoreError(f"{self._where}: cannot {what} ({error}); choose another name") from error

    def _failed(self, what: str, error: PyMongoError) -> StoreError:
        return StoreError(
            f"{self._where}: cannot {what} ({self._reason(error)}); SciDog goes on when it works again"
        )

    def _revision(self, name: str, number: int, found: Document) -> Revision:
        try:
            configuration = Configuration.model_validate_json(found["configuration"])
            members = {key: found[key] for key in Revision.model_fields if key in found}
            place = {"name": name, "revision": number}
            return Revision.model_validate(
                {**members, "configuration": configuration.model_copy(update=place)}
            )
        except (ValidationError, KeyError, TypeError) as error:
            raise InvalidConfigurationError(
                f"{self._where}: revision {number} of {name} is damaged ({type(error).__name__}); "
                "save it again"
            ) from error

    def _connected(
        self, uri: str, password: str | None
    ) -> tuple[MongoClient[Document], Collection[Document]]:
        """Return the client and the collection; nothing is sent yet. Raises PropertyError."""
        try:
            parsed = parse_uri(uri) if uri.startswith(SCHEMES[0]) else {}
            given: dict[str, Any] = {} if password is None else {"password": password}
            client: MongoClient[Document] = MongoClient(
                uri,
                serverSelectionTimeoutMS=int(self._answers * 1000),
                connectTimeoutMS=int(self._answers * 1000),
                socketTimeoutMS=int(self._works * 1000),
                appname="SciDog",
                **given,
            )
            database = client.get_default_database(DATABASE)
        except (InvalidURI, ConfigurationError, ValueError, TypeError) as error:
            raise PropertyError(
                f"the property Store is {self._where}: {str(error).splitlines()[0]}; correct it"
            ) from error
        collection = database[COLLECTION]
        if not {"w", "journal", "j"} & {str(one).lower() for one in parsed.get("options", {})}:
            concern = WriteConcern(w="majority", j=True, wtimeout=int(CONFIRMS * 1000))
            collection = collection.with_options(write_concern=concern)
        return client, collection

    def _reason(self, error: PyMongoError) -> str:
        if isinstance(error, ServerSelectionTimeoutError):
            return f"no server answers within {self._answers:g} s"
        if isinstance(error, WTimeoutError):
            return f"it was written, and not confirmed by enough replicas within {CONFIRMS:g} s"
        if isinstance(error, NetworkTimeout):
            return f"no answer within {self._works:g} s"
        return (str(error).splitlines() or [type(error).__name__])[0][:200]
