"""Rights set by handle and read back: whatever the folder above hands down, and whoever else is at work."""

import grp
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sdm import SdmSettings, Storage, StorageError, StorageSettings
from sdm.folders import directories
from sdm.folders.acl import ACCESS, DEFAULT, AclEntry, Tag, acl_of, read_acl, write_acl

GROUP = grp.getgrgid(os.getegid()).gr_name
READS = AclEntry(Tag.GROUP, 5, os.getegid())
STRANGER = AclEntry(Tag.USER, 7, 4711)
VISIT = ("20230001", GROUP, "20231101")


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage("visitors", "demo", SdmSettings(storage=StorageSettings(root=tmp_path, acl="required")))


@contextmanager
def opened(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDONLY)
    try:
        yield handle
    finally:
        os.close(handle)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_inherited_from_above_counts_for_nothing(storage: Storage) -> None:
    """The former version gave gate and visit a read-only default ACL, and process inherited it."""
    raw = storage.make_visit(*VISIT).path
    (raw.parent / "process").rmdir()
    for above in (raw.parents[1], raw.parent):
        with opened(above) as handle:
            write_acl(handle, DEFAULT, acl_of(0o750, (READS, STRANGER)))
    process = storage.make_visit(*VISIT).path.parent / "process"
    with opened(process) as handle:
        assert read_acl(handle, ACCESS) is None
        assert read_acl(handle, DEFAULT) == acl_of(0o770, (READS._replace(perms=7),))
    assert mode(process) == 0o2770
    another = storage.make_visit("20230001", GROUP, "20231102").path.parent
    with opened(another) as handle:
        assert (read_acl(handle, ACCESS), read_acl(handle, DEFAULT)) == (None, None)


@pytest.mark.parametrize("storing", [{"acl": "off"}, {"apply_group": False}])
def test_a_site_s_own_acls_are_left_alone(tmp_path: Path, storing: dict[str, Any]) -> None:
    """Who manages ACLs himself hands them down from above; what the team lacks is reported all the same."""
    own = Storage("visitors", "demo", SdmSettings(storage=StorageSettings(root=tmp_path, **storing)))
    handed_down = acl_of(0o770, (STRANGER,))
    with opened(tmp_path) as handle:
        write_acl(handle, DEFAULT, handed_down)
    made = own.make_visit(*VISIT)
    assert made.warnings == own.verify_visit(*VISIT) == ()
    with opened(made.path.parent / "process") as handle:
        assert read_acl(handle, ACCESS) == read_acl(handle, DEFAULT) == handed_down
    with opened(made.path.parent) as handle:
        write_acl(handle, DEFAULT, acl_of(0o750, (STRANGER,)))
    (made.path.parent / "process").rmdir()
    lacking = (f"{made.path.parent}/process: group {GROUP} may r-x, not rwx",)
    assert own.make_visit(*VISIT).warnings == own.verify_visit(*VISIT) == lacking


def test_a_repair_sets_the_gate_with_its_set_gid_bit(storage: Storage) -> None:
    gate = storage.make_visit(*VISIT).path.parents[1]
    gate.chmod(0o755)
    with opened(gate) as handle:
        write_acl(handle, ACCESS, acl_of(0o755, (STRANGER,)))
        write_acl(handle, DEFAULT, acl_of(0o755, (STRANGER,)))
    assert mode(gate) == 0o775
    found = storage.verify_visit(*VISIT)
    assert f"{gate}: account 4711 may rwx, not ---" in found
    assert f"{gate}: mode is 775, not 2775" in found
    assert storage.repair_visit(*VISIT).left == ()
    assert mode(gate) == 0o2750
    with opened(gate) as handle:
        assert (read_acl(handle, ACCESS), read_acl(handle, DEFAULT)) == (acl_of(0o750, (READS,)), None)


def test_a_full_folder_that_somebody_closed_stays_closed(storage: Storage) -> None:
    """Closed and empty is what a kill leaves; with data in it a person has closed it."""
    raw = storage.make_visit(*VISIT).path
    (raw / "scan.h5").touch()
    with opened(raw) as handle:
        write_acl(handle, ACCESS, acl_of(0o700))
    raw.chmod(0o700)
    assert storage.make_visit(*VISIT).warnings == (f"{raw}: mode is 700, not 2750",)
    assert mode(raw) == 0o700


def test_rights_that_do_not_stay_are_an_error_and_what_is_not_empty_is_left(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a file system that takes every mode and keeps none; meanwhile somebody writes a file."""
    fchmod = os.fchmod

    def keeps_none(handle: int, mode: int) -> None:
        name = Path(f"/proc/self/fd/{handle}").readlink()
        if name.name == "photos":
            (name.with_name("logs") / "mine").touch()
        else:
            fchmod(handle, mode)

    monkeypatch.setattr(os, "fchmod", keeps_none)
    with pytest.raises(StorageError) as caught:
        storage.make_visit(*VISIT)
    visit = storage.raw_path(VISIT[0], VISIT[2]).parent
    above = ", ".join(str(one) for one in (visit / "logs", visit, *list(visit.parents)[:3]))
    assert str(caught.value).startswith(
        f"{visit}/photos: mode is 2700, not 2770, although it was set; run as root"
    )
    assert str(caught.value).endswith(f"; left behind: {above}")
    assert [one.name for one in visit.iterdir()] == ["logs"]


def test_a_folder_that_another_process_finishes_meanwhile_is_left_to_it(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes find the same begun folder; the second one gets the lock when the first is done."""
    raw = storage.make_visit(*VISIT).path
    (raw / "a").mkdir(mode=0o700)

    @contextmanager
    def finished_by_another(handle: int) -> Iterator[None]:
        os.fchmod(handle, 0o2755)
        yield

    monkeypatch.setattr(directories, "exclusive", finished_by_another)
    warnings = storage.make_sample(raw, GROUP, "a").warnings
    assert f"{raw}/a: everybody may r-x, not ---" in warnings
    assert mode(raw / "a") == 0o2755


def test_a_lock_that_somebody_holds_stops_nobody_for_long(storage: Storage) -> None:
    import fcntl

    raw = storage.make_visit(*VISIT).path
    (raw / "a").mkdir(mode=0o700)
    with opened(raw / "a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert storage.make_sample(raw, GROUP, "a").warnings == ()
    assert mode(raw / "a") == 0o2750
