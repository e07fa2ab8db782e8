"""Messages compared with the catalogue, and mended."""

from pathlib import Path

from scicow.dataset.datablocks import files_of
from scicow.scicat.client import ScicatClient
from scifish.contract.message import Message
from support.scicow.ingest import PROPOSAL, SECRET, Desk, ingestor, message, new_pid, scan, seen
from support.scicow.reconcile import mended, reconciler


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
        catalogue.add_datablock(twice, files_of(block))

        looks = reconciler(catalogue, tmp_path)
        found = looks.compare([*messages, secret])
        assert (found.pids, found.proprietary, found.mended) == (5, 1, 0)
        assert {(one.pid, one.what) for one in found.differences} == {
            (absent, "is not in the catalogue"),
            (old, "holds sequence 0 of 2"),
            (old, "has no end time"),
            (old, "lacks 2 of 2 files"),
            (old, "has no sample (sampleIds)"),
            (old, "has no instrument (instrumentIds)"),
            (bare, "lacks 2 of 2 files"),
            (twice, "lists 2 files twice"),
        }
        report, given = mended(looks, [*messages, secret, *messages], cow)
        assert report.mended == 4
        assert report.complete
        assert len(given) == 12, "a message that lies twice in its topic is given once"
        assert looks.compare([*messages, secret]).differences == []
    for pid in (absent, old, bare, twice):
        assert seen(catalogue, pid) == seen(catalogue, whole)


def test_what_cannot_be_mended_is_named(minicat: str, tmp_path: Path, catalogue: ScicatClient) -> None:
    good, bad = new_pid(), new_pid()
    messages = [message(bad, proposal={"id": "20269999"}), message(good)]
    with ingestor(minicat, tmp_path) as cow:
        report, given = mended(reconciler(catalogue, tmp_path), messages, cow)
    assert given == messages, "SciCow says itself why it does not take one"
    assert (report.mended, report.complete) == (1, False)
    [failed] = report.failed
    assert failed.pid == bad
    assert failed.what.startswith(f"is not in the catalogue (see `scicow receipt {bad}`")


def test_what_only_the_office_calls_proprietary_is_left_out(
    minicat: str, tmp_path: Path, catalogue: ScicatClient
) -> None:
    good, secret = new_pid(), new_pid()
    messages = [message(secret, proposal={"id": SECRET.id}), message(good)]
    desk = Desk(PROPOSAL, SECRET)
    with ingestor(minicat, tmp_path, desk) as cow:
        looks = reconciler(catalogue, tmp_path, desk)
        report, given = mended(looks, messages, cow)
        assert (report.pids, report.mended, report.proprietary) == (1, 1, 1)
        assert report.complete
        assert [one.pid for one in report.differences] == [good]
        assert [one.pid for one in given] == [good]
        assert mended(looks, messages, cow)[0].complete
    assert catalogue.dataset(secret) is None


def test_lost_attachments_links_samples_and_metadata_are_found_and_mended(
    minicat: str, tmp_path: Path, catalogue: ScicatClient
) -> None:
    whole, picture, links, group, sample = (new_pid() for _ in range(5))
    messages = [one for pid in (whole, picture, links, group) for one in pictured(pid)]
    messages += pictured(sample, sampleId="cup-lost")
    with ingestor(minicat, tmp_path) as cow:
        for one in messages:
            cow.ingest(one)
        [attachment] = catalogue.attachments(picture)
        catalogue.remove_attachment(attachment["aid"])
        catalogue.patch_dataset(links, {"sampleIds": [], "instrumentIds": [], "proposalIds": []})
        catalogue.patch_dataset(
            group, {"scientificMetadata": {"slits": None, "energy": {"value": 1, "unit": "eV"}}}
        )
        catalogue.session.request("DELETE", "/api/v3/samples/cup-lost")
        looks = reconciler(catalogue, tmp_path)
        found = looks.compare(messages)
        assert {(one.pid, one.what) for one in found.differences} == {
            (picture, "lacks 1 of 1 attachments"),
            (links, "has no sample (sampleIds)"),
            (links, "has no instrument (instrumentIds)"),
            (links, "has no proposal (proposalIds)"),
            (group, "lacks 1 group of metadata, as 'slits'"),
            (sample, "names the sample 'cup-lost', which is not in the catalogue"),
        }
        report, _ = mended(looks, messages, cow)
        assert (report.mended, report.failed) == (4, [])
        assert looks.compare(messages).differences == []
    for pid in (picture, links, group):
        assert seen(catalogue, pid) == seen(catalogue, whole)
    assert [one["caption"] for one in catalogue.attachments(picture)] == ["spectrum"]


def test_links_that_cannot_be_made_are_marked_and_lack_nothing(
    minicat: str, tmp_path: Path, catalogue: ScicatClient
) -> None:
    messages = pictured(new_pid(), instrument="not in SciCat")
    with ingestor(minicat, tmp_path, instruments=False) as cow:
        for one in messages:
            cow.ingest(one)
        assert reconciler(catalogue, tmp_path, instruments=False).compare(messages).differences == []


def pictured(pid: str, **changes: str) -> list[Message]:
    """Return the messages of a scan whose last one has a picture."""
    *first, last = scan(pid)
    added = {"attachments": [{"caption": "spectrum", "thumbnail": "data:image/png;base64,AAAA"}], **changes}
    document = last.model_dump(mode="json", by_alias=True)
    return [*first, Message.model_validate({**document, "dataset": {**document["dataset"], **added}})]
