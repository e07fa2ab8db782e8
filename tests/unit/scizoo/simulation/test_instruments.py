"""The simulated instruments: their files grow in pieces while SES and Prodigy acquire, and end whole."""

from datetime import datetime, timezone
from pathlib import Path

import pytest
from click.testing import CliRunner

from scifly import read_file, readers
from scizoo.cli import main
from scizoo.errors import ScizooError
from scizoo.simulation.instruments.acquisitions import PRODIGY_KINDS, SES_KINDS, duration, regions
from scizoo.simulation.instruments.writing import TEMPORARY, WAYS, FileStep, grow, pieces
from scizoo.simulation.simulate import next_name, simulate

NOW = datetime(2026, 3, 1, 10, 30, tzinfo=timezone.utc)
CONTENT = bytes(range(1, 101))
FAST = 1e6


@pytest.mark.parametrize("way", WAYS)
def test_a_file_is_whole_at_its_last_piece_and_not_before(tmp_path: Path, way: str) -> None:
    path = tmp_path / "a.txt"
    states: list[tuple[bool, bytes | None]] = []

    def tell(step: FileStep) -> None:
        states.append((step.is_last, path.read_bytes() if path.exists() else None))

    grow([WAYS[way](path, pieces(CONTENT, 4), 1.0)], tell, speed=FAST)
    last = [is_last for is_last, _ in states].index(True)
    assert CONTENT not in [content for _, content in states[: last + 1]]
    assert {content for _, content in states[last + 1 :]} == {CONTENT}
    assert len(states) > 4
    assert not list(tmp_path.glob(f"*{TEMPORARY}"))


def test_files_grow_side_by_side_at_a_speed() -> None:
    slept: list[float] = []
    path = Path("never-written")
    writings = [iter([FileStep(path, name, seconds)] * 2) for name, seconds in (("a", 8.0), ("b", 3.0))]
    told: list[str] = []
    grow(writings, lambda step: told.append(step.what), speed=2, sleep=slept.append)
    assert told == ["a", "b", "b", "a"]
    assert max(slept) == pytest.approx(8, abs=0.5)  # nothing slept meanwhile: all is still ahead


@pytest.mark.parametrize(("program", "kinds"), [("ses", SES_KINDS), ("prodigy", PRODIGY_KINDS)])
def test_each_file_that_a_program_writes_is_read(
    tmp_path: Path, program: str, kinds: tuple[str, ...]
) -> None:
    said: list[str] = []
    simulate(program, tmp_path, name="Au_0001", count=2, kinds=kinds, speed=FAST, say=said.append)
    files = sorted(tmp_path.iterdir())
    assert {path.suffix[1:] for path in files} == set(kinds)
    for path in files:
        found = read_file(path, readers())
        assert found is not None, path
        assert (found[1].missing, found[1].problems) == ("", ()), path
        assert any(path.name in line for line in said)


def test_a_name_that_is_there_is_refused_and_the_next_is_found(tmp_path: Path) -> None:
    assert next_name(tmp_path, "ses") == "ses_0001"
    simulate("ses", tmp_path, name="ses_0001", count=1, kinds=["txt"], speed=FAST, say=print)
    assert next_name(tmp_path, "ses") == "ses_0002"
    with pytest.raises(ScizooError, match=r"ses_0001.txt: is there already; choose another --name"):
        simulate("ses", tmp_path, name="ses_0001", count=1, kinds=["txt"], speed=FAST, say=print)
    with pytest.raises(ScizooError, match="ses writes no sle; it writes txt, pxt, ibw, zip, h5"):
        simulate("ses", tmp_path, name="x", count=1, kinds=["sle"], speed=FAST, say=print)


def test_regions_follow_each_other() -> None:
    first, second, *_ = regions(6, NOW)
    assert (second.when - first.when).total_seconds() == duration(first) > 0
    assert first.name != second.name


def test_the_command_writes_files_and_says_what_it_cannot(tmp_path: Path) -> None:
    fast = ["--speed", "10000", "--regions", "1"]
    done = CliRunner().invoke(main, ["simulate", "prodigy", str(tmp_path), "--kinds", "xy,.itx", *fast])
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["prodigy_0001.itx", "prodigy_0001.xy"]
    assert "prodigy_0001.xy: is closed" in done.output
    wrong = CliRunner().invoke(main, ["simulate", "prodigy", str(tmp_path), "--kinds", "pxt", *fast])
    assert wrong.exit_code == 1
    assert wrong.output == "scizoo: prodigy writes no pxt; it writes sle, xy, itx, sp2, nxs, xml\n"
