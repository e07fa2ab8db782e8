"""The way to SciCat fails in every manner: nothing is lost, nothing is doubled."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from scicow.errors import CatalogueError, CatalogueUnavailable
from scicow.ingest.ingest import Ingestor
from scicow.scicat.client import ScicatClient
from scicow.work.error_policy import decide
from scicow.work.outcome import Ingested
from scifish.contract.message import Message
from scizoo.facility.processes import wait_until
from sdm.errors import LoginRefused
from support.scicat.fault_proxy import FaultProxy
from support.scicow.ingest import file, ingestor, message, new_pid, random_faults, scan, seen

IMPATIENT = {"timeout": 0.4, "login_retry": 0.02}
BLOCKS = "/api/v3/origdatablocks"


def until_done(cow: Ingestor, one: Message, patience: int = 200) -> Ingested:
    """Ingest as a beamline queue does: again after a while as long as `decide` says so."""
    for _ in range(patience):
        try:
            return cow.ingest(one)
        except (CatalogueError, LoginRefused) as error:
            verdict = decide(error)
            assert verdict.kind == "retry"
            threading.Event().wait(min(verdict.retry_after or 0.02, 0.2))
    raise AssertionError(f"{one.pid} failed {patience} times")


def once(number_of: str, fault: str) -> Callable[[str, str, int], str | None]:
    """Return a plan that spoils the first POST to a path only."""
    spoilt: list[int] = []

    def plan(method: str, path: str, number: int) -> str | None:
        if method == "POST" and path.startswith(number_of) and not spoilt:
            spoilt.append(number)
            return fault
        return None

    return plan


@pytest.mark.parametrize("fault", ["500", "429", "401", "refuse", "lost", "cut"])
@pytest.mark.parametrize("path", ["/api/v4/datasets", BLOCKS, "/api/v3/proposals", "/api/v3/samples"])
def test_each_fault_at_each_request_ends_in_the_same_dataset(
    proxy: FaultProxy, tmp_path: Path, catalogue: ScicatClient, fault: str, path: str
) -> None:
    with ingestor(proxy.url, tmp_path, scicat=IMPATIENT) as cow:
        straight, spoilt = new_pid(), new_pid()
        for one in scan(straight):
            cow.ingest(one)
    with ingestor(proxy.url, tmp_path, scicat=IMPATIENT) as cow:
        proxy.plan = once(path, fault)
        for one in scan(spoilt):
            until_done(cow, one)
    # The sample exists since the first scan: nothing asks for another.
    assert proxy.faults[fault] == (0 if path.endswith("samples") else 1)
    assert seen(catalogue, spoilt) == seen(catalogue, straight)
    assert len(catalogue.datablocks(spoilt)) == 1


def test_a_sample_whose_answer_is_lost_is_made_once(
    proxy: FaultProxy, tmp_path: Path, catalogue: ScicatClient
) -> None:
    name = f"cup-{new_pid()}"
    with ingestor(proxy.url, tmp_path, scicat=IMPATIENT) as cow:
        proxy.plan = once("/api/v3/samples", "lost")
        done = until_done(cow, message(new_pid(), dataset={"sampleId": name}))
    dataset = catalogue.dataset(done.dataset_pid)
    assert dataset is not None
    assert dataset["sampleIds"] == [name]


def test_a_datablock_that_lands_after_its_time_out_is_not_listed_twice(
    proxy: FaultProxy, tmp_path: Path, catalogue: ScicatClient
) -> None:
    """The request hangs, is given up, is sent again, and is then carried out twice."""
    pid = new_pid()
    with ingestor(proxy.url, tmp_path, scicat=IMPATIENT) as cow:
        proxy.plan = once(BLOCKS, "late")
        until_done(cow, message(pid, "end", 1, dataset={"files": [file(1), file(2)]}))
        proxy.release.set()
        assert proxy.unanswered.wait(30)
        assert len(catalogue.datablocks(pid)) == 2
        wait_until(lambda: cow.verify().rechecked, "the doubtful dataset is checked again", 30)
    assert len(catalogue.datablocks(pid)) == 1
    dataset = catalogue.dataset(pid)
    assert dataset is not None
    assert dataset["numberOfFiles"] == 2


def test_a_doubtful_dataset_that_was_removed_meanwhile_is_no_trouble(
    proxy: FaultProxy, tmp_path: Path, catalogue: ScicatClient
) -> None:
    pid = new_pid()
    with ingestor(proxy.url, tmp_path, scicat=IMPATIENT) as cow:
        proxy.plan = once(BLOCKS, "500")
        until_done(cow, message(pid, "end", 1, dataset={"files": [file(1)]}))
        catalogue.delete_dataset(pid)
        wait_until(lambda: cow.verify().rechecked, "the doubtful dataset is checked again", 30)
        assert cow.verify().rechecked == 0


def test_the_same_after_scicow_was_killed_in_between(
    proxy: FaultProxy, tmp_path: Path, catalogue: ScicatClient
) -> None:
    """A new process knows nothing of the first request, which is carried out while it repeats it."""
    pid = new_pid()
    end = message(pid, "end", 1, dataset={"files": [file(1), file(2)]})
    with ingestor(proxy.url, tmp_path, scicat=IMPATIENT) as cow:
        proxy.plan = once(BLOCKS, "late")
        with pytest.raises(CatalogueUnavailable):
            cow.ingest(end)

    def land(method: str, path: str, _number: int) -> None:
        if method == "POST" and path.startswith(BLOCKS):
            proxy.release.set()
            assert proxy.unanswered.wait(30)

    proxy.plan = land
    with ingestor(proxy.url, tmp_path) as cow:
        cow.ingest(end)
    assert proxy.count("POST", BLOCKS) == 2
    assert len(catalogue.datablocks(pid)) == 1


def test_a_picture_whose_answer_is_lost_is_attached_once(
    proxy: FaultProxy, tmp_path: Path, catalogue: ScicatClient
) -> None:
    pid = new_pid()
    picture = {"caption": "spectrum", "thumbnail": "data:image/png;base64,iVBORw0KGgo="}
    end = message(pid, "end", 1, dataset={"attachments": [picture]})
    with ingestor(proxy.url, tmp_path, scicat=IMPATIENT) as cow:
        proxy.plan = once(f"/api/v3/datasets/{pid}/attachments", "late")
        with pytest.raises(CatalogueUnavailable):
            cow.ingest(end)
        proxy.plan = lambda _method, _path, _number: None
        cow.ingest(end)
        proxy.release.set()
        assert proxy.unanswered.wait(30)
        assert len(catalogue.attachments(pid)) == 2  # SciCat takes any number of one caption
        wait_until(lambda: cow.verify().rechecked, "the doubtful dataset is checked again", 30)
    [kept] = catalogue.attachments(pid)
    assert kept["caption"] == "spectrum"


def test_chaos(proxy: FaultProxy, tmp_path: Path, catalogue: ScicatClient) -> None:
    """Messages 1 to 3 times, out of order across pids, with every third request failing somehow."""
    draw = random.Random(5)
    pids = [new_pid() for _ in range(24)]
    straight = new_pid()
    with ingestor(proxy.url, tmp_path) as calm:
        for one in scan(straight):
            calm.ingest(one)

    def deliveries(pid: str) -> list[Message]:
        return [one for one in scan(pid) for _ in range(draw.randint(1, 3))]

    work = [deliveries(pid) for pid in pids]
    for messages in work:
        draw.shuffle(messages)
    with ingestor(proxy.url, tmp_path, scicat=IMPATIENT) as cow:
        kinds = ("500", "503", "429", "401", "refuse", "lost", "cut", "hang")
        proxy.plan = random_faults(5, 0.3, kinds)
        with ThreadPoolExecutor(8) as workers:
            list(workers.map(lambda messages: [until_done(cow, one) for one in messages], work))
        assert len(proxy.faults) == len(kinds) + 1
        proxy.plan = lambda _method, _path, _number: None
        cow.verify()
    expected = seen(catalogue, straight)
    for pid in pids:
        assert seen(catalogue, pid) == expected
