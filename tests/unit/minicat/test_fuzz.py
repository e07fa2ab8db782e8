"""Odd bodies, paths and filters: always an answer in SciCat's form, never a failure of minicat itself."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.scicat.minicat_inprocess import InProcess

QUICK = settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
NAMES = st.sampled_from(
    [
        "pid",
        "type",
        "ownerGroup",
        "scientificMetadata",
        "creationTime",
        "size",
        "techniques",
        "value",
        "unit",
        "$or",
    ]
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["mm", "raw", "2026-03-01", "scan 1", "\0", "1e999"])
)
JSON = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)
POSTS = [
    "/v3/auth/login",
    "/v3/datasets",
    "/v3/datasets/isValid",
    "/v4/datasets",
    "/v3/origdatablocks",
    "/v3/proposals",
    "/v3/samples",
    "/v3/instruments",
    "/v4/publisheddata",
    "/v3/users/admin/jwt",
]
DATASET = {
    "pid": "FUZZ",
    "ownerGroup": "g1",
    "owner": "Ada",
    "contactEmail": "a@b.org",
    "sourceFolder": "/d",
    "creationTime": "2026-03-01",
    "datasetName": "n",
    "type": "raw",
}


@pytest.fixture
def filled(client: InProcess) -> InProcess:
    assert client.request("POST", "/v4/datasets", json=DATASET).status_code == 201
    return client


def _checked(client: InProcess, method: str, path: str, content: bytes = b"", **options: Any) -> None:
    headers = {"Content-Type": "application/merge-patch+json"}
    response = client.request(method, path, content=content, headers=headers, **options)
    assert "minicat failed" not in response.text  # its own 500; others are SciCat's
    if response.status_code >= 400:
        body = response.json()
        assert body["statusCode"] == response.status_code
        assert body["message"]
        assert "Traceback" not in response.text


@QUICK
@given(path=st.sampled_from(POSTS), body=JSON)
def test_odd_bodies(filled: InProcess, path: str, body: object) -> None:
    _checked(filled, "POST", path, json.dumps(body).encode())


@QUICK
@given(body=JSON)
def test_odd_fields_in_a_dataset(filled: InProcess, body: object) -> None:
    name = next(iter(body), "size") if isinstance(body, dict) else "scientificMetadata"
    document = {**DATASET, str(name): body, "pid": None}
    _checked(filled, "POST", "/v4/datasets", json.dumps(document).encode())
    _checked(filled, "PATCH", "/v4/datasets/FUZZ", json.dumps({"scientificMetadata": body}).encode())
    _checked(filled, "PATCH", "/v4/datasets/FUZZ", json.dumps({str(name): body}).encode())
    _checked(filled, "GET", "/v3/datasets/FUZZ")


@QUICK
@given(
    content=st.binary(max_size=40)
    | st.sampled_from([b"[" * 5000, b'{"a":1e999}', b'"\\ud800"', b"{}x", b"NaN"])
)
def test_bodies_that_are_no_json(filled: InProcess, content: bytes) -> None:
    _checked(filled, "POST", "/v4/datasets", content)


@QUICK
@given(
    path=st.sampled_from(
        ["/v3/datasets", "/v4/datasets", "/v3/proposals", "/v3/origdatablocks", "/v4/publisheddata"]
    ),
    chosen=JSON,
    name=st.sampled_from(["where", "limits", "include", "fields", ""]),
)
def test_odd_filters(filled: InProcess, path: str, chosen: object, name: str) -> None:
    text = json.dumps({name: chosen} if name else chosen)
    _checked(filled, "GET", path, params={"filter": text})


@QUICK
@given(fields=JSON, facets=JSON, path=st.sampled_from(["fullquery", "fullfacet", "metadataKeys"]))
def test_odd_fullqueries(filled: InProcess, fields: object, facets: object, path: str) -> None:
    texts = {"fields": json.dumps(fields), "facets": json.dumps(facets), "limits": json.dumps(facets)}
    _checked(filled, "GET", f"/v3/datasets/{path}", params=texts)


@QUICK
@given(pid=st.text(min_size=1, max_size=12), method=st.sampled_from(["GET", "PATCH", "DELETE", "PUT"]))
def test_odd_identifiers(filled: InProcess, pid: str, method: str) -> None:
    _checked(filled, method, f"/v3/datasets/x{quote(pid, safe='')}")
