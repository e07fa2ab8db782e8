from collections.abc import Callable
from typing import Any

import pytest

from minicat.errors import ApiError
from minicat.values.validation import check, faults_of, required, time_fields

Proposal = Callable[..., dict[str, Any]]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"title": 1}, "title: .*string.*it is 1"),
        ({"email": "nobody"}, "email: .*'nobody'"),
        ({"startTime": "yesterday"}, "startTime: must be an ISO 8601 time .*yesterday"),
        ({"metadata": []}, "metadata: "),
        (
            {"MeasurementPeriodList": [{"instrument": "x"}]},
            "MeasurementPeriodList.0.start is missing; add it",
        ),
        ({"titel": "t"}, "titel is no field of this record; remove it"),
        ({"email": None}, "email: "),
    ],
)
def test_a_fault_names_the_field_and_what_to_do(
    proposal: Proposal, fields: dict[str, Any], fault: str
) -> None:
    with pytest.raises(ApiError, match=fault) as caught:
        check("proposal", proposal(**fields))
    assert caught.value.body()["statusCode"] == 400


def test_all_faults_are_told_at_once() -> None:
    faults, _ = faults_of("proposal", {})
    assert len(faults) == len(required("proposal")) == 4


@pytest.mark.parametrize("body", [None, [], "text", 1, True])
def test_a_body_that_is_no_object_is_refused(body: object) -> None:
    with pytest.raises(ApiError, match="body"):
        check("sample", body)


def test_times_become_utc_with_milliseconds(proposal: Proposal) -> None:
    checked = check("proposal", proposal(startTime="2026-03-01T10:30:00+01:00"))
    assert checked["startTime"] == "2026-03-01T09:30:00.000Z"


def test_numbers_stay_as_they_are() -> None:
    file = {"path": "a", "size": 2**60 + 1, "time": "2026-03-01"}
    assert check("file", file)["size"] == 2**60 + 1
    assert check("file", {**file, "size": 1.5})["size"] == 1.5
    assert faults_of("file", {**file, "size": True})[0] == ["size: must be a number (it is True)"]


def test_an_optional_field_may_be_null(proposal: Proposal) -> None:
    assert check("proposal", proposal(abstract=None))["abstract"] is None


def test_unknown_fields_can_be_dropped(proposal: Proposal) -> None:
    body = proposal(
        more=1,
        MeasurementPeriodList=[{"instrument": "i", "start": "2026-01-01", "end": "2026-01-02", "x": 1}],
    )
    checked = check("proposal", body, unknown_fields=True)
    assert "more" not in checked
    assert "x" not in checked["MeasurementPeriodList"][0]


@pytest.mark.parametrize(
    ("url", "right"),
    [
        ("https://storage.example.org", True),
        ("storage.example.org", True),
        ("https://storage.example.org:8443/path", True),
        ("storage", False),
        ("file:///data", False),
    ],
)
def test_a_host_is_a_url(url: str, right: bool) -> None:
    faults, _ = faults_of("dataset.v4.patch", {"sourceFolderHost": url})
    assert (faults == []) is right


def test_the_fields_that_hold_times_are_known() -> None:
    assert {"creationTime", "endTime", "datasetlifecycle.publishedOn"} <= time_fields("dataset.v4")
    assert "dataFileList.time" in time_fields("origdatablock")
