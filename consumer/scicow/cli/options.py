"""What several commands take: the settings file, and the transport that it names."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from scicow.metrics import Metrics
from scicow.settings.model import SciCowSettings, load
from scicow.transport import Transport, open_transport


class SettingsFile(click.ParamType[SciCowSettings]):
    """An option's value that is the loaded settings."""

    name = "file"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> SciCowSettings:
        """Load the settings that the option names."""
        return value if isinstance(value, SciCowSettings) else load(Path(str(value)))


config_option = click.option(
    "--config",
    "settings",
    type=SettingsFile(),
    required=True,
    envvar="SCICOW_CONFIG",
    help="The settings file; also from SCICOW_CONFIG.",
)


@contextmanager
def transport_of(settings: SciCowSettings) -> Iterator[Transport]:
    """Give the transport for a command that does one thing."""
    transport = open_transport(settings, Metrics())
    try:
        yield transport
    finally:
        transport.close()
