"""Folders made by handle: completed after a kill, verified, repaired, and not turned elsewhere."""

import errno
import grp
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scifish.common.yaml_model import parse
from sdm import NameRefused, SdmSettings, Storage, StorageError, Visitor
from sdm.settings import StorageSettings


@pytest.fixture
def settings(tmp_path: Path) -> SdmSettings:
    (tmp_path / "data").mkdir()
    return SdmSettings(storage=StorageSettings(root=tmp_path / "data", apply_group=False))


def mode(path: Path | str) -> int:
    return stat.S_IMODE(Path(path).stat().st_mode)


def test_what_a_kill_left_is_completed(settings: SdmSettings) -> None:
    visitor = Visitor("demo", settings)
    raw = Path(visitor.create_path("20230001", None, "20231101"))
    (raw.parent / "photos").rmdir()
    (raw.parent / "process").chmod(0o700)  # made, and then the process was killed
    assert visitor.make_visit("20230001", None, "20231101").warnings == ()
    assert (mode(raw.parent / "photos"), mode(raw.parent / "process")) == (0o2770, 0o2770)


def test_what_a_kill_left_above_the_proposal_is_completed(settings: SdmSettings) -> None:
    (settings.storage.root / "visitors").mkdir(mode=0o700)
    Visitor("demo", settings).create_path("20230001", None, "20231101")
    assert mode(settings.storage.root / "visitors") == 0o755


def test_what_is_done_again_is_refused_when_it_differs_only_in_case(settings: SdmSettings) -> None:
    visitor = Visitor("demo", settings)
    raw = Path(visitor.create_path("A-1x", None, "20231101"))
    visitor.make_sample(raw, None, "Wafer/a")
    for sample, twin in [("wafer", "Wafer"), ("WAFER/b", "Wafer"), ("Wafer/A", "a")]:
        with pytest.raises(
            NameRefused, match=f"'{twin}' is there, which is the same name on Windows"
        ) as caught:
            visitor.make_sample(raw, None, sample)
        assert str(caught.value).endswith("what was begun has been removed again")
    (raw / "wafer").mkdir(mode=0o700)  # a kill left it, before it was compared
    with pytest.raises(NameRefused, match="'Wafer' is there"):
        visitor.make_sample(raw, None, "wafer")
    with pytest.raises(NameRefused, match="'A-1x' is there"):
        visitor.make_visit("a-1x", None, "20231101")
    assert {str(path.relative_to(raw)) for path in raw.rglob("*")} == {"Wafer", "Wafer/a"}
    assert [path.name for path in raw.parents[2].iterdir()] == ["A-1x"]


def test_customers_are_not_listed(settings: SdmSettings) -> None:
    raw = Storage("proprietary", "demo", settings).make_visit("20230001", None, "20231101").path
    assert [mode(raw.parents[depth]) for depth in (3, 2, 1)] == [0o755, 0o711, 0o2750]


def test_a_listing_that_is_there_already_is_told_and_repaired(settings: SdmSettings) -> None:
    beamline = settings.storage.root / "proprietary" / "demo"
    beamline.mkdir(parents=True)
    beamline.chmod(0o775)
    private = Storage("proprietary", "demo", settings)
    told = (f"{beamline}: mode is 775, not 711: everybody may list it",)
    assert private.make_visit("20230001", None, "20231101").warnings == told
    assert private.repair_visit("20230001", None, "20231101") == (told, ())
    assert mode(beamline) == 0o771  # what owner and group may is the site's
    assert private.verify_visit("20230001", None, "20231101") == ()


def test_each_difference_is_told_and_repaired_and_nothing_inside_is_touched(settings: SdmSettings) -> None:
    visitor = Visitor("demo", settings)
    raw = Path(visitor.create_path("20230001", None, "20231101"))
    visitor.make_sample(raw, None, "a/b")
    (raw / "scan.h5").touch(mode=0o600)
    (raw / "a").chmod(0o2770)
    (raw.parent / "photos").rmdir()
    (raw.parent / "process").chmod(0o500)
    told = (
        f"{raw.parent}/process: mode is 500, not 2770",
        f"{raw.parent}/photos: is missing",
        f"{raw}/a: mode is 2770, not 2750",
    )
    assert visitor.verify_visit("20230001", None, "20231101", "a/b") == told
    assert not (raw.parent / "photos").exists()
    repaired = visitor.repair_visit("20230001", None, "20231101", "a/b")
    assert (repaired.done, repaired.left) == (told, ())
    assert visitor.verify_visit("20230001", None, "20231101", "a/b") == ()
    assert mode(raw / "scan.h5") == 0o600


