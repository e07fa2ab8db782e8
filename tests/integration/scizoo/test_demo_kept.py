"""A demo that is kept: its lines can be pasted, it says who dies, and `scizoo check` tells what is wrong."""

import os
import re
import shlex
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
import tango
from playwright.sync_api import Browser, expect

from scizoo.facility.processes import HOST, Child, wait_until
from support.account import Account, other_account
from support.browser import opened
from support.scizoo.command import says_one_line, scizoo
from support.scizoo.kept import Kept, kept, paste

LAST_LINE = "demo: 1 scan, 1 dataset in the catalogue, 0 not arrived"


@pytest.fixture(scope="module")
def demo() -> Iterator[Kept]:
    with kept() as running:
        yield running


@pytest.fixture(scope="module")
def other() -> Iterator[Account]:
    with other_account() as account:
        yield account


def check(demo: Kept) -> str:
    """Run the check that the demo prints, and return what it says; it never shows a traceback."""
    done = paste(demo.line("bin/scizoo check"))
    assert not done.stderr, done.stderr
    lines = done.stdout.splitlines()
    assert done.returncode == (0 if lines[-1] == "check: all is well" else 1)
    return done.stdout


def wait_for_green(demo: Kept) -> None:
    wait_until(lambda: "check: all is well" in check(demo), "all is well again", 120)


def test_it_tells_all_in_lines_of_its_own(demo: Kept) -> None:
    assert LAST_LINE in demo.told.splitlines()
    assert "missing" not in demo.told
    assert f"TANGO_HOST={HOST}:{demo.ports} jive" in demo.told
    assert f"SciCow:  http://{HOST}:{demo.ports + 2}/ready" in demo.told
    welcome = requests.get(demo.found(r"browser: (http://\S+/) "), timeout=20).json()
    assert welcome["datasets"].startswith("GET /api/v3/datasets")


def test_the_page_is_there_and_its_account_sees_the_scans(demo: Kept) -> None:
    page = demo.found(r"the scans in a browser: (http://\S+)/$")
    account = {
        "username": demo.found(r"user name (\S+),"),
        "password": demo.found(r"scientist, password (\S+)$"),
    }
    assert 'id="root"' in requests.get(page, timeout=20).text
    [book] = requests.get(f"{page}/elogy/api/logbooks/", timeout=20).json()["logbook"]["children"]
    assert [one["name"] for one in book["children"]] == ["20260042"]
    login = requests.post(f"{page}/api/v3/auth/login", json=account, timeout=20).json()
    headers = {"Authorization": f"Bearer {login['access_token']}"}
    found = requests.get(f"{page}/api/v3/datasets", headers=headers, timeout=20).json()
    assert len(found) == len(demo.datasets())


def test_the_log_in_that_is_told_works_in_a_browser_and_its_scan_can_be_rated(
    demo: Kept, browsers: Callable[[str], Browser]
) -> None:
    address = demo.found(r"the scans in a browser: (http://\S+)/$")
    account = demo.found(r"user name (\S+),"), demo.found(r"scientist, password (\S+)$")
    with opened(browsers("chromium"), address) as page:
        page.log_in(*account)
        first = page.row("scan 1:")
        expect(first).to_be_visible()
        expect(page.end).to_contain_text(f"{len(demo.datasets())} scans are shown")
        page.grid.focus()
        page.page.keyboard.press("End")
        page.page.keyboard.press("4")
        expect(first).to_contain_text("★★")


def test_the_check_is_all_green(demo: Kept) -> None:
    lines = check(demo).splitlines()
    slow = "and the budget is"  # on a busy host any device is
    others = [line for line in lines[:-1] if not line.startswith("ok   ") and slow not in line]
    troubled = {line.partition("sim/troubled/")[2].split(":")[0] for line in others}
    assert troubled | {"1/Slow"} == {
        "1/Slow",
        "2/Broken",
    }  # the slow one may answer in the check's two seconds
    parts = {line[5:].partition(":")[0].split()[0] for line in lines[:-1]}
    assert parts >= {"Tango", "PathFixer", "SciDog", "SciFly", "Sardana", "SciFish", "outbox", "SciCow"}
    assert any("SciCow's scicat" in line for line in lines)


def test_the_lines_work_from_another_folder(demo: Kept) -> None:
    top = paste(demo.line("bin/scicow top") + " --once")
    assert "ready" in top.stdout.splitlines()[0], top
    assert "messages" in top.stdout
    before = demo.datasets()
    recorded = paste(demo.line("bin/scifish record").replace("sleep 1", "sh -c 'exit 7'"))
    assert (recorded.returncode, recorded.stderr) == (7, "")
    wait_until(lambda: len(demo.datasets()) == len(before) + 1, "it is in the demo's catalogue", 60)
    scanned = paste(f"{demo.line('bin/spock')} --no-banner -c '%ascan mot01 0 1 2 0.02'")
    assert "Scan #" in scanned.stdout, scanned
    wait_until(lambda: len(demo.datasets()) == len(before) + 2, "the scan is there, too", 60)
    exported = paste(f"{demo.line('export')} && {demo.root}/bin/scifish config")
    assert f"{demo.root}/outbox.sqlite" in exported.stdout


