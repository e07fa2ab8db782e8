"""SciCat's peculiarities, each against the shipped catalogue: what the client does about them."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import randint
from typing import Any

import pytest

from scicow.dataset.desired import DataFile
from scicow.errors import (
    AlreadyThere,
    CatalogueRefused,
    CatalogueUnavailable,
    ChangedMeanwhile,
    MessageUnfit,
    NotAllowed,
    NotThere,
)
from scicow.scicat.client import ScicatClient
from scicow.scicat.linked_records import Things
from sdm.errors import LoginRefused
from support.scicat.fault_proxy import FaultProxy
from support.scicow.ingest import new_pid, scicat_settings

FILE = DataFile("/data/a.h5", "2026-03-01T09:30:00.000Z", 10)


def fields(pid: str, **changes: Any) -> dict[str, Any]:
    return {
        "pid": pid,
        "type": "raw",
        "datasetName": "one",
        "ownerGroup": "ingestor",
        "owner": "Ada Berg",
        "contactEmail": "i@example.org",
        "sourceFolder": "/data",
        "creationTime": "2026-03-01T09:30:00.000Z",
        "scientificMetadata": {"a": {"value": 5, "unit": "mm"}, "b": 1},
        **changes,
    }


@pytest.fixture
def pid(catalogue: ScicatClient) -> str:
    pid = new_pid()
    catalogue.create_dataset(fields(pid))
    return pid


def test_of_many_that_create_one_pid_one_succeeds(catalogue: ScicatClient) -> None:
    pid = new_pid()

    def create(_: int) -> str:
        try:
            return str(catalogue.create_dataset(fields(pid))["pid"])
        except AlreadyThere:
            return "409"

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(create, range(8))) == sorted([pid] + ["409"] * 7)


def test_a_dataset_that_is_not_there_is_none(catalogue: ScicatClient) -> None:
    assert catalogue.dataset(new_pid()) is None


def test_a_patch_merges_metadata_and_null_removes(catalogue: ScicatClient, pid: str) -> None:
    patched = catalogue.patch_dataset(pid, {"scientificMetadata": {"b": None, "c": 2}})
    metadata = patched["scientificMetadata"]
    assert metadata["a"]["valueSI"] == pytest.approx(0.005)
    assert "b" not in metadata
    assert metadata["c"] == 2


def test_a_patch_of_what_was_read_is_refused_when_it_changed_since(catalogue: ScicatClient, pid: str) -> None:
    read = catalogue.dataset(pid)
    assert read is not None
    second = catalogue.patch_dataset(pid, {"comment": "1"}, read["updatedAt"])
    catalogue.patch_dataset(pid, {"comment": "2"}, second["updatedAt"])
    with pytest.raises(ChangedMeanwhile):
        catalogue.patch_dataset(pid, {"comment": "3"}, read["updatedAt"])


def test_unknown_fields_and_numbers_as_texts_are_refused(catalogue: ScicatClient, pid: str) -> None:
    with pytest.raises(CatalogueRefused, match="nonsense"):
        catalogue.create_dataset(fields(new_pid(), nonsense=1))
    with pytest.raises(CatalogueRefused, match="dataQualityMetrics"):
        catalogue.patch_dataset(pid, {"dataQualityMetrics": "2.5"})


def test_a_pid_with_a_slash_is_one_step_of_the_path(catalogue: ScicatClient, proxy: FaultProxy) -> None:
    assert catalogue.dataset("20.500.1/" + new_pid()) is None


def test_a_body_beyond_the_limit_is_not_sent(proxy: FaultProxy, tmp_path: Path) -> None:
    with ScicatClient(scicat_settings(proxy.url, tmp_path, body_limit=1000)) as client:
        with pytest.raises(MessageUnfit, match="1000"):
            client.create_dataset(fields(new_pid(), description="x" * 2000))
        assert proxy.seen == []


def test_datablocks_add_up_and_can_be_changed_and_removed(catalogue: ScicatClient, pid: str) -> None:
    for _ in range(2):
        catalogue.add_datablock(pid, [FILE])
    first, second = catalogue.datablocks(pid)
    catalogue.change_datablock(first["_id"], [FILE, FILE._replace(path="/data/b.h5")])
    catalogue.remove_datablock(second["_id"])
    dataset = catalogue.dataset(pid)
    assert dataset is not None
    assert (dataset["numberOfFiles"], dataset["size"]) == (2, 20)
    with pytest.raises(NotThere):
        catalogue.add_datablock(new_pid(), [FILE])


def test_datasets_are_found_page_by_page(catalogue: ScicatClient) -> None:
    name = f"ALS-12345 {new_pid()}"
    pids = {new_pid() for _ in range(12)}
    for pid in pids:
        catalogue.create_dataset(fields(pid, datasetName=name))
    assert {one["pid"] for one in catalogue.find_datasets({"datasetName": name}, page=5)} == pids


@pytest.mark.parametrize("words", ["ALS-", "scan "])
def test_samples_whose_name_looks_like_a_date_are_found(catalogue: ScicatClient, words: str) -> None:
    things, name = Things(catalogue.session), f"{words}{randint(10_000, 99_999)}"  # a year, to JavaScript
    assert things.sample(name) is None
    assert things.add_sample({"sampleId": name, "ownerGroup": "g"}) is not None
    found = things.sample(name)
    assert found is not None
    assert found["ownerGroup"] == "g"


def test_a_sample_that_is_there_gives_500_and_is_found(catalogue: ScicatClient) -> None:
    things, name = Things(catalogue.session), f"twice-{new_pid()}"
    things.add_sample({"sampleId": name, "ownerGroup": "g"})
    again = things.add_sample({"sampleId": name, "ownerGroup": "other"})
    assert again is not None
    assert again["ownerGroup"] == "g"


def test_instruments_are_made_once_by_name(catalogue: ScicatClient) -> None:
    things, name = Things(catalogue.session), f"FlexPES-{new_pid()}"
    assert things.instrument(name) is None
    made = things.add_instrument(name)
    assert made is not None
    assert made == things.add_instrument(name) == things.instrument(name)


def test_a_proposal_is_made_and_then_kept_up_to_date(catalogue: ScicatClient, proxy: FaultProxy) -> None:
    things, name = Things(catalogue.session), f"P{new_pid()[:8]}"
    record = {"proposalId": name, "title": "first", "email": "a@example.org", "ownerGroup": "g"}
    for title in ("first", "second"):
        things.put_proposal({**record, "title": title})
        assert catalogue.session.request("GET", f"/api/v3/proposals/{name}")["title"] == title


def test_who_may_not_is_told_so(minicat: str, tmp_path: Path, pid: str) -> None:
    with ScicatClient(scicat_settings(minicat, tmp_path, username="visitor")) as client:
        with pytest.raises(NotAllowed):
            client.patch_dataset(pid, {"comment": "mine"})
        with pytest.raises(NotAllowed):
            Things(client.session).add_instrument("mine")


@pytest.mark.parametrize("fault", ["500", "502", "refuse", "lost", "cut"])
def test_what_is_no_answer_is_unavailable(proxy: FaultProxy, tmp_path: Path, fault: str) -> None:
    with ScicatClient(scicat_settings(proxy.url, tmp_path)) as client:
        client.dataset(new_pid())
        proxy.plan = lambda _method, _path, _number: fault
        with pytest.raises(CatalogueUnavailable, match=r"SciCat GET /api/v4/datasets/"):
            client.dataset(new_pid())


def test_a_hanging_server_is_unavailable_after_the_time_out(proxy: FaultProxy, tmp_path: Path) -> None:
    with ScicatClient(scicat_settings(proxy.url, tmp_path, timeout=0.3)) as client:
        client.dataset(new_pid())
        proxy.plan = lambda _method, _path, _number: "hang"
        with pytest.raises(CatalogueUnavailable, match=r"no answer within 0.3 s \(http://127"):
            client.dataset(new_pid())


def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with (
        ScicatClient(scicat_settings("http://127.0.0.1:9", tmp_path)) as client,
        pytest.raises(CatalogueUnavailable, match=r"Connection refused \(http://127.0.0.1:9\)$"),
    ):
        client.dataset(new_pid())


def test_too_many_requests_names_the_time_to_wait(proxy: FaultProxy, tmp_path: Path) -> None:
    proxy.retry_after = "7"
    with ScicatClient(scicat_settings(proxy.url, tmp_path)) as client:
        client.dataset(new_pid())
        proxy.plan = lambda _method, _path, _number: "429"
        with pytest.raises(CatalogueUnavailable) as caught:
            client.dataset(new_pid())
    assert (caught.value.status, caught.value.retry_after) == (429, 7)


def test_a_refused_token_is_renewed_and_the_request_sent_again(proxy: FaultProxy, tmp_path: Path) -> None:
    with ScicatClient(scicat_settings(proxy.url, tmp_path)) as client:
        client.dataset(new_pid())
        number = len(proxy.seen) + 1
        proxy.plan = lambda _method, _path, now: "401" if now == number else None
        assert client.dataset(new_pid()) is None
    assert proxy.count("POST", "/auth/login") == 2


def test_many_threads_with_an_expired_token_log_in_once(proxy: FaultProxy, tmp_path: Path) -> None:
    with ScicatClient(scicat_settings(proxy.url, tmp_path)) as client:
        client.dataset(new_pid())
        first = client.session.tokens.get()
        client.session.tokens.refused(first)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: client.dataset(new_pid()), range(24)))
    assert proxy.count("POST", "/auth/login") == 2


def test_wrong_credentials_are_not_tried_again_at_once(
    proxy: FaultProxy, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with ScicatClient(scicat_settings(proxy.url, tmp_path, username="nobody")) as client:
        for _ in range(5):
            with pytest.raises(LoginRefused, match="nobody"):
                client.dataset(new_pid())
    assert proxy.count("POST", "/auth/login") == 1
    assert [one.levelname for one in caplog.records if one.name == "sdm.scicat.token"] == ["ERROR"]
    assert "secret" not in caplog.text


def test_a_token_from_a_file_is_read_again_when_it_is_refused(minicat: str, tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("worn-out\n", encoding="utf-8")
    changes: dict[str, Any] = {"token_file": path, "password_file": None, "login_retry": 0.001}
    with (
        ScicatClient(scicat_settings(minicat, tmp_path)) as other,
        ScicatClient(scicat_settings(minicat, tmp_path, **changes)) as client,
    ):
        with pytest.raises(LoginRefused, match="mint a new one"):
            client.dataset(new_pid())
        path.write_text(other.session.tokens.get(), encoding="utf-8")
        waits = iter(range(1000))
        while next(waits, None) is not None:
            try:
                assert client.dataset(new_pid()) is None
                break
            except LoginRefused:
                continue
        assert client.session.tokens.age() is not None
