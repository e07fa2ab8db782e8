"""The command `scicow`."""

import logging
import signal
import sys
from types import FrameType

import click

from scicow import logs
from scicow.cli.dead_letters import dead, quarantine
from scicow.cli.options import config_option, transport_of
from scicow.cli.replay import reconcile, replay
from scicow.errors import ScicowError
from scicow.settings.model import SciCowSettings
from scifish.common.one_line import FAILED, WRONG, OneLineGroup
from scifish.errors import SciFishError
from sdm.errors import SdmError


@click.group(
    "scicow",
    cls=OneLineGroup,
    codes={SciFishError: WRONG, ScicowError: FAILED, SdmError: FAILED},
)
@click.version_option(package_name="scizoo")
def cli() -> None:
    """Bring what was recorded into SciCat."""


@cli.command()
@config_option
def run(settings: SciCowSettings) -> None:
    """Work until SIGTERM or Ctrl-C."""
    from scicow.app import Assembly

    logs.configure(settings.log)
    assembly = Assembly(settings)

    def stop(_number: int, _frame: FrameType | None) -> None:
        assembly.service.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    assembly.run()


@cli.command()
@click.option("--settings-only", is_flag=True, help="Only read the settings; nothing is connected.")
@config_option
def check(settings: SciCowSettings, settings_only: bool) -> None:
    """Test settings, source, topics, SciCat, rights and user office; print what to do."""
    from scicow.cli.check import checks

    if settings_only:
        click.echo("ok   settings")
        return
    logging.getLogger("scicow").addHandler(logging.NullHandler())  # the command's lines hold all
    failed = False
    for part, problem, told in checks(settings):
        failed = failed or problem is not None
        click.echo(f"{'ok  ' if problem is None else 'FAIL'} {part}: {problem or told}")
    if failed:
        sys.exit(FAILED)


@cli.command()
@click.argument("pid")
@config_option
def receipt(pid: str, settings: SciCowSettings) -> None:
    """Show what became of a scan's last message."""
    with transport_of(settings) as transport:
        found = transport.receipt(pid.upper())
    if found is None:
        raise ScicowError(f"receipt {pid}: there is none; SciCow has not seen this pid yet")
    click.echo(found.model_dump_json(by_alias=True, indent=2))


@cli.command()
@click.option(
    "--url",
    default="http://127.0.0.1:9464",
    show_default=True,
    envvar="SCICOW_URL",
    help="Where SciCow answers; also from SCICOW_URL.",
)
@click.option("--once", is_flag=True, help="Show the page once and end.")
def top(url: str, once: bool) -> None:
    """Show a running SciCow's state in the terminal, until Ctrl-C."""
    from scicow.cli.top import show

    show(url, once=once)


for command in (dead, quarantine, replay, reconcile):
    cli.add_command(command)


def main() -> None:
    """Run the command."""
    cli()
