"""The files of one acquisition are one dataset."""

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from scifly.folder.stamp import Stamp
from scifly.recording.groups import NEAR, Member, key_of, merged_common
from scifly.recording.ledger import SEQUENCES, Ledger, Ticket
from support.scifly.folders import Beamline, habits
from support.scifly.ses import region, ses

RAW = Path("/data/raw")
TEN = datetime(2026, 3, 1, 10, tzinfo=timezone.utc)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "scifly.sqlite")


def begin(
    ledger: Ledger,
    name: str,
    first: str = "10:00",
    at: datetime = TEN,
    twins: tuple[str, ...] = (),
    **common: Any,
) -> Ticket:
    """Record a file."""
    path = RAW / name
    member = Member(path, Stamp(1, 1), first, key_of(path), at, at, twins, "SES", f"SES {name}", common)
    (ticket,) = ledger.begin([member])
    ledger.settle([path])
    return ticket


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Ag_0001.txt", "Ag_0001"),
        ("Ag_0001Ag__001.ibw", "Ag_0001"),
        ("Ag_0001Au4f_012.ibw", "Ag_0001"),
        ("run_0001_0002.xy", "run_0001_0002"),
        ("run_0001_0002.xml", "run_0001_0002"),
        ("cut.zip", "cut"),
        ("a_b_2020.xy", "a_b_2020"),
    ],
)
def test_files_of_one_acquisition_share_a_name(name: str, key: str) -> None:
    assert key_of(RAW / name) == key


def test_the_files_of_one_name_are_one_dataset_also_when_one_comes_late(ledger: Ledger) -> None:
    tickets = [begin(ledger, f"Ag_0001{rest}") for rest in (".txt", ".pxt", "Ag__001.ibw")]
    assert len({one.pid for one in tickets}) == 1
    assert [one.sequence for one in tickets] == [0, SEQUENCES, 2 * SEQUENCES]
    assert {one.name for one in tickets} == {"Ag_0001"}
    late = Member(RAW / "Ag_0001.zip", Stamp(1, 1), "10:05", "Ag_0001", TEN, TEN)
    assert Ledger(ledger.path).begin([late])[0].pid == tickets[0].pid
    assert begin(ledger, "Ag_0002.txt").pid != tickets[0].pid
    assert begin(ledger, "other/Ag_0001.txt").pid != tickets[0].pid


def test_the_same_name_again_is_a_new_dataset_which_its_other_files_join(ledger: Ledger) -> None:
    old = begin(ledger, "a.txt", "10:00").pid
    assert begin(ledger, "a.ibw", "10:00").pid == old
    new = begin(ledger, "a.txt", "11:00").pid
    assert new != old
    assert begin(ledger, "a.ibw", "11:00").pid == new
    assert begin(ledger, "a.ibw", "11:00").pid == new


def test_files_of_one_name_from_other_days_are_not_one(ledger: Ledger) -> None:
    first = begin(ledger, "a.txt", at=TEN)
    late = TEN + NEAR + timedelta(seconds=1)
    assert begin(ledger, "a.ibw", "", at=late).pid != first.pid
    assert begin(ledger, "a.pxt", "", at=late + timedelta(hours=1)).pid != first.pid


def test_a_renamed_file_joins_the_twin_that_its_header_names(ledger: Ledger) -> None:
    first = begin(ledger, "Ag_0001.ibw", "10:00").pid
    assert begin(ledger, "gold.txt", "10:00", twins=("Ag_0001.txt", "Ag_0001.ibw")).pid == first
    assert begin(ledger, "silver.txt", "10:30", twins=("Ag_0001.ibw",)).pid != first  # a hint only
    assert begin(ledger, "brass.txt", "", twins=("absent.ibw",)).pid != first


def test_a_dataset_lasts_from_the_first_to_the_last_of_its_files(ledger: Ledger) -> None:
    begin(ledger, "a.txt", at=TEN)
    begin(ledger, "a.pxt", at=TEN - timedelta(minutes=5))
    last = begin(ledger, "a.ibw", at=TEN + timedelta(minutes=5))
    assert (last.began, last.ended) == (TEN - timedelta(minutes=5), TEN + timedelta(minutes=5))
    moved = begin(ledger, "b.txt", at=TEN)
    again = begin(ledger, "b.txt", at=TEN + timedelta(minutes=9))
    assert (moved.pid, again.began) == (again.pid, TEN + timedelta(minutes=9))


