"""Files and pictures in many pieces, at minicat or the real SciCat that SCICAT_URL names."""

from pathlib import Path

import pytest

from scicow.dataset.desired import DataFile
from scicow.errors import CatalogueUnavailable
from scicow.scicat.client import ScicatClient
from scifish.common.clock import iso
from scizoo.facility.processes import wait_until
from support.scicat.fault_proxy import FaultProxy
from support.scicow.any_scan import PICTURE
from support.scicow.ingest import Place, file, ingestor, message, new_pid, scicow


def test_what_is_listed_in_many_pieces_is_added_once(
    place: Place, eyes: ScicatClient, tmp_path: Path
) -> None:
    """A dataset's own lists end at 100 datablocks and 10 attachments."""
    pid = new_pid()
    pictures = [{**PICTURE, "caption": f"spectrum {number}"} for number in range(12)]
    files = [file(number) for number in range(102)]
    with scicow(place, tmp_path) as cow:
        cow.ingest(message(pid))
    for one in files:
        eyes.add_datablock(pid, [DataFile(one["path"], iso(one["time"]), one["size"])])
    ended = message(pid, "end", 1, dataset={"files": files, "attachments": pictures})
    for _ in range(2):  # the second knows of nothing that the first has added
        with scicow(place, tmp_path) as cow:
            cow.ingest(ended)
    assert len(eyes.datablocks(pid)) == len(files)
    captions = [one["caption"] for one in eyes.attachments(pid)]
    assert captions == [one["caption"] for one in pictures]


def test_a_picture_whose_request_lands_late_is_left_once(
    place: Place, way: FaultProxy, eyes: ScicatClient, tmp_path: Path
) -> None:
    pid = new_pid()
    ended = message(pid, "end", 1, dataset={"attachments": [PICTURE, {**PICTURE, "caption": "other"}]})
    with scicow((way.url, place[1]), tmp_path) as cow:
        cow.ingest(message(pid))
    login = {"username": place[1].username, "secret": place[1].password}
    with ingestor(way.url, tmp_path, scicat={**login, "timeout": 2}) as cow:
        way.plan = lambda method, path, _: "late" if method == "POST" and "attachments" in path else None
        with pytest.raises(CatalogueUnavailable):
            cow.ingest(ended)
        way.plan = lambda *_: None
        cow.ingest(ended)
        way.release.set()
        wait_until(lambda: len(eyes.attachments(pid)) == 3, "the late request is carried out", 20)
        wait_until(lambda: cow.verify().rechecked, "the doubtful dataset is checked again", 20)
    assert sorted(one["caption"] for one in eyes.attachments(pid)) == ["other", "spectrum"]
