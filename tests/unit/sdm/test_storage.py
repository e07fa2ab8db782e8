"""Directories of a visit, as existing clients make them."""

import os
import stat
from pathlib import Path

import pytest

from sdm import NameRefused, SdmSettings, Storage, StorageError, Visitor, storage
from sdm.settings import StorageSettings
from support.sdm.offices import entry, write_proposals, write_settings

FOLDERS = {"raw", "process", "macros", "logs", "notebooks", "photos"}


@pytest.fixture
def settings(tmp_path: Path) -> SdmSettings:
    (tmp_path / "data").mkdir()
    return SdmSettings(storage=StorageSettings(root=tmp_path / "data", apply_group=False))


def mode(path: Path | str) -> int:
    return stat.S_IMODE(Path(path).stat().st_mode)


def test_as_the_clients_call_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "data"
    data.mkdir()
    write_proposals(tmp_path / "proposals.yaml", entry("20230001", group="p20230001"))
    config = write_settings(tmp_path / "sdm.yaml", storage={"root": "data", "apply_group": False})
    monkeypatch.setenv("SDM_CONFIG", str(config))

    new = storage.Storage(user_type="visitors", beamline="biomax")
    group = new.get_proposal_group("20230001")
    raw = new.create_path("20230001", group, "2023110108")
    assert (group, new.beamline_path) == ("p20230001", f"{data}/visitors/biomax")
    assert raw == f"{data}/visitors/biomax/20230001/2023110108/raw"

    old = storage.Storage("visitor", "BioMAX")
    assert old.create_path(20230001, old.get_proposal_group(20230001), "2023110108", "login") == raw
    assert Visitor("biomax").create_path("20230001", group, 2023110108) == raw


def test_what_is_made_and_with_which_modes(settings: SdmSettings) -> None:
    raw = Path(Visitor("demo", settings).create_path("20230001", None, "20231101"))
    assert {path.name for path in raw.parent.iterdir()} == FOLDERS
    assert {path.name: mode(path) for path in raw.parent.iterdir()} == {
        **dict.fromkeys(FOLDERS, 0o2770),
        "raw": 0o2750,
    }
    assert [mode(path) for path in (raw.parent, raw.parent.parent)] == [0o2750, 0o2750]
    assert mode(raw.parents[2]) == 0o755


def test_the_mode_does_not_depend_on_the_umask(settings: SdmSettings) -> None:
    before = os.umask(0o077)
    try:
        raw = Path(Visitor("demo", settings).create_path("20230001", None, "20231101"))
    finally:
        os.umask(before)
    assert mode(raw.parent / "process") == 0o2770
    assert mode(raw.parents[2]) == 0o755


def test_making_it_again_changes_nothing(settings: SdmSettings) -> None:
    visitor = Visitor("demo", settings)
    raw = Path(visitor.create_path("20230001", None, "20231101"))
    (raw / "scan.h5").write_bytes(b"data")
    (raw / "scan.h5").chmod(0o440)
    before = {path: path.stat().st_ctime_ns for path in raw.parent.rglob("*")}
    assert visitor.create_path("20230001", None, "20231101") == str(raw)
    assert {path: path.stat().st_ctime_ns for path in raw.parent.rglob("*")} == before


def test_what_a_person_changed_is_told_and_left(settings: SdmSettings) -> None:
    visitor = Visitor("demo", settings)
    raw = Path(visitor.create_path("20230001", None, "20231101"))
    (raw.parent / "process").chmod(0o755)
    made = visitor.make_visit("20230001", None, "20231101")
    assert made.warnings == (f"{raw.parent / 'process'}: mode is 755, not 2770",)
    assert mode(raw.parent / "process") == 0o755


def test_groups_by_the_naming_rule(settings: SdmSettings) -> None:
    assert Visitor("demo", settings).get_proposal_group("20230001") == "20230001-group"
    assert Storage("staff", "Demo", settings).get_proposal_group("20230001") == "demo"


def test_a_group_that_the_host_does_not_know(settings: SdmSettings) -> None:
    groups = settings.model_copy(
        update={"storage": settings.storage.model_copy(update={"apply_group": True})}
    )
    with pytest.raises(StorageError, match="group 'no-such-group' is not known on this host"):
        Visitor("demo", groups).create_path("20230001", "no-such-group", "20231101")
    assert list(settings.storage.root.iterdir()) == []


def test_a_missing_root_is_not_made(settings: SdmSettings) -> None:
    settings.storage.root.rmdir()
    with pytest.raises(
        StorageError, match=r"no directory that can be opened \(No such file or directory\); mount it"
    ):
        Visitor("demo", settings).create_path("20230001", None, "20231101")
    assert not settings.storage.root.exists()


@pytest.mark.parametrize("place", ["raw", "notebooks"])
def test_a_file_or_a_link_in_the_way_is_refused_and_nothing_is_left(
    settings: SdmSettings, place: str
) -> None:
    visit = settings.storage.root / "visitors" / "demo" / "20230001" / "20231101"
    visit.mkdir(parents=True)
    (visit / place).symlink_to(settings.storage.root)
    with pytest.raises(StorageError, match="is there but is no directory"):
        Visitor("demo", settings).create_path("20230001", None, "20231101")
    assert [path.name for path in visit.iterdir()] == [place]


@pytest.mark.parametrize(
    "wrong", [("../x", "20231101"), ("20230001", "../../x"), ("a/b", "20231101"), ("20230001", "")]
)
def test_names_cannot_leave_the_root(settings: SdmSettings, wrong: tuple[str, str]) -> None:
    with pytest.raises(NameRefused):
        Visitor("demo", settings).create_path(wrong[0], None, wrong[1])
    with pytest.raises(NameRefused):
        Storage("visitors", "../demo", settings)


def test_a_sample_is_made_in_raw(settings: SdmSettings) -> None:
    visitor = Visitor("demo", settings)
    raw = Path(visitor.create_path("20230001", None, "20231101"))
    made = visitor.make_sample(raw, None, "wafer/spot 2")
    assert (made.path, made.warnings) == (raw / "wafer" / "spot 2", ())
    assert [mode(raw / "wafer"), mode(made.path)] == [0o2750, 0o2750]
    assert visitor.make_sample(raw, None, "").path == raw
    with pytest.raises(NameRefused):
        visitor.make_sample(raw, None, "../process")
