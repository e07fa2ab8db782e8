"""A catalogue for tests: minicat as a process of its own, or the real SciCat that the environment names."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import requests
import yaml

from support.scicat.site import Site

Document = dict[str, Any]
GROUP = "scizoo-contract"
MERGE = {"Content-Type": "application/merge-patch+json"}
MOMENT = "2026-03-01T09:30:00.125Z"
ACCOUNTS = {
    "admin": ("admin",),
    "ingestor": (GROUP, "ingestors"),
    "privileged": ("privileged",),
    "stranger": ("strangers",),
    "reader": ("readers",),
    "proposer": ("proposers",),
}
SETTINGS: Document = {
    "admin_groups": ["admin"],
    "delete_groups": ["admin"],
    "create_dataset_privileged_groups": ["privileged"],
    "create_dataset_with_pid_groups": ["ingestors"],
    "proposal_groups": ["proposers"],
}


def unique(prefix: str = "scizoo") -> str:
    """Return a name that no other run uses, and that no date parser accepts."""
    return f"{prefix}-{secrets.token_hex(8)}x"


def pid_with_prefix() -> str:
    return f"20.500.12345/{str(uuid4()).upper()}"


def publication_of(dataset: Mapping[str, Any], **metadata: object) -> Document:
    """Return published data as v4 takes them, of one dataset."""
    required = {
        "creators": [{"name": "Ada Tester"}],
        "publisher": {"name": "SciZoo", "publisherIdentifierScheme": "ROR"},
        "publicationYear": 2026,
        "resourceType": "dataset",
    }
    return {
        "title": "T",
        "abstract": "A",
        "datasetPids": [dataset["pid"]],
        "metadata": {**required, **metadata},
    }


def encoded(key: str) -> str:
    return quote(key, safe="")


def raw_v3(**fields: Any) -> Document:
    """Return a v3 dataset with the required fields, and `fields`."""
    required = {
        "pid": str(uuid4()).upper(),
        "ownerGroup": GROUP,
        "owner": "Ada Tester",
        "contactEmail": "ada@example.org",
        "sourceFolder": "/data/visitors/test/20260001/2026030109/raw",
        "creationTime": MOMENT,
        "datasetName": unique("scan"),
        "principalInvestigator": "Ada Tester",
        "creationLocation": "SciZoo/test",
        "type": "raw",
    }
    return {**required, **fields}


def raw_v4(**fields: Any) -> Document:
    """Return a v4 dataset with the required fields, and `fields`."""
    names = (
        "pid",
        "ownerGroup",
        "owner",
        "contactEmail",
        "sourceFolder",
        "creationTime",
        "datasetName",
        "type",
    )
    required = raw_v3()
    return {**{name: required[name] for name in names}, **fields}


@dataclass
class Api:
    """A client with a login; what it made is removed by `clean`."""

    client: Site
    real: bool = False
    made: list[str] = field(default_factory=list)

    def post(self, path: str, body: object, **options: Any) -> requests.Response:
        response = self.client.post(path, json=body, **options)
        if response.status_code == 201:
            self._remember(path, response.json())
        return response

    def get(self, path: str, **parameters: object) -> requests.Response:
        texts = {name: one if isinstance(one, str) else json.dumps(one) for name, one in parameters.items()}
        return self.client.get(path, params=texts)

    def patch(self, path: str, body: object, **headers: str) -> requests.Response:
        given = {name.replace("_", "-"): text for name, text in headers.items()}
        return self.client.patch(
            path, data=json.dumps(body), headers={"Content-Type": "application/json", **given}
        )

    def merge(self, path: str, body: object) -> requests.Response:
        return self.client.patch(path, data=json.dumps(body), headers=MERGE)

    def dataset(self, version: int = 3, **fields: Any) -> Document:
        """Make a dataset and return the answer."""
        body = raw_v3(**fields) if version == 3 else raw_v4(**fields)
        return made(self.post(f"/v{version}/datasets", body))

    def found(self, version: int = 3, **chosen: object) -> list[Document]:
        """List datasets with a filter."""
        response = self.get(f"/v{version}/datasets", filter=chosen)
        assert response.status_code == 200, response.text
        found: list[Document] = response.json()
        return found

    def fullquery(self, fields: object, limits: object = None) -> list[Document]:
        response = self.get("/v3/datasets/fullquery", fields=fields, limits=limits or {})
        assert response.status_code == 200, response.text
        found: list[Document] = response.json()
        return found

    def clean(self) -> None:
        """Remove what was made, as far as the account may."""
        for path in reversed(self.made):
            self.client.delete(path)

    def _remember(self, path: str, document: Document) -> None:
        for collection, key in _KEYS.items():
            if path.endswith(collection) and key in document:
                self.made.append(f"{path}/{encoded(document[key])}")


_KEYS = {
    "/datasets": "pid",
    "/proposals": "proposalId",
    "/samples": "sampleId",
    "/instruments": "pid",
    "/publisheddata": "doi",
}


def path_of(dataset: Mapping[str, Any], version: int = 3) -> str:
    return f"/v{version}/datasets/{encoded(dataset['pid'])}"


def without_ids(value: Any) -> Any:
    """Return what a client may send back: without the `_id` and `id` that SciCat gives to members."""
    if isinstance(value, list):
        return [without_ids(one) for one in value]
    if isinstance(value, dict):
        return {name: without_ids(one) for name, one in value.items() if name not in ("_id", "id")}
    return value


def made(response: requests.Response) -> Document:
    """Return what a POST made."""
    assert response.status_code == 201, response.text
    document: Document = response.json()
    return document


@dataclass(frozen=True)
class Catalogue:
    """Where a catalogue answers, and the passwords of its accounts."""

    url: str
    passwords: Mapping[str, tuple[str, str]]
    real: bool = False

    def knows(self, account: str) -> bool:
        return account in self.passwords

    def client(self) -> Site:
        return Site(f"{self.url}/api")

    @contextmanager
    def login(self, account: str = "admin") -> Iterator[Api]:
        """Log in; at the end what was made is removed again."""
        username, password = self.passwords[account]
        with self.client() as client:
            answer = client.post("/v3/auth/login", json={"username": username, "password": password})
            assert answer.status_code == 201, answer.text
            client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
            api = Api(client, self.real)
            try:
                yield api
            finally:
                api.clean()


def real_catalogue(environ: Mapping[str, str] = os.environ) -> Catalogue | None:
    """Return the SciCat that SCICAT_URL names, or None.

    SCICAT_USER must be an administrator; SCICAT_STRANGER_USER, SCICAT_PRIVILEGED_USER and so on name further
    accounts, without which the tests of group rights are skipped.
    """
    url = environ.get("SCICAT_URL")
    if not url:
        return None
    passwords = {"admin": (environ["SCICAT_USER"], environ["SCICAT_PASSWORD"])}
    for account in ACCOUNTS:
        name = environ.get(f"SCICAT_{account.upper()}_USER")
        if name:
            passwords[account] = (name, environ[f"SCICAT_{account.upper()}_PASSWORD"])
    return Catalogue(url.rstrip("/").removesuffix("/api"), passwords, real=True)


@contextmanager
def minicat(
    folder: Path, *arguments: str, **settings: Any
) -> Iterator[tuple[Catalogue, "subprocess.Popen[str]"]]:
    """Run the command minicat with accounts of every kind, in a process that is ended at the end."""
    passwords = {name: (name, secrets.token_urlsafe(8)) for name in ACCOUNTS}
    users = [
        {"username": name, "password": passwords[name][1], "groups": list(groups)}
        for name, groups in ACCOUNTS.items()
    ]
    file = folder / "minicat.yaml"
    file.write_text(yaml.safe_dump({**SETTINGS, "users": users, **settings}), encoding="utf-8")
    with started("--settings", str(file), *arguments) as (url, process):
        yield Catalogue(url, passwords), process


@contextmanager
def started(
    *arguments: str, largest_file: int | None = None
) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """Run the command minicat on a free port; give its address once it says that it answers.

    With `largest_file` (bytes) writing more to a file fails, as on a full disk.
    """
    limit = f"import resource as r; r.setrlimit(r.RLIMIT_FSIZE, ({largest_file}, {largest_file})); "
    code = f"{limit if largest_file else ''}from minicat.cli import main; main()"
    command = [sys.executable, "-c", code, "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            lines = iter(process.stdout.readline, "")
            line = next((one for one in lines if one.startswith("minicat: listening on http://")), "")
            assert line, f"minicat ended ({process.wait(timeout=20)}) before it answered"
            yield line.rpartition(" ")[2].strip(), process
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(timeout=20)
