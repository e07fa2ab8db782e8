"""Messages compared with the catalogue, and mended."""

from pathlib import Path

from scicow.ingest_settings import IngestSettings
from scicow.reconcile import Reconciler
from scicow.scicat import ScicatClient
from scifish.message import Message
from support.scicow_ingest import ingestor, message, new_pid, scan, seen


def test_all_kinds_of_gaps_are_found_and_mended(
    minicat: str, tmp_path: Path, catalogue: ScicatClient
) -> None:
    whole, absent, old, bare, twice = (new_pid() for _ in range(5))
    messages = [one for pid in (whole, absent, old, bare, twice) for one in scan(pid)]
    secret = message(new_pid(), proposal={"category": "proprietary"})
    with ingestor(minicat, tmp_path) as cow:
        for one in messages:
            if one.pid != absent and not (one.pid == old and one.sequence > 0):
                cow.ingest(one)
        for block in catalogue.datablocks(bare):
            catalogue.remove_datablock(block["_id"])
        block = catalogue.datablocks(twice)[0]
        body = {"datasetId": twice, "size": 200, "dataFileList": block["dataFileList"]}
        catalogue.session.request("POST", "/api/v3/origdatablocks", body)

        def read() -> list[Message]:
            return [*messages, secret]

        reconciler = Reconciler(catalogue, cow, IngestSettings())
        found = reconciler.run(read, mend=False)
        assert (found.pids, found.proprietary, found.mended) == (5, 1, 0)
        assert {(one.pid, one.what) for one in found.differences} == {
            (absent, "is not in the catalogue"),
            (old, "holds sequence 0 of 2"),
            (old, "has no end time"),
            (old, "lacks 2 of 2 files"),
            (bare, "lacks 2 of 2 files"),
            (twice, "lists 2 files twice"),
        }
        mended = reconciler.run(read, mend=True)
        assert mended.mended == 4
        assert mended.complete
        assert reconciler.run(read, mend=False).differences == []
    for pid in (absent, old, bare, twice):
        assert seen(catalogue, pid) == seen(catalogue, whole)


def test_what_cannot_be_mended_is_named_with_its_reason(
    minicat: str, tmp_path: Path, catalogue: ScicatClient
) -> None:
    good, bad = new_pid(), new_pid()
    messages = [message(bad, proposal={"id": "20269999"}), message(good)]
    with ingestor(minicat, tmp_path) as cow:
        report = Reconciler(catalogue, cow, IngestSettings()).run(lambda: messages, mend=True)
    assert (report.mended, report.complete) == (1, False)
    assert [one.pid for one in report.failed] == [bad]
    assert (
        "is not in the catalogue (the user office does not know proposal 20269999)" in report.failed[0].what
    )
