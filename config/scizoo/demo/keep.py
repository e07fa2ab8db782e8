"""How to connect to a demo that is kept running."""

import shlex
import sys

from scizoo.demo.layout import ACCOUNT, PATHFIXER, SCIDOG, Layout
from scizoo.sardana import BIN

LIST = (
    "import httpx; "
    'scicat = httpx.Client(base_url="{catalogue}/api/v3"); '
    'login = scicat.post("/auth/login", json=dict(username="{account}", password="{password}")).json(); '
    'token = "Bearer " + login["access_token"]; '
    'found = scicat.get("/datasets", headers=dict(Authorization=token)).json(); '
    'print(*(one["pid"] + " " + one["datasetName"] for one in found), sep=chr(10))'
)


def lines(layout: Layout, tango_host: str, door: str) -> list[str]:
    """Return what to type for spock, Jive, a browser and the catalogue."""
    here = f"TANGO_HOST={tango_host}"
    return [
        "",
        "Everything is running, until Ctrl-C:",
        f"  export {here}",
        f"  Door: {door}; PathFixer: {PATHFIXER}; SciDog: {SCIDOG}",
        f"  spock (answer y to make a profile, take {door}):",
        f"    {here} {shlex.quote(str(BIN / 'spock'))}",
        f"  Jive:    {here} jive",
        f"  browser: {layout.catalogue}/   what the catalogue has where; SciCow: {layout.ready}",
        f"  account: {ACCOUNT}, password {layout.password}",
        "  log in and list the datasets:",
        f"    {list_datasets(layout)}",
        f"  files:   {layout.root}",
    ]


def list_datasets(layout: Layout) -> str:
    """Return a shell command that logs in to the catalogue and prints pid and name of each dataset."""
    code = LIST.format(catalogue=layout.catalogue, account=ACCOUNT, password=layout.password)
    return shlex.join([sys.executable, "-c", code])
