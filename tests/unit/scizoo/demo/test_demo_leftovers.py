import json
import os
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from scifish.owners.owner import this_process
from scizoo.demo.beamline.leftovers import MARKER, claim, keep, remove_leftovers

ALIVE = this_process()
DEAD = replace(ALIVE, started=ALIVE.started + 1)  # another process had this pid


def folder(base: Path, marker: str | None, name: str = "scizoo-demo-1") -> Path:
    made = base / name
    (made / "logs").mkdir(parents=True)
    if marker is not None:
        (made / MARKER).write_text(marker)
    return made


def test_a_folder_whose_process_has_died_is_removed(tmp_path: Path) -> None:
    left = folder(tmp_path, json.dumps(asdict(DEAD)))
    remove_leftovers(tmp_path)
    assert not left.exists()


@pytest.mark.parametrize(
    "marker",
    [pytest.param(json.dumps(asdict(ALIVE)), id="alive"), None, "", "{}", "[1]", '{"pid": 1}'],
)
def test_every_other_folder_stays(tmp_path: Path, marker: str | None) -> None:
    other = folder(tmp_path, marker)
    remove_leftovers(tmp_path)
    assert (other / "logs").is_dir()


def test_a_folder_of_another_name_or_behind_a_link_stays(tmp_path: Path) -> None:
    dead = json.dumps(asdict(DEAD))
    other = folder(tmp_path, dead, "scizoo")
    (tmp_path / "scizoo-demo-2").symlink_to(other)
    remove_leftovers(tmp_path)
    assert (other / "logs").is_dir()


def test_a_folder_of_another_user_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = folder(tmp_path, json.dumps(asdict(DEAD)))
    monkeypatch.setattr(os, "getuid", lambda: other.stat().st_uid + 1)
    remove_leftovers(tmp_path)
    assert other.is_dir()


def test_what_goes_with_this_process_or_is_kept_stays(tmp_path: Path) -> None:
    mine, kept = folder(tmp_path, None), folder(tmp_path, json.dumps(asdict(DEAD)), "scizoo-demo-3")
    claim(mine)
    keep(kept)
    remove_leftovers(tmp_path)
    assert (mine / MARKER).is_file()
    assert kept.is_dir()
