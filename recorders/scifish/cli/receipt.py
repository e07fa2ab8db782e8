"""``scifish receipt``: whether scans are in the catalogue."""

import re

import click

from scifish.cli.common import settings
from scifish.common.one_line import FAILED
from scifish.errors import SettingsError
from scifish.settings.model import SciFishSettings
from scifish.status.outbox_history import Tracks
from scifish.status.scan_status import ScanPlace
from scifish.status.scan_statuses import WAIT, arrivals

_PID = re.compile(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}")


@click.command()
@click.argument("pids", metavar="PID...", nargs=-1, required=True)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=WAIT,
    show_default=True,
    help="Seconds that Kafka may take.",
)
def receipt(pids: tuple[str, ...], timeout: float) -> None:
    """Show whether scans are in the catalogue; exit code 1 unless all are. PID may be a pid's beginning."""
    chosen = settings().settings
    wanted = [one for pid in pids for one in _whole(chosen, pid)]
    found = arrivals(chosen, wanted, timeout=timeout)
    for pid, one in found.items():
        click.echo(f"{pid}  {one}")
    if any(one.place is not ScanPlace.CATALOGUED for one in found.values()):
        raise SystemExit(FAILED)


def _whole(chosen: SciFishSettings, pid: str) -> list[str]:
    """Return the pids that one stands for. Raises SettingsError when it stands for none."""
    if _PID.fullmatch(pid.upper()):
        return [pid.upper()]
    known = Tracks(chosen.outbox.path).named(pid)
    if not known:
        raise SettingsError(
            f"{pid}: is no whole pid, and the outbox has none that begins so; see `scifish outbox list --all`"
        )
    return known
