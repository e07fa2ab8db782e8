"""The command `minicat`."""

from pathlib import Path

import click

from minicat.app import make_app
from minicat.errors import MinicatError
from minicat.settings import Settings, load_settings, with_admin
from minicat.store import DocumentStore
from scifish.common.one_line import FAILED, WRONG, OneLine
from scifish.errors import SettingsError
from scifish.http.server import PortError, listen, serve


@click.command("minicat", cls=OneLine, codes={SettingsError: WRONG, MinicatError: FAILED, PortError: FAILED})
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=int, default=3000, show_default=True, help="Port to listen on; 0 is a free one.")
@click.option("--database", default=":memory:", show_default=True, help="SQLite file; kept over restarts.")
@click.option(
    "--settings", "path", type=click.Path(path_type=Path), help="YAML file: accounts, groups, limits."
)
def main(host: str, port: int, database: str, path: Path | None) -> None:
    """Run a small catalogue that speaks SciCat's API (under /api), until Ctrl-C or SIGTERM."""
    settings, password = with_admin(load_settings(path) if path else Settings())
    listening = listen(host, port)
    store = DocumentStore(database)
    if password is not None:
        click.echo(f"minicat: account admin, password {password}")
    try:
        serve(make_app(settings, store), listening, _announce)
    finally:
        store.close()


def _announce(address: str) -> None:
    click.echo(f"minicat: listening on {address}")
