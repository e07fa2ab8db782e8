"""The authority with a real file system and a file of proposals, without Tango."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pathfixer.authority.active import Active
from pathfixer.authority.authority import BeamlinePlace, PathAuthority
from pathfixer.errors import InvalidProposal, InvalidVisit, NothingActive, UnknownProposal
from pathfixer.settings import Properties, open_authority
from scifish.common.clock import utcnow
from sdm import NameRefused, OfficeUnavailable, StorageError
from sdm.storage import Made, Storage
from support.pathfixer.desk import Chosen, choose_proposal, choose_sample, choose_visit
from support.sdm.offices import entry, write_proposals, write_settings


def activated(authority: PathAuthority, proposal: str, before: Active | None = None) -> Active:
    active = choose_proposal(authority, before, proposal).active
    assert active is not None
    return active


def test_the_properties_say_where(authority: PathAuthority, root: Path) -> None:
    assert authority.place == BeamlinePlace("demo", root, ZoneInfo("UTC"), timedelta(hours=12))


def test_the_directories_are_there_before_the_answer(authority: PathAuthority, root: Path) -> None:
    active = activated(authority, "20260001")
    assert authority.raw(active).is_dir()
    assert (authority.raw(active).parent / "process").stat().st_mode & 0o7777 == 0o2750


def test_the_sample_stays_while_the_visit_does(authority: PathAuthority, root: Path) -> None:
    first = activated(authority, "20260001")
    with_sample = choose_sample(authority, first, "wafer").active
    assert with_sample is not None
    assert activated(authority, "20260001", with_sample).sample == "wafer"
    assert activated(authority, "20260002", with_sample).sample == ""
    assert authority.path(with_sample).is_dir()


def test_staff_belong_to_the_group_of_the_naming_rule(authority: PathAuthority) -> None:
    active = activated(authority, "20260002")
    assert (active.group, active.visit) == ("demo", f"{utcnow():%Y%m%d}")


def test_a_proposal_that_may_be_proprietary_is_not_made_active(
    authority: PathAuthority, tmp_path: Path, root: Path
) -> None:
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", prop_type="Contract"))
    with pytest.raises(InvalidProposal, match=r"20260001 is proprietary is not known: .* 'Contract'; "):
        choose_proposal(authority, None, "20260001")
    assert list(root.iterdir()) == []


def test_what_is_refused(authority: PathAuthority, root: Path) -> None:
    with pytest.raises(UnknownProposal, match="'20269999' is not known to the user office"):
        choose_proposal(authority, None, "20269999")
    with pytest.raises(NameRefused):
        choose_proposal(authority, None, "..")
    with pytest.raises(NothingActive):
        choose_visit(authority, None, "20260301")
    with pytest.raises(NothingActive):
        choose_sample(authority, None, "wafer")
    assert list(root.iterdir()) == []


def test_clearing_the_sample_keeps_proposal_and_visit(authority: PathAuthority, root: Path) -> None:
    first = activated(authority, "20260001")
    with_sample = choose_sample(authority, first, "wafer/2").active
    assert with_sample is not None
    assert with_sample.sample == "wafer/2"
    assert with_sample.changed >= first.changed
    cleared = choose_sample(authority, with_sample, "").active
    assert cleared is not None
    assert cleared.model_copy(update={"changed": first.changed}) == first
    assert authority.path(cleared) == authority.raw(first)
    assert choose_sample(authority, None, "").active is None


def test_the_group_of_the_office_comes_before_the_naming_rule(
    authority: PathAuthority, tmp_path: Path
) -> None:
    write_proposals(
        tmp_path / "proposals.yaml", entry("20260003", group="films"), entry("20260004", group=None)
    )
    assert activated(authority, "20260003").group == "films"
    assert activated(authority, "20260004").group == "20260004-group"


def test_directories_belong_to_the_proposals_group(
    authority: PathAuthority, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str | None]] = []
    make_visit, make_sample = Storage.make_visit, Storage.make_sample

    def visit(self: Storage, proposal: str, group: str | None, name: str) -> Made:
        asked.append((f"{self.category} {proposal} {name}", group))
        return make_visit(self, proposal, group, name)

    def sample(self: Storage, raw: Path, group: str | None, name: str) -> Made:
        asked.append((f"{raw.relative_to(root)} {name}", group))
        return make_sample(self, raw, group, name)

    monkeypatch.setattr(Storage, "make_visit", visit)
    monkeypatch.setattr(Storage, "make_sample", sample)
    active = activated(authority, "20260001")
    raw = f"visitors/demo/20260001/{active.visit}/raw"
    assert asked == [(f"visitors 20260001 {active.visit}", "20260001-group"), (f"{raw} ", "20260001-group")]
    asked.clear()
    choose_sample(authority, active, "wafer")
    assert asked == [(f"{raw} wafer", "20260001-group")]
    asked.clear()
    authority.made(active.with_sample("wafer", active.changed), None)
    assert asked == [
        (f"visitors 20260001 {active.visit}", "20260001-group"),
        (f"{raw} wafer", "20260001-group"),
    ]


def test_another_visit_of_the_active_proposal(authority: PathAuthority, tmp_path: Path, root: Path) -> None:
    now, hour = utcnow(), timedelta(hours=1)
    begins = [now - 30 * 24 * hour, now - hour]
    visits = [
        {"begin": f"{one:%Y-%m-%d %H:00:00}", "end": f"{one + 8 * hour:%Y-%m-%d %H:00:00}"} for one in begins
    ]
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", visits=visits))
    earlier, current = (f"{one:%Y%m%d%H}" for one in begins)
    active = activated(authority, "20260001")
    assert active.visit == current
    with_sample = choose_sample(authority, active, "wafer").active
    assert with_sample is not None
    same = choose_visit(authority, with_sample, current).active
    assert same is not None
    assert (same.visit, same.sample) == (current, "wafer")
    assert with_sample.changed <= same.changed <= utcnow()
    other = choose_visit(authority, with_sample, earlier).active
    assert other is not None
    assert (other.proposal, other.visit, other.sample, other.group) == (
        "20260001",
        earlier,
        "",
        "20260001-group",
    )
    assert authority.raw(other).is_dir()
    with pytest.raises(InvalidVisit, match=f"choose one of {earlier}, {current}"):
        choose_visit(authority, active, "2026030105")


def test_a_proposal_of_another_time_is_refused_by_the_margin_of_the_place(
    authority: PathAuthority, tmp_path: Path
) -> None:
    for hours, taken in ((11, True), (13, False)):
        end = utcnow() - timedelta(hours=hours)
        visits = [
            {"begin": f"{end - timedelta(hours=8):%Y-%m-%d %H:%M:%S}", "end": f"{end:%Y-%m-%d %H:%M:%S}"}
        ]
        write_proposals(tmp_path / "proposals.yaml", entry("20260001", visits=visits))
        if taken:
            activated(authority, "20260001")
        else:
            with pytest.raises(InvalidProposal, match="has no beamtime at demo at"):
                choose_proposal(authority, None, "20260001")


def test_an_old_answer_of_the_office_is_used_and_told(authority: PathAuthority, tmp_path: Path) -> None:
    active = activated(authority, "20260001")
    (tmp_path / "proposals.yaml").unlink()
    proposed = choose_proposal(authority, None, "20260001")
    assert proposed.active is not None
    assert proposed.active.model_copy(update={"changed": active.changed}) == active
    (told,) = proposed.warnings
    assert re.fullmatch(r"user office: .*cannot be read .*; using an answer 0 s old", told), told
    with pytest.raises(OfficeUnavailable, match="cannot be read"):
        choose_proposal(authority, None, "20260009")


def test_the_sample_of_a_refused_place_is_refused_and_named(authority: PathAuthority, root: Path) -> None:
    active = activated(authority, "20260001")
    (authority.raw(active) / "wafer").write_text("a file where the sample should be")
    with pytest.raises(StorageError, match="wafer: is there but is no directory"):
        choose_sample(authority, active, "wafer")
    with pytest.raises(NameRefused):
        choose_sample(authority, active, "..")
    (authority.raw(active) / "other").mkdir(mode=0o777)
    (authority.raw(active) / "other").chmod(0o777)
    warnings = choose_sample(authority, active, "other").warnings
    assert [one.split(": ", 1)[1] for one in warnings] == ["mode is 777, not 2750"]
    assert authority.made(active.with_sample("other", active.changed), None) == warnings


@pytest.mark.parametrize(("what", "choose"), [("a visit", choose_visit), ("a sample", choose_sample)])
def test_without_a_proposal_the_refusal_says_what_to_write_first(
    authority: PathAuthority, what: str, choose: Callable[[PathAuthority, Active | None, str], Chosen]
) -> None:
    with pytest.raises(
        NothingActive, match=f"^{what} needs an active proposal, and none is; write Proposal first$"
    ):
        choose(authority, None, "20260301")


@pytest.mark.parametrize("zone", ["Etc/GMT+12", "Pacific/Kiritimati"])  # wherever it is not the same day now
def test_staff_get_the_day_of_the_facility(tmp_path: Path, root: Path, zone: str) -> None:
    write_proposals(tmp_path / "proposals.yaml", entry("20260002", category="staff", visits=[]))
    sources = {"source": "file", "file": {"path": "proposals.yaml"}, "cache": {"folder": "cache"}}
    config = write_settings(tmp_path / "sdm.yaml", proposals={**sources, "zone": zone})
    authority = open_authority(Properties("Demo", str(root), str(config), "0o2750", 12.0))
    days = [f"{utcnow().astimezone(ZoneInfo(zone)):%Y%m%d}"]
    visit = activated(authority, "20260002").visit
    days.append(f"{utcnow().astimezone(ZoneInfo(zone)):%Y%m%d}")
    assert visit in days


def test_the_naming_rule_of_groups_is_the_settings(tmp_path: Path, root: Path) -> None:
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", group=None))
    storage = {"apply_group": False, "group_format": "p{proposal}-{beamline}"}
    config = write_settings(tmp_path / "sdm.yaml", storage=storage)
    authority = open_authority(Properties("Demo", str(root), str(config), "0o2750", 12.0))
    assert activated(authority, "20260001").group == "p20260001-demo"
