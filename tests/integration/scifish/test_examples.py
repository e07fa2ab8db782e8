"""The examples of the README and the docs: run against a live chain, or accounted for."""

import re
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.scifish.exits import ExitHost, run
from support.tango.servers import TangoServer

ROOT = Path(__file__).parents[3]
FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
RECORD = re.compile(r"`scifish record (--title [^`]+ -- \./calibrate\.sh)`")
pytestmark = pytest.mark.timeout(600)

# What is not run here, by words that stand in it, and why.
NOT_RUN = {
    "──►": "a drawing",
    "make demo": "the demo has tests of its own, in tests/integration/scizoo",
    "make mutants": "takes minutes; tests/unit/repository has its tests",
    "SCICAT_URL": "needs a SciCat of the reader's",
    "pip install": "installs on a host of the reader's",
    "[Service]": "a unit of systemd",
    "docker build": "tests/integration/scicow/site builds the image",
    "minicat --settings": "tests/integration/minicat starts it",
    "scicat_preview": "tests/integration/scifish/test_six_lines.py types these lines",
    "> scicat_search": "what spock shows; tests/integration/scifish/test_macros.py runs the macros",
    "> scicat_status": "what spock shows; tests/integration/scifish/test_macros.py runs the macros",
    "LensMode": "the example of rules; tests/unit/scidog/test_rules_example.py carries it out",
    "# maps.yaml": "the same",
    "# day.yaml": "the same",
    "AllowedAccessCmd": "tests/integration/debian/test_access_control.py sets it",
    "server_name": "needs an nginx and certificates of the reader's",
    "trigger: modified": "rules of SciFly; tests/unit/scifly tries them",
    "scifly explain": "tests/unit/scifly/test_explain.py runs the command",
    "read by ses-text": "what SciFly says; tests/unit/scifly/test_users_page.py",
    "recorded, 2 missing": "what a scan shows; tests/integration/scifish/test_macros.py",
    "demo: 5 scans": "what the demo shows; tests/integration/scizoo",
}


def examples() -> Iterator[tuple[str, str, str]]:
    """Give page, language and text of each fenced block."""
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        if page.parent.name == "howto":
            continue  # tests/unit/repository/test_howto.py carries these pages out
        for block in FENCE.finditer(page.read_text(encoding="utf-8")):
            yield str(page.relative_to(ROOT)), block["language"], block["text"]


PYTHON = [(page, text) for page, language, text in examples() if language == "python"]


def test_every_example_is_run_or_accounted_for() -> None:
    others = [(page, text) for page, language, text in examples() if language != "python"]
    unknown = [(page, text) for page, text in others if not any(words in text for words in NOT_RUN)]
    assert not unknown, "run them in a test, or say in NOT_RUN why not"
    unused = [words for words in NOT_RUN if not any(words in text for _, text in others)]
    assert not unused, "no example has these words any more"
    assert len(PYTHON) >= 2


@pytest.fixture
def host(tango_host: str, pathfixer: TangoServer, scidog: TangoServer, tmp_path: Path) -> ExitHost:
    pathfixer.proxy.Proposal = "20260001"
    return ExitHost(tmp_path, tango_host)


@pytest.mark.parametrize(("page", "text"), PYTHON, ids=[page for page, _ in PYTHON])
def test_a_python_example_runs(host: ExitHost, page: str, text: str) -> None:
    end = run([sys.executable, "-c", text], host.env)
    assert (end.code, "Traceback" in end.error) == (0, False), end.error
    assert host.statuses() == {"normal": text.count(".scan(") + text.count("start_scan(")}


def test_the_readmes_example_for_a_shell_runs(host: ExitHost, tmp_path: Path) -> None:
    [arguments] = RECORD.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    script = tmp_path / "calibrate.sh"
    script.write_text("#!/bin/sh\nexit 5\n", encoding="utf-8")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    scifish = Path(sys.executable).with_name("scifish")
    end = run(["sh", "-c", f"cd {tmp_path} && {scifish} record {arguments}"], host.env)
    assert end.code == 5, end.error
    assert host.statuses() == {"exception": 1}
