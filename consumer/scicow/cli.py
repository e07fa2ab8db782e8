"""The command `scicow`."""

import signal
import sys
from pathlib import Path
from types import FrameType

import click

from scicow import logs
from scicow.errors import ScicowError
from scicow.settings import Settings, load
from scifish.errors import SciFishError


class SettingsPath(click.ParamType[Settings]):
    """An option's value that is the loaded settings."""

    name = "file"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Settings:
        """Load the settings named by the option."""
        if isinstance(value, Settings):
            return value
        return load(Path(str(value)))


config_option = click.option(
    "--config",
    "settings",
    type=SettingsPath(),
    required=True,
    envvar="SCICOW_CONFIG",
    help="The settings file; also from SCICOW_CONFIG.",
)


@click.group()
@click.version_option(package_name="scizoo")
def cli() -> None:
    """Bring what was recorded into SciCat."""


@cli.command()
@config_option
def run(settings: Settings) -> None:
    """Work until SIGTERM or Ctrl-C."""
    from scicow.assembly import Assembly

    logs.configure(settings.log)
    assembly = Assembly(settings, logs.get_logger())

    def stop(_number: int, _frame: FrameType | None) -> None:
        assembly.service.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    assembly.run()


def main() -> None:
    """Run the command; a failure is one line on stderr."""
    try:
        sys.exit(cli.main(standalone_mode=False))
    except click.ClickException as error:
        _fail(error.format_message(), 2)
    except click.Abort:
        _fail("interrupted", 1)
    except SciFishError as error:
        _fail(str(error), 2)
    except ScicowError as error:
        _fail(str(error), 1)


def _fail(text: str, code: int) -> None:
    click.echo(f"scicow: {' '.join(text.split())}", err=True)
    sys.exit(code)
