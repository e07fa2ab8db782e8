"""The authority with a real file system and a file of proposals, without Tango."""

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pathfixer.active import Active
from pathfixer.errors import InvalidProposal, NothingActive, UnknownProposal
from pathfixer.rules import Authority, Place
from pathfixer.settings import Properties, open_authority
from scifish.common.clock import utcnow
from sdm import NameRefused
from support.sdm.offices import entry, write_proposals, write_settings


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def authority(tmp_path: Path, root: Path) -> Authority:
    write_proposals(
        tmp_path / "proposals.yaml",
        entry("20260001"),
        entry("20260002", category="staff", group=None, visits=[]),
    )
    config = write_settings(tmp_path / "sdm.yaml")
    return open_authority(Properties("Demo", str(root), str(config), "0o2750", 12.0))


def activated(authority: Authority, proposal: str, before: Active | None = None) -> Active:
    active = authority.choose_proposal(before, proposal).active
    assert active is not None
    return active


def test_the_properties_say_where(authority: Authority, root: Path) -> None:
    assert authority.place == Place("demo", root, ZoneInfo("UTC"), timedelta(hours=12))


def test_the_directories_are_there_before_the_answer(authority: Authority, root: Path) -> None:
    active = activated(authority, "20260001")
    assert active.raw(root, "demo").is_dir()
    assert (active.raw(root, "demo").parent / "process").stat().st_mode & 0o7777 == 0o2750


def test_the_sample_stays_while_the_visit_does(authority: Authority, root: Path) -> None:
    first = activated(authority, "20260001")
    with_sample = authority.choose_sample(first, "wafer").active
    assert with_sample is not None
    assert activated(authority, "20260001", with_sample).sample == "wafer"
    assert activated(authority, "20260002", with_sample).sample == ""
    assert with_sample.here(root, "demo").is_dir()


def test_staff_belong_to_the_group_of_the_naming_rule(authority: Authority) -> None:
    active = activated(authority, "20260002")
    assert (active.group, active.visit) == ("demo", f"{utcnow():%Y%m%d}")


def test_what_was_active_is_restored_whatever_the_office_says(authority: Authority, tmp_path: Path) -> None:
    active = activated(authority, "20260001")
    (tmp_path / "proposals.yaml").unlink()
    assert authority.restored(active) == (active, ())


def test_what_people_should_know(authority: Authority, tmp_path: Path, root: Path) -> None:
    active = activated(authority, "20260001")
    assert authority.checked(active) == ()
    (active.raw(root, "demo").parent / "logs").chmod(0o755)
    (tmp_path / "proposals.yaml").unlink()
    office, directory = authority.checked(active)
    assert "cannot be read (No such file or directory)" in office
    assert "using an answer 0 s old" in office
    assert "logs: mode is 755, not 2750" in directory


def test_a_proposal_that_may_be_proprietary_is_not_made_active(
    authority: Authority, tmp_path: Path, root: Path
) -> None:
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", prop_type="Contract"))
    with pytest.raises(InvalidProposal, match=r"20260001 is proprietary is not known: .* 'Contract'; "):
        authority.choose_proposal(None, "20260001")
    assert list(root.iterdir()) == []


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Industry", "20260001 is of the category proprietary now"),
        ("Contract", "whether proposal 20260001 is"),
    ],
)
def test_people_should_know_that_the_category_has_changed(
    authority: Authority, tmp_path: Path, written: str, said: str
) -> None:
    active = activated(authority, "20260001")
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", prop_type=written))
    (told,) = authority.checked(active)
    assert said in told


def test_what_is_refused(authority: Authority, root: Path) -> None:
    with pytest.raises(UnknownProposal, match="'20269999' is not known to the user office"):
        authority.choose_proposal(None, "20269999")
    with pytest.raises(NameRefused):
        authority.choose_proposal(None, "..")
    with pytest.raises(NothingActive):
        authority.choose_visit(None, "20260301")
    with pytest.raises(NothingActive):
        authority.choose_sample(None, "wafer")
    assert list(root.iterdir()) == []
    assert authority.choose_proposal(None, "").active is None
