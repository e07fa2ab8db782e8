"""Answers of something that is not SciCat: a gateway in maintenance, a wrong address behind a proxy."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from scicow.dataset.desired import DataFile
from scicow.errors import CatalogueUnavailable
from scicow.scicat.client import ScicatClient
from scicow.scicat.http import Http
from scicow.scicat.linked_records import Things
from sdm.scicat.account import HttpRequest
from support.scicat.fault_proxy import FaultProxy
from support.scicow.ingest import ingestor, message, new_pid, scicat_settings

Request = Callable[[ScicatClient], object]
FILE = DataFile("a.h5", "2026-03-01T09:30:00.000Z", 1)
PID = new_pid()
REQUESTS: dict[str, Request] = {
    "create": lambda client: client.create_dataset({"pid": PID}),
    "read": lambda client: client.dataset(PID),
    "patch": lambda client: client.patch_dataset(PID, {"comment": "x"}),
    "find": lambda client: list(client.find_datasets({"pid": PID})),
    "datablock": lambda client: client.add_datablock(PID, [FILE]),
    "datablocks": lambda client: client.datablocks(PID),
    "attachment": lambda client: client.add_attachment(PID, {"caption": "c", "thumbnail": "data:,"}),
    "attachments": lambda client: client.attachments(PID),
    "proposal": lambda client: Things(client.session).put_proposal({"proposalId": "P1"}),
    "sample": lambda client: Things(client.session).add_sample({"sampleId": "S1"}),
    "instrument": lambda client: Things(client.session).add_instrument("one"),
}


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS.keys())
def test_success_that_says_nothing_of_what_was_asked_is_none(
    proxy: FaultProxy, tmp_path: Path, request_: Request
) -> None:
    """Else a message would count as catalogued, and nothing would be in the catalogue."""
    with ScicatClient(scicat_settings(proxy.url, tmp_path)) as client:
        client.session.tokens.get()
        proxy.plan = lambda _method, _path, _number: "200"
        with pytest.raises(CatalogueUnavailable, match="not SciCat's answer"):
            request_(client)


def test_a_message_waits_until_scicat_itself_answers(
    proxy: FaultProxy, catalogue: ScicatClient, tmp_path: Path
) -> None:
    pid = new_pid()
    with ingestor(proxy.url, tmp_path) as cow:
        cow.ingest(message(new_pid()))
        proxy.plan = lambda _method, _path, _number: "200"
        with pytest.raises(CatalogueUnavailable):
            cow.ingest(message(pid))
        proxy.plan = lambda _method, _path, _number: None
        cow.ingest(message(pid))
    assert catalogue.dataset(pid) is not None


def test_an_answer_without_an_end_is_cut(proxy: FaultProxy, tmp_path: Path) -> None:
    http = Http(scicat_settings(proxy.url, tmp_path), largest=10)
    with closing(http), pytest.raises(CatalogueUnavailable, match="more than 10 bytes"):
        http.send(HttpRequest("GET", "/api/v3/users/my/self"))