def test_the_end_of_a_dataset_is_the_last_of_its_files_and_follows_a_file_of_its_own(ledger: Ledger) -> None:
    begin(ledger, "a.txt", at=TEN + timedelta(minutes=9))
    alone = begin(ledger, "a.txt", at=TEN)  # saved again: cut short
    assert (alone.began, alone.ended) == (TEN, TEN)
    begin(ledger, "a.ibw", at=TEN + timedelta(minutes=5))
    assert begin(ledger, "a.pxt", at=TEN - timedelta(minutes=5)).ended == TEN + timedelta(minutes=5)


def titled(ledger: Ledger, name: str, title: str) -> str:
    path = RAW / name
    (ticket,) = ledger.begin([Member(path, Stamp(1, 1), "10:00", "a", TEN, TEN, title=title)])
    return ticket.title


def test_the_title_that_says_most_counts_and_of_two_the_first(ledger: Ledger) -> None:
    assert titled(ledger, "a.txt", "a long title") == "a long title"
    assert titled(ledger, "a.txt", "shorter") == "shorter"  # of the only file: what it says now
    assert titled(ledger, "a.ibw", "short") == "shorter"
    assert titled(ledger, "a.pxt", "tallest") == "shorter"
    assert titled(ledger, "a.zip", "longer by far") == "longer by far"


def test_a_dataset_has_the_format_of_its_first_file(ledger: Ledger) -> None:
    path = RAW / "a.txt"
    (first,) = ledger.begin([Member(path, Stamp(1, 1), "10:00", "a", TEN, TEN, data_format="SES")])
    other = Member(path.with_suffix(".xy"), Stamp(1, 1), "10:00", "a", TEN, TEN, data_format="xy")
    assert [first.data_format, ledger.begin([other])[0].data_format] == ["SES", "SES"]


def test_a_file_that_left_its_twin_does_not_come_back_to_it(ledger: Ledger) -> None:
    twin = begin(ledger, "Ag_0001.ibw", "10:00").pid
    names = ("Ag_0001.ibw",)
    assert begin(ledger, "gold.txt", "10:00", twins=names).pid == twin
    other = begin(ledger, "gold.txt", "11:00", twins=names).pid
    assert begin(ledger, "gold.txt", "10:00", twins=names).pid not in (twin, other)


def test_the_common_set_has_the_values_of_all_files(ledger: Ledger) -> None:
    begin(
        ledger, "a.txt", pass_energy={"value": [20, 50], "unit": "eV"}, lens_mode="Angular", region=["A", "B"]
    )
    ticket = begin(ledger, "a.ibw", pass_energy={"value": 50, "unit": "eV"}, region="C")
    assert ticket.common == {
        "pass_energy": {"value": [50, 20], "unit": "eV"},
        "region": ["C", "A", "B"],
        "lens_mode": "Angular",
    }
    assert merged_common([]) == {}


def test_a_ledger_of_before_keeps_its_pids(ledger: Ledger) -> None:
    ledger._database.execute(
        "INSERT INTO files VALUES (?, 1, 1, '10:00', 'PID', 3, 1)", (str(RAW / "a.txt"),)
    )
    ticket = begin(ledger, "a.txt", "10:00")
    assert (ticket.pid, ticket.sequence) == ("PID", 3 * SEQUENCES)
    assert begin(ledger, "a.ibw", "10:00").pid == "PID"


@pytest.mark.parametrize(("group", "datasets"), [("name", 1), ("file", 2)])
def test_a_rule_says_whether_files_are_grouped(tmp_path: Path, group: str, datasets: int) -> None:
    beamline = Beamline(tmp_path, habits((f"ses: {{patterns: ['*.txt', '*.dat'], group: {group}}}",)))
    beamline.put("a.txt", ses(region(1)))
    beamline.put("a.dat", ses(region(1)))
    beamline.look()
    assert len(beamline.catalogue.datasets) == datasets
    beamline.again()
    beamline.look()
    assert len(beamline.catalogue.found) == 2
