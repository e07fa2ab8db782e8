"""How to connect to a demo that is kept running, and which of its processes has died."""

import shlex
import signal
import sys
from collections.abc import Callable

from scanlog.page_files import is_built
from scizoo.demo.beamline.layout import (
    ACCOUNT,
    CONFIGURATION,
    OTHER_CONFIGURATION,
    PATHFIXER,
    SCIDOG,
    SCIENTIST,
    Layout,
)
from scizoo.demo.beamline.staff import Staff
from scizoo.demo.launchers import closed_folder
from scizoo.facility.processes import Child

NO_PAGE = "Scanlog, the page of the scans, is not built; in SciZoo's own folder: make web"
LIST = (
    "import requests; "
    'scicat = "{catalogue}/api/v3"; '
    'account = dict(username="{account}", password="{password}"); '
    'login = requests.post(scicat + "/auth/login", json=account).json(); '
    'token = "Bearer " + login["access_token"]; '
    'found = requests.get(scicat + "/datasets", headers=dict(Authorization=token)).json(); '
    'print(*(one["pid"] + " " + one["datasetName"] for one in found), sep=chr(10))'
)


def lines(layout: Layout, tango_host: str, door: str) -> list[str]:
    """Return what to type for each program, complete, and where everything is."""
    programs = shlex.quote(str(layout.root / "bin"))
    closed = closed_folder(layout)
    others = f"not from other accounts: {closed} is closed to them" if closed else "from any account"
    kafka = [f"  Kafka:   {layout.kafka}, topic metadata.demo"] if layout.kafka else []
    return [
        "",
        "Everything is running, until Ctrl-C. Paste into another terminal, in any folder",
        f"({others}):",
        "",
        "  spock, Sardana's terminal:",
        f"    {programs}/spock",
        f"    (in it: ascan mot01 0 1 10 0.1; scicat_last; scicat_activate {OTHER_CONFIGURATION};",
        f"    back with scicat_activate {CONFIGURATION})",
        "  record a shell command as a scan:",
        f"    {programs}/scifish record -- sleep 1",
        "  check the whole chain; watch SciCow:",
        f"    {programs}/scizoo check",
        f"    {programs}/scicow top",
        "  Jive, where it is installed:",
        f"    TANGO_HOST={tango_host} jive",
        "  for programs of your own, in sh or bash:",
        f"    export TANGO_HOST={tango_host} SCIFISH_CONFIG={shlex.quote(str(layout.scifish))}",
        "  log in and list the datasets:",
        f"    {list_datasets(layout)}",
        "",
        *page(layout, is_built()),
        "",
        f"  Door:    {door}; PathFixer: {PATHFIXER}; SciDog: {SCIDOG}",
        f"  browser: {layout.catalogue}/   what the catalogue has where",
        f"  account: {ACCOUNT}, password {layout.password}",
        f"  SciCow:  {layout.ready}",
        *kafka,
        f"  files:   {layout.root}",
    ]


def page(layout: Layout, built: bool) -> list[str]:
    """Return where the scans are seen in a browser, and who logs in there."""
    if not built:
        return [f"  {NO_PAGE}"]
    return [
        f"  the scans in a browser: {layout.page}",
        f"    user name {SCIENTIST}, password {layout.password}",
        f"    Export there writes into a pretend logbook ({layout.logbook}/)",
    ]


def list_datasets(layout: Layout) -> str:
    """Return a shell command that logs in to the catalogue and prints pid and name of each dataset."""
    code = LIST.format(catalogue=layout.catalogue, account=ACCOUNT, password=layout.password)
    return shlex.join([sys.executable, "-c", code])


class Deaths:
    """Reports once for each process of a kept demo that has died how it is started again."""

    def __init__(self, staff: Staff, say: Callable[[str], None]) -> None:
        self._staff = staff
        self._say = say
        self._reported: set[int] = set()

    def look(self) -> None:
        """Report what has died since the last look."""
        for child in self._staff.ended():
            if child.pid not in self._reported:
                self._reported.add(child.pid)
                for line in death(child):
                    self._say(line)


def death(child: Child) -> list[str]:
    """Return the lines about a process that has died."""
    return [
        "",
        f"demo: {child.name} has ended ({_how(child.returncode)}); all else goes on. Its log: {child.log}",
        "  start it again in another terminal, or end the demo with Ctrl-C:",
        f"    {child.line}",
    ]


def _how(code: int | None) -> str:
    if code is None or code >= 0:
        return f"exit code {code}"
    return f"killed by {signal.Signals(-code).name}"
