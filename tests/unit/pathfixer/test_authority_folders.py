"""The authority looks at the folders of what is active, and repairs them; and which answers it takes."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from pathfixer.authority.active import Active
from pathfixer.authority.authority import PathAuthority
from pathfixer.errors import InvalidVisit, NothingActive
from pathfixer.settings import Properties, open_authority
from scifish.common.clock import utcnow
from sdm import CachedProposals, StorageError, load_settings
from sdm.offices.cache_store import CacheStore
from sdm.settings import CacheSettings
from support.pathfixer.desk import choose_proposal, choose_sample
from support.sdm.fakes import Office
from support.sdm.offices import entry, write_proposals, write_settings

HOUR = timedelta(hours=1)


def with_sample(authority: PathAuthority, proposal: str = "20260001") -> Active:
    """Return a proposal that is made active with a sample."""
    active = choose_sample(authority, choose_proposal(authority, None, proposal).active, "wafer").active
    assert active is not None
    return active


def widened(authority: PathAuthority, active: Active) -> tuple[Path, Path]:
    """Open a folder of the visit to everybody, and the sample's to its group."""
    folders = (authority.raw(active).parent / "process", authority.path(active))
    for one, mode in zip(folders, (0o777, 0o770), strict=True):
        one.chmod(mode)
    return folders


def modes(folders: tuple[Path, ...]) -> set[int]:
    return {one.stat().st_mode & 0o7777 for one in folders}


def test_what_was_changed_in_the_visit_and_its_sample_is_told_and_put_right(authority: PathAuthority) -> None:
    active = with_sample(authority)
    assert authority.verified(active) == ()
    folders = widened(authority, active)
    told = tuple(f"{one}: mode is {mode}, not 2750" for one, mode in zip(folders, (777, 770), strict=True))
    assert authority.verified(active) == told
    assert modes(folders) == {0o777, 0o770}
    assert authority.repaired(active) == (told, ())
    assert authority.verified(active) == ()
    assert modes(folders) == {0o2750}


def test_where_data_of_a_proprietary_proposal_still_are_is_told_with_the_rest(
    authority: PathAuthority, tmp_path: Path, root: Path
) -> None:
    before = with_sample(authority)
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", prop_type="P"))
    active = with_sample(authority)
    visit = f"demo/20260001/{before.visit}"
    told = (
        f"data of the proprietary proposal 20260001 are still in {root}/visitors/{visit}; move them to "
        f"{root}/proprietary/{visit}"
    )
    assert authority.verified(active) == (told,)
    assert authority.verified(before) == ()


@pytest.mark.parametrize("look", [PathAuthority.verified, PathAuthority.repaired])
def test_the_rights_are_those_of_the_proposals_group(
    tmp_path: Path, authority: PathAuthority, root: Path, look: Callable[[PathAuthority, Active], object]
) -> None:
    active = with_sample(authority).model_copy(update={"group": "no-group-of-this-host"})
    config = write_settings(tmp_path / "groups.yaml", storage={"apply_group": True})
    with_groups = open_authority(Properties("Demo", str(root), str(config), "0o2750", 12.0))
    with pytest.raises(StorageError, match="no-group-of-this-host"):
        look(with_groups, active)


def test_another_group_of_the_same_visit_is_given_its_folders(authority: PathAuthority) -> None:
    """Of another visit, or with the same group, folders that a person has changed are only told."""
    active = with_sample(authority)
    folders = widened(authority, active)
    for before in (
        active,
        active.model_copy(update={"visit": "2026030105", "group": "former"}),
        None,
    ):
        assert authority.made(active, before)
        assert modes(folders) == {0o777, 0o770}
    assert authority.made(active, active.model_copy(update={"group": "former"})) == ()
    assert modes(folders) == {0o2750}


def test_a_path_is_ours_below_this_beamlines_folder_of_any_category(
    authority: PathAuthority, root: Path
) -> None:
    for category in ("visitors", "staff", "proprietary"):
        assert authority.is_ours(f"{root}/{category}/demo/20260001")
    for other in (f"{root}/visitors/demo2/20260001", f"{root}/visitors/demo", str(root), "/tmp", ""):
        assert not authority.is_ours(other)


def test_the_office_is_asked_anew_by_whoever_wants_a_fresh_answer(
    authority: PathAuthority, tmp_path: Path
) -> None:
    config = write_settings(tmp_path / "sdm.yaml")
    settings, office = load_settings(config), Office()
    proposals = CachedProposals(office, CacheStore(tmp_path / "kept"), CacheSettings(fresh=600))
    asking = PathAuthority(authority.place, settings, proposals)
    for fresh, asked in ((None, 1), (None, 1), (60, 1), (0, 2)):
        assert asking.find("20260001", fresh).proposal.title == "first"
        assert len(office.asked) == asked


def test_a_visit_that_is_named_with_the_proposal_is_taken_if_it_is_one_of_its_own(
    authority: PathAuthority, tmp_path: Path
) -> None:
    now = utcnow()
    begins = [now - 1000 * HOUR, now - HOUR]
    visits = [
        {"begin": f"{one:%Y-%m-%d %H:00:00}", "end": f"{one + 8 * HOUR:%Y-%m-%d %H:00:00}"} for one in begins
    ]
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", visits=visits))
    proposal = authority.find("20260001").proposal
    earlier, current = (f"{one:%Y%m%d%H}" for one in begins)
    assert authority.take_proposal(proposal, earlier, None).visit == earlier
    assert authority.take_proposal(proposal, "", None).visit == current
    with pytest.raises(InvalidVisit, match=f"choose one of {earlier}, {current}"):
        authority.take_proposal(proposal, "2026030105", None)


def test_the_end_of_a_visit_that_was_chosen_is_its_own_when_none_runs(
    authority: PathAuthority, tmp_path: Path
) -> None:
    ends = [utcnow().replace(microsecond=0) - hours * HOUR for hours in (900, 30)]
    visits = [
        {"begin": f"{one - 8 * HOUR:%Y-%m-%d %H:%M:%S}", "end": f"{one:%Y-%m-%d %H:%M:%S}"} for one in ends
    ]
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", visits=visits))
    proposal = authority.find("20260001").proposal
    for end in ends:
        visit = f"{end - 8 * HOUR:%Y%m%d%H}"
        before = Active.of(proposal, visit, "20260001-group", None, utcnow())
        assert authority.take_visit(proposal, visit, before).until == end


def test_a_visit_of_another_proposal_than_the_active_one_is_refused(authority: PathAuthority) -> None:
    active = with_sample(authority, "20260002")
    with pytest.raises(NothingActive, match=r"^proposal 20260001 is not active any more; write Visit again$"):
        authority.take_visit(authority.find("20260001").proposal, "2026030105", active)
