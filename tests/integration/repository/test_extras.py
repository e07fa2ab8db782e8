"""What the wheel does without any extra: scifish records, and every other part says what to install."""

import subprocess
from pathlib import Path

import pytest

from support.wheel import install_wheel

LACKS = {
    ("PathFixer", "demo"): "devices",
    ("SciDog", "demo"): "devices",
    ("SciFly", "demo"): "devices",
    ("scicow", "--help"): "consumer",
    ("minicat", "--help"): "consumer",
    ("scanlog", "--help"): "web",
    ("scizoo", "demo"): "demo",
    ("scizoo", "check"): "devices",
}
RECORDED = """
from scifish import SciFish
with SciFish().scan("a scan") as scan:
    pid = scan.pid
print(pid)
"""


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel with no extra; return the folder of its programs."""
    return install_wheel(wheel, tmp_path_factory.mktemp("bare"))


def run(folder: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(folder), "HOME": str(folder)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(("program", "extra"), LACKS.items())
def test_a_missing_extra_is_one_line(programs: Path, program: tuple[str, str], extra: str) -> None:
    name, argument = program
    done = run(programs, programs / name, argument)
    assert done.returncode == 1, done.stderr
    [line] = done.stderr.splitlines()
    assert line.startswith(f"{name}: ")
    assert line.endswith(f" is not installed; install it with: pip install 'scizoo[{extra}]'")


@pytest.mark.parametrize("program", ["scifish", "scizoo"])
def test_what_needs_no_extra_helps(programs: Path, program: str) -> None:
    done = run(programs, programs / program, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Usage: {program}")


def test_scifish_records_without_any_extra(programs: Path) -> None:
    recorded = run(programs, programs / "python", "-c", RECORDED)
    assert recorded.returncode == 0, recorded.stderr
    listed = run(programs, programs / "scifish", "outbox", "list")
    assert recorded.stdout.strip() in listed.stdout, listed.stderr
