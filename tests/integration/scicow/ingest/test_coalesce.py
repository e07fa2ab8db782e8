"""Several messages of a scan as one change, over HTTP: the same dataset as one after the other."""

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scicow.errors import CatalogueUnavailable
from scicow.ingest.ingest import Ingestor
from scicow.scicat.client import ScicatClient
from scifish.contract.message import Message
from scifish.errors import ProprietaryError
from support.scicat.fault_proxy import FaultProxy
from support.scicow.ingest import file, message, new_pid, scan, seen

PICTURE = {"caption": "spectrum", "thumbnail": "data:image/png;base64,iVBORw0KGgo="}


def messages_of(pid: str) -> list[Message]:
    """Return a scan's messages of all kinds: whole, spread over parts, with changed units, with a picture."""
    groups: list[dict[str, Any]] = [
        {"energy": {"value": 0.7, "unit": "keV"}},
        {"energy": {"value": 701, "unit": "eV"}, "slits": {"gap": {"value": 2, "unit": "mm"}}},
        {"energy": {"value": None, "unit": "eV", "error": "no answer"}},
    ]
    return [
        *scan(pid),
        message(pid, "update", 3, dataset={"scientificMetadata": groups[0], "files": [file(1, 7, 1)]}),
        message(
            pid, "end", 4, part=0, parts=2, dataset={"scientificMetadata": groups[1], "files": [file(3)]}
        ),
        message(pid, "end", 4, part=1, parts=2, dataset={"scientificMetadata": {"other": {"on": True}}}),
        message(pid, "end", 5, dataset={"scientificMetadata": groups[2], "attachments": [PICTURE]}),
    ]


def converted(document: Any) -> Any:
    """Return a document without what SciCat leaves over: the unit of a converted value that is gone again."""
    if not isinstance(document, dict):
        return document
    kept = {name: converted(one) for name, one in document.items()}
    if "error" in kept and "value" not in kept:
        kept.pop("unitSI", None)
    return kept


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_any_batches_of_any_messages_end_in_the_dataset_of_one_after_the_other(
    data: st.DataObject, cow: Ingestor, catalogue: ScicatClient
) -> None:
    numbers = data.draw(st.lists(st.integers(0, 6), min_size=1, max_size=9))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(numbers)), max_size=3)) | {0, len(numbers)})
    single, coalesced = new_pid(), new_pid()
    for number in numbers:
        cow.ingest(messages_of(single)[number])
    for begin, end in itertools.pairwise(cuts):
        cow.ingest(*[messages_of(coalesced)[number] for number in numbers[begin:end]])
    assert converted(seen(catalogue, coalesced)) == converted(seen(catalogue, single))
    pictures = [[one["caption"] for one in catalogue.attachments(pid)] for pid in (single, coalesced)]
    assert pictures[0] == pictures[1]


def test_a_whole_scan_that_waited_costs_one_request_and_one_for_its_files(
    cow: Ingestor, proxy: FaultProxy
) -> None:
    for one in scan(new_pid()):  # log-in, the proposal's and the sample's record, the instrument
        cow.ingest(one)
    pid, before = new_pid(), len(proxy.seen)
    done = cow.ingest(*scan(pid))
    assert (done.dataset_pid, done.sequence, done.changed) == (pid, 2, True)
    assert proxy.seen[before:] == [("POST", "/api/v4/datasets"), ("POST", "/api/v3/origdatablocks")]


def test_an_older_message_in_a_batch_only_fills_what_is_absent(
    cow: Ingestor, catalogue: ScicatClient
) -> None:
    pid, straight = new_pid(), new_pid()
    cow.ingest(scan(pid)[1])
    cow.ingest(scan(pid)[2], scan(pid)[0], scan(pid)[2])
    for one in scan(straight):
        cow.ingest(one)
    assert seen(catalogue, pid) == seen(catalogue, straight)


def test_of_a_batch_with_proprietary_data_nothing_is_sent(
    cow: Ingestor, proxy: FaultProxy, catalogue: ScicatClient
) -> None:
    pid = new_pid()
    start, update, _ = scan(pid)
    secret = update.model_copy(
        update={"proposal": update.proposal.model_copy(update={"category": "proprietary"})}
    )
    with pytest.raises(ProprietaryError):
        cow.ingest(start, secret)
    assert catalogue.dataset(pid) is None
    assert proxy.count("POST", "/datasets") == 0


@pytest.mark.parametrize("fault", ["500", "lost", "refuse", "cut"])
def test_a_batch_that_failed_half_way_ends_the_same_when_its_messages_come_again(
    fault: str, cow: Ingestor, proxy: FaultProxy, catalogue: ScicatClient
) -> None:
    pid, straight = new_pid(), new_pid()
    for one in scan(straight):
        cow.ingest(one)
    faults = iter([fault])
    proxy.plan = lambda _method, path, _number: next(faults, None) if "origdatablocks" in path else None
    with pytest.raises(CatalogueUnavailable):
        cow.ingest(*scan(pid))
    for one in scan(pid):
        cow.ingest(one)
    assert seen(catalogue, pid) == seen(catalogue, straight)