def test_a_visit_that_is_not_there_is_missing_once(settings: SdmSettings) -> None:
    place = settings.storage.root / "visitors"
    assert Visitor("demo", settings).verify_visit("20230001", None, "20231101") == (f"{place}: is missing",)
    assert not place.exists()


def test_the_description_of_the_folders(settings: SdmSettings) -> None:
    described = Storage("proprietary", "demo", settings).describe_visit("20230001", None, "20231101", "a")
    place = settings.storage.root / "proprietary"
    assert described[0] == f"{place}: parent folder: mode 755"
    assert described[1] == f"{place}/demo: parent folder: mode 711"
    assert described[-1] == f"{place}/demo/20230001/20231101/raw/a: sample folder: mode 2750"
    assert len(described) == 11


def test_template_folders_and_modes_of_the_settings(tmp_path: Path) -> None:
    storage = parse(
        SdmSettings,
        {
            "storage": {
                "root": str(tmp_path),
                "apply_group": False,
                "template": "{category}/{beamline}/{year}/{proposal}/{visit}",
                "mode": "0o2777",
                "parents": {"mode": "0o2775"},
                "visit": {"mode": "0o755"},
                "folders": {"raw": {}, "scratch": {"mode": "0o1777"}},
            }
        },
        "sdm.yaml",
    )
    visitor = Visitor("demo", storage)
    raw = Path(visitor.create_path("20230001", None, "20231101"))
    assert raw == tmp_path / "visitors/demo/2023/20230001/20231101/raw"
    assert raw == visitor.raw_path("20230001", "20231101")
    assert visitor.beamline_path == str(tmp_path / "visitors/demo")
    modes = [mode(raw), mode(raw.parent / "scratch"), *(mode(raw.parents[depth]) for depth in range(4))]
    # The gate stays closed for others, whatever the mode of what is inside.
    assert modes == [0o2755, 0o1777, 0o755, 0o2750, 0o2775, 0o2775]


def test_a_folder_that_is_swapped_while_it_is_made_is_refused(
    settings: SdmSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The moment between making and opening, and the moment after it; nothing outside is touched."""
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o700)
    (outside / "b").mkdir(mode=0o700)
    visitor = Visitor("demo", settings)
    raw = Path(visitor.create_path("20230001", None, "20231101"))
    before = [one.stat() for one in (outside, outside / "b")]

    def swapped(function: Callable[..., Any]) -> Callable[..., Any]:
        def swapping(*arguments: Any, **named: Any) -> Any:
            result = function(*arguments, **named)
            if (raw / "a").is_dir() and not (raw / "a").is_symlink():
                (raw / "a").rename(raw / "moved")
                (raw / "a").symlink_to(outside)
            return result

        return swapping

    for name, words in [
        ("mkdir", "is there but is no directory"),
        ("fchmod", "put something else in its place"),
    ]:
        with monkeypatch.context() as patched:
            patched.setattr(os, name, swapped(getattr(os, name)))
            with pytest.raises(StorageError, match=words):
                visitor.make_sample(raw, None, "a/b")
        assert [one.stat() for one in (outside, outside / "b")] == before
        (raw / "a").unlink()
        shutil.rmtree(raw / "moved", ignore_errors=True)


def test_a_file_system_that_has_acls_by_name_only_gets_modes(
    settings: SdmSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading answers that there is no ACL, and setting one is not supported."""

    def refusing(*_: object) -> None:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

    monkeypatch.setattr(os, "setxattr", refusing)
    group = grp.getgrgid(os.getegid()).gr_name
    for acl in ("auto", "required"):
        storage = StorageSettings(root=settings.storage.root, acl=acl)
        visitor = Visitor("demo", SdmSettings(storage=storage))
        if acl == "required":
            with pytest.raises(StorageError, match="this file system has no ACLs; mount with ACLs"):
                visitor.make_visit("20230002", group, "20231101")
        else:
            raw = visitor.make_visit("20230001", group, "20231101").path
            assert [mode(raw), mode(raw.parent / "process")] == [0o2750, 0o2770]
