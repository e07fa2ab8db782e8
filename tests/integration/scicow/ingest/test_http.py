"""The way to SciCat: certificates, kept connections, and what must never be sent twice."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from pathlib import Path

import pytest

from scicow.dataset.desired import DataFile
from scicow.errors import CatalogueUnavailable
from scicow.scicat.client import ScicatClient
from scizoo.facility.processes import wait_until
from sdm.errors import LoginRefused
from support.kafka.secure import certificates
from support.scicat.fault_proxy import FaultProxy, fault_proxy
from support.scicow.ingest import new_pid, scicat_settings

FILE = DataFile("a.h5", "2026-03-01T09:30:00.000Z", 1)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificates(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def secure(minicat: str, authority: tuple[Path, Path]) -> Iterator[FaultProxy]:
    with fault_proxy(minicat, authority[1]) as proxy:
        yield proxy


def test_a_site_has_an_authority_of_its_own(
    secure: FaultProxy, authority: tuple[Path, Path], tmp_path: Path
) -> None:
    with ScicatClient(scicat_settings(secure.url, tmp_path, ca_file=authority[0])) as client:
        assert client.dataset(new_pid()) is None


def test_the_systems_authorities_can_be_named_in_the_environment(
    secure: FaultProxy, authority: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority[0]))
    with ScicatClient(scicat_settings(secure.url, tmp_path)) as client:
        assert client.dataset(new_pid()) is None


def test_a_server_that_nobody_vouches_for_gets_no_password(secure: FaultProxy, tmp_path: Path) -> None:
    with (
        ScicatClient(scicat_settings(secure.url, tmp_path)) as client,
        pytest.raises(CatalogueUnavailable, match=r"certificate.*scicat\.ca_file"),
    ):
        client.dataset(new_pid())
    assert secure.seen == []


def test_a_file_of_authorities_that_is_not_there_is_named_and_waited_for(
    secure: FaultProxy, authority: tuple[Path, Path], tmp_path: Path
) -> None:
    missing = tmp_path / "missing.pem"
    with ScicatClient(scicat_settings(secure.url, tmp_path, ca_file=missing)) as client:
        with pytest.raises(CatalogueUnavailable, match=r"missing\.pem.*No such file.*scicat\.ca_file"):
            client.dataset(new_pid())
        missing.write_bytes(authority[0].read_bytes())
        assert client.dataset(new_pid()) is None


def test_the_same_trouble_has_the_same_text_each_time(tmp_path: Path) -> None:
    with ScicatClient(scicat_settings("http://127.0.0.1:9", tmp_path)) as client:
        texts = set()
        for _ in range(3):
            with pytest.raises(CatalogueUnavailable) as caught:
                client.dataset(new_pid())
            texts.add(str(caught.value))
    assert len(texts) == 1


def test_a_datablock_whose_answer_was_lost_is_not_sent_again(proxy: FaultProxy, tmp_path: Path) -> None:
    with ScicatClient(scicat_settings(proxy.url, tmp_path)) as client:
        client.dataset(new_pid())
        proxy.plan = lambda method, _path, _number: "refuse" if method == "POST" else None
        with pytest.raises(CatalogueUnavailable, match="origdatablocks"):
            client.add_datablock(new_pid(), [FILE])
        with pytest.raises(CatalogueUnavailable, match="attachments"):
            client.add_attachment(new_pid(), {"caption": "c", "thumbnail": "data:,"})
    assert proxy.count("POST", "origdatablocks") == 1
    assert proxy.count("POST", "attachments") == 1


def test_no_more_requests_at_a_time_than_connections(proxy: FaultProxy, tmp_path: Path) -> None:
    with ScicatClient(scicat_settings(proxy.url, tmp_path, connections=2)) as client:
        client.dataset(new_pid())
        before = len(proxy.seen)
        proxy.plan = lambda _method, _path, _number: "late"
        with ThreadPoolExecutor(5) as pool:
            asked = [pool.submit(client.dataset, new_pid()) for _ in range(5)]
            wait_until(lambda: len(proxy.seen) >= before + 2, "two requests are on their way", 30)
            with pytest.raises(FutureTimeoutError):  # time for a third, were there a connection for it
                asked[0].result(0.3)
            assert len(proxy.seen) == before + 2
            proxy.plan = lambda _method, _path, _number: None
            proxy.release.set()
            failed = [one.exception() for one in asked]
    assert [type(one) for one in failed].count(type(None)) >= 3


def test_a_token_file_with_two_lines_is_refused_in_words(proxy: FaultProxy, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("one\ntwo\n")
    settings = scicat_settings(proxy.url, tmp_path, username=None, password_file=None, token_file=token)
    with ScicatClient(settings) as client, pytest.raises(LoginRefused, match="holds no token"):
        client.dataset(new_pid())
    assert proxy.seen == []


def test_who_asks_after_the_end_is_told_so_at_once(minicat: str, tmp_path: Path) -> None:
    client = ScicatClient(scicat_settings(minicat, tmp_path, connections=2))
    client.dataset(new_pid())
    client.close()
    for _ in range(3):
        with pytest.raises(CatalogueUnavailable, match="nothing more is sent"):
            client.dataset(new_pid())
