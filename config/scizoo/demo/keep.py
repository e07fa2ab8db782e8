"""How to connect to a demo that is kept running."""

from scizoo.demo.layout import ACCOUNT, PATHFIXER, SCIDOG, Layout
from scizoo.sardana import BIN


def lines(layout: Layout, tango_host: str, door: str) -> list[str]:
    """Return what to type for spock, Jive and a browser."""
    return [
        "",
        "Everything is running, until Ctrl-C:",
        f"  export TANGO_HOST={tango_host}",
        f"  Door: {door}; PathFixer: {PATHFIXER}; SciDog: {SCIDOG}",
        f"  spock:   TANGO_HOST={tango_host} {BIN / 'spock'}   (answer y to make a profile, take {door})",
        f"  Jive:    TANGO_HOST={tango_host} jive",
        f"  browser: {layout.catalogue}/api/v3/health   the catalogue",
        f"  account: {ACCOUNT}, password {layout.password}",
        f"  SciCow:  {layout.ready}",
        f"  files:   {layout.root}",
    ]
