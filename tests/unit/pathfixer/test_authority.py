"""The authority with a real file system and a file of proposals, without Tango."""

import re
import shutil
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pathfixer.active import Active
from pathfixer.errors import InvalidProposal, InvalidVisit, NothingActive, UnknownProposal
from pathfixer.rules import BeamlinePlace, PathAuthority
from pathfixer.settings import Properties, open_authority
from scifish.common.clock import utcnow
from sdm import NameRefused, OfficeUnavailable, StorageError
from sdm.storage import Made, Storage
from support.sdm.offices import entry, write_proposals, write_settings


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def authority(tmp_path: Path, root: Path) -> PathAuthority:
    write_proposals(
        tmp_path / "proposals.yaml",
        entry("20260001"),
        entry("20260002", category="staff", group=None, visits=[]),
    )
    config = write_settings(tmp_path / "sdm.yaml")
    return open_authority(Properties("Demo", str(root), str(config), "0o2750", 12.0))


def activated(authority: PathAuthority, proposal: str, before: Active | None = None) -> Active:
    active = authority.choose_proposal(before, proposal).active
    assert active is not None
    return active


def test_the_properties_say_where(authority: PathAuthority, root: Path) -> None:
    assert authority.place == BeamlinePlace("demo", root, ZoneInfo("UTC"), timedelta(hours=12))


def test_the_directories_are_there_before_the_answer(authority: PathAuthority, root: Path) -> None:
    active = activated(authority, "20260001")
    assert active.raw(root, "demo").is_dir()
    assert (active.raw(root, "demo").parent / "process").stat().st_mode & 0o7777 == 0o2750


def test_the_sample_stays_while_the_visit_does(authority: PathAuthority, root: Path) -> None:
    first = activated(authority, "20260001")
    with_sample = authority.choose_sample(first, "wafer").active
    assert with_sample is not None
    assert activated(authority, "20260001", with_sample).sample == "wafer"
    assert activated(authority, "20260002", with_sample).sample == ""
    assert with_sample.here(root, "demo").is_dir()


def test_staff_belong_to_the_group_of_the_naming_rule(authority: PathAuthority) -> None:
    active = activated(authority, "20260002")
    assert (active.group, active.visit) == ("demo", f"{utcnow():%Y%m%d}")


def test_what_was_active_is_restored_whatever_the_office_says(
    authority: PathAuthority, tmp_path: Path
) -> None:
    active = activated(authority, "20260001")
    (tmp_path / "proposals.yaml").unlink()
    assert authority.restored(active) == (active, ())


def test_what_people_should_know(authority: PathAuthority, tmp_path: Path, root: Path) -> None:
    active = activated(authority, "20260001")
    assert authority.checked(active) == ()
    (active.raw(root, "demo").parent / "logs").chmod(0o755)
    (tmp_path / "proposals.yaml").unlink()
    office, directory = authority.checked(active)
    assert "cannot be read (No such file or directory)" in office
    assert "using an answer 0 s old" in office
    assert "logs: mode is 755, not 2750" in directory


def test_a_proposal_that_may_be_proprietary_is_not_made_active(
    authority: PathAuthority, tmp_path: Path, root: Path
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
    authority: PathAuthority, tmp_path: Path, written: str, said: str
) -> None:
    active = activated(authority, "20260001")
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", prop_type=written))
    (told,) = authority.checked(active)
    assert said in told


def test_what_is_refused(authority: PathAuthority, root: Path) -> None:
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