def test_the_lines_work_for_another_account(demo: Kept, other: Account) -> None:
    before = demo.datasets()
    recorded = other.paste(demo.line("bin/scifish record").replace("sleep 1", "true"))
    assert (recorded.returncode, recorded.stderr) == (0, "")
    wait_until(lambda: len(demo.datasets()) == len(before) + 1, "it is in the demo's catalogue", 60)
    checked = other.paste(demo.line("bin/scizoo check"))
    assert checked.stdout.splitlines()[-1] == "check: all is well", checked
    assert "FAIL" not in checked.stdout
    scanned = other.paste(f"{demo.line('bin/spock')} --no-banner -c '%ascan mot01 0 1 2 0.02'")
    assert "Scan #" in scanned.stdout, scanned
    wait_until(lambda: len(demo.datasets()) == len(before) + 2, "the scan is there, too", 60)
    listed = other.paste(demo.found(r"list the datasets:\n +(.+)$"))
    assert listed.stdout.splitlines() == demo.datasets(), listed.stderr
    assert "ready" in other.paste(demo.line("bin/scicow top") + " --once").stdout
    if other.name is not None:
        assert other.paste(f"cat {demo.root}/password").returncode == 1


def test_the_second_configuration_can_be_switched_to(demo: Kept) -> None:
    scidog = tango.DeviceProxy(f"tango://{HOST}:{demo.ports}/demo/ctl/scidog")
    spock = f"{demo.line('bin/spock')} --no-banner -c "
    name = demo.found(r"scicat_activate (\w+);")
    assert paste(f"{spock}'%scicat_activate {name}'").returncode == 0
    assert scidog.Configuration == name
    assert paste(f"{spock}'%scicat_activate photoemission'").returncode == 0
    assert scidog.Configuration == "photoemission"


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("SciDog", r"FAIL SciDog demo/ctl/scidog: server SciDog/demo does not answer .*; .*run: SciDog demo"),
        ("scicow", r"FAIL SciCow: http://{host}:{scicow} does not answer .*; start it, or name its address"),
        (
            "MacroServer",
            r"FAIL Sardana macroserver/demo/1: server MacroServer/demo does not answer .*run: MacroS",
        ),
    ],
)
def test_who_dies_is_told_with_the_line_that_starts_it_again(demo: Kept, name: str, part: str) -> None:
    os.kill(demo.pid(name), signal.SIGKILL)
    said = rf"demo: {name} has ended \(killed by SIGKILL\).* Its log: {demo.root}/logs/{name}.log"
    wait_until(lambda: re.search(said, demo.told), "it is told", 30)
    assert re.search(part.format(host=HOST, scicow=demo.ports + 2), check(demo))
    again = demo.found(rf"{name} has ended .*\n.*\n +(.+)$")
    demo.again.append(Child(f"{name} again", ["sh", "-c", again], log=demo.base / f"{name}.again").start())
    wait_for_green(demo)


def address(demo: Kept, number: int) -> str:
    return f"http://{HOST}:{demo.ports + number}"


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_catalogue_that_hangs_is_noticed_though_nothing_is_sent(demo: Kept) -> None:
    wait_for_green(demo)

    def ready() -> int:
        return requests.get(f"{address(demo, 2)}/ready", timeout=10).status_code

    catalogue = address(demo, 1)
    with frozen(demo.pid("minicat")):
        wait_until(lambda: ready() == 503, "SciCow says that it is not ready", 60)
        top = paste(demo.line("bin/scicow top") + " --once").stdout
        assert "not ready" in top
        assert f"catalogue: {catalogue} does not answer" in " ".join(top.split())
        said = check(demo)
        assert re.search(
            rf"FAIL SciCow: .* catalogue: {catalogue} does not answer: .*; start SciCat, or see", said
        )
        assert re.search(rf"FAIL SciCow's scicat: {catalogue}: .*; start SciCat or see its log", said)
        assert "FAIL SciCow's links: not found out, for the log-in failed (see above)" in said
    wait_until(lambda: ready() == 200, "it is ready again", 60)
    wait_for_green(demo)


def test_a_device_that_hangs_is_told(demo: Kept) -> None:
    with frozen(demo.pid("PathFixer")):
        said = check(demo)
        assert re.search(r"FAIL PathFixer demo/ctl/pathfixer: server PathFixer/demo hangs .*restart it", said)
    wait_for_green(demo)


def test_a_port_that_is_in_use_is_told(demo: Kept, tmp_path: Path) -> None:
    line = says_one_line(scizoo("demo", "--root", tmp_path, "--ports", str(demo.ports)), code=1)
    assert line.startswith(f"scizoo: Tango database: port {demo.ports} of {HOST} is in use; end what listens")
    assert not list(tmp_path.iterdir())


@pytest.mark.kafka
def test_a_kept_demo_through_a_broker_of_its_own(other: Account) -> None:
    with kept("--kafka") as demo:
        assert LAST_LINE in demo.told.splitlines()
        assert demo.found(r"Kafka:   (\S+), topic metadata\.demo") == f"{HOST}:{demo.ports + 3}"
        assert "check: all is well" in check(demo)
        recorded = other.paste(demo.line("bin/scifish record").replace("sleep 1", "true"))
        assert (recorded.returncode, recorded.stderr) == (0, "")
        wait_until(lambda: len(demo.datasets()) == 2, "it is in the demo's catalogue", 60)


def test_every_line_is_whole(demo: Kept) -> None:
    for line in re.findall(r"^    (\S.*)$", demo.told, re.MULTILINE):
        if not line.startswith(("(", "back")):
            shlex.split(line)
