"""The command `scanlog`."""

from pathlib import Path

import click

from scanlog.app import make_app
from scanlog.errors import ScanlogError
from scanlog.hints import PAGES, HintRelay
from scanlog.settings import ScanlogSettings, load_settings
from scifish.common.one_line import FAILED, WRONG, OneLineGroup
from scifish.errors import SettingsError
from scifish.http.events import Broadcast
from scifish.http.server import PortError, listen, serve

CODES = {SettingsError: WRONG, ScanlogError: FAILED, PortError: FAILED}


@click.group("scanlog", cls=OneLineGroup, codes=CODES)
@click.version_option(package_name="scizoo")
def main() -> None:
    """Scanlog: a page that shows the scans of the catalogue, live."""


@main.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=int, default=3001, show_default=True, help="Port to listen on; 0 is a free one.")
@click.option(
    "--settings", "path", type=click.Path(path_type=Path), help="JSON file: SciCat's address, the logbook's."
)
def serve_page(host: str, port: int, path: Path | None) -> None:
    """Serve the page, and SciCat and the logbook below it, until Ctrl-C or SIGTERM."""
    settings = load_settings(path) if path else ScanlogSettings()
    told = Broadcast(PAGES) if settings.hints else None
    app = make_app(settings, hints=told)
    listening = listen(host, port)
    if settings.hints is None or told is None:
        serve(app, listening, _announce)
        return
    relay = HintRelay(settings.hints, told)
    relay.start()
    serve(app, listening, _announce, ending=relay.close)


def _announce(address: str) -> None:
    click.echo(f"scanlog: listening on {address}")
