"""The pretend Elogy as a process: `python -m scizoo.simulation.elogy --port 0`; it forgets all at its end."""

import click

from scifish.http.server import listen, serve
from scizoo.simulation.elogy.app import make_app
from scizoo.simulation.elogy.logbooks import Logbooks

SHIFT = {"name": "Shift", "type": "option", "required": True, "options": ["day", "evening", "night"]}


@click.command("scizoo.simulation.elogy")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=int, default=8000, show_default=True, help="Port to listen on; 0 is a free one.")
@click.option(
    "--logbook", "names", multiple=True, help="Name of a logbook to begin with, inside of the one before."
)
def main(host: str, port: int, names: tuple[str, ...]) -> None:
    """Pretend to be Elogy, the electronic logbook, until SIGTERM or Ctrl-C."""
    logbooks, parent = Logbooks(), None
    for name in names:
        attributes = [SHIFT] if name == names[-1] else []
        parent = logbooks.add_logbook({"name": name, "attributes": attributes}, parent)["id"]
    serve(
        make_app(logbooks), listen(host, port), lambda address: click.echo(f"elogy: listening on {address}")
    )


if __name__ == "__main__":
    main()