def test_clearing_the_sample_keeps_proposal_and_visit(authority: PathAuthority, root: Path) -> None:
    first = activated(authority, "20260001")
    with_sample = authority.choose_sample(first, "wafer/2").active
    assert with_sample is not None
    assert with_sample.sample == "wafer/2"
    assert with_sample.changed >= first.changed
    cleared = authority.choose_sample(with_sample, "").active
    assert cleared is not None
    assert cleared.model_copy(update={"changed": first.changed}) == first
    assert cleared.here(root, "demo") == first.raw(root, "demo")
    assert authority.choose_sample(None, "").active is None


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
    authority.choose_sample(active, "wafer")
    assert asked == [(f"{raw} wafer", "20260001-group")]
    asked.clear()
    authority.restored(active.with_sample("wafer", active.changed))
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
    with_sample = authority.choose_sample(active, "wafer").active
    assert with_sample is not None
    same = authority.choose_visit(with_sample, current).active
    assert same is not None
    assert (same.visit, same.sample) == (current, "wafer")
    assert with_sample.changed <= same.changed <= utcnow()
    other = authority.choose_visit(with_sample, earlier).active
    assert other is not None
    assert (other.proposal, other.visit, other.sample, other.group) == (
        "20260001",
        earlier,
        "",
        "20260001-group",
    )
    assert other.raw(root, "demo").is_dir()
    with pytest.raises(InvalidVisit, match=f"choose one of {earlier}, {current}"):
        authority.choose_visit(active, "2026030105")


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
            active = activated(authority, "20260001")
            assert authority.checked(active) == ()
        else:
            with pytest.raises(InvalidProposal, match="has no beamtime at demo at"):
                authority.choose_proposal(None, "20260001")
            (told,) = authority.checked(active)
            assert "has no beamtime at demo at" in told
            assert told.endswith("; write Proposal to begin anew")


def test_an_old_answer_of_the_office_is_used_and_told(authority: PathAuthority, tmp_path: Path) -> None:
    active = activated(authority, "20260001")
    (tmp_path / "proposals.yaml").unlink()
    proposed = authority.choose_proposal(None, "20260001")
    assert proposed.active is not None
    assert proposed.active.model_copy(update={"changed": active.changed}) == active
    (told,) = proposed.warnings
    assert re.fullmatch(r"user office: .*cannot be read .*; using an answer 0 s old", told), told
    assert authority.choose_visit(active, active.visit).warnings == proposed.warnings
    with pytest.raises(OfficeUnavailable, match="cannot be read"):
        authority.choose_proposal(None, "20260009")


def test_what_the_office_says_of_the_active_visit_later(
    authority: PathAuthority, tmp_path: Path, root: Path
) -> None:
    active = activated(authority, "20260001")
    write_proposals(tmp_path / "proposals.yaml", entry("20260002"))
    assert authority.checked(active) == (
        "proposal 20260001 is not known to the user office any more; ask there",
    )
    (tmp_path / "proposals.yaml").unlink()
    (told,) = authority.checked(active)
    assert re.fullmatch(r"user office: .*cannot be read .*", told), told
    write_proposals(tmp_path / "proposals.yaml", entry("20260001"))
    raw = active.raw(root, "demo")
    shutil.rmtree(raw.parent)
    raw.parent.write_text("a file where the visit should be")
    (told,) = authority.checked(active)
    assert told.startswith(f"{raw.parent}: is there but is no directory; move it away")


def test_the_sample_of_a_refused_place_is_refused_and_named(authority: PathAuthority, root: Path) -> None:
    active = activated(authority, "20260001")
    (active.raw(root, "demo") / "wafer").write_text("a file where the sample should be")
    with pytest.raises(StorageError, match="wafer: is there but is no directory"):
        authority.choose_sample(active, "wafer")
    with pytest.raises(NameRefused):
        authority.choose_sample(active, "..")
    (active.raw(root, "demo") / "other").mkdir(mode=0o777)
    (active.raw(root, "demo") / "other").chmod(0o777)
    warnings = authority.choose_sample(active, "other").warnings
    assert [one.split(": ", 1)[1] for one in warnings] == ["mode is 777, not 2750"]
    assert authority.restored(active.with_sample("other", active.changed)).warnings == warnings


@pytest.mark.parametrize(("what", "choose"), [("a visit", "choose_visit"), ("a sample", "choose_sample")])
def test_without_a_proposal_the_refusal_says_what_to_write_first(
    authority: PathAuthority, what: str, choose: str
) -> None:
    with pytest.raises(
        NothingActive, match=f"^{what} needs an active proposal, and none is; write Proposal first$"
    ):
        getattr(authority, choose)(None, "20260301")


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
