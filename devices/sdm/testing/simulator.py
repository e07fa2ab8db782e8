"""A user office to try and to test with: DUO's interface over real HTTP, with faults on demand.

Run as ``python -m sdm.testing.simulator --port 0 --proposals FILE --token-file FILE``. DUO stands under
/duo/api.php/v1. Proposals of SciCat's kind are in minicat.
``PUT /fault`` with the token and ``{"kind": "slow", "seconds": 3, "times": 2}`` sets a fault.
"""

import signal
import sys
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, get_args
from zoneinfo import ZoneInfo

import click

from scifish.errors import SettingsError
from sdm.errors import SdmError
from sdm.offices.file import read_proposals
from sdm.offices.http import read_secret
from sdm.testing import simulated_duo as simulatedduo
from sdm.testing.fault import Fault, FaultKind
from sdm.testing.simulator_handler import DUO_BASE, handler_for, same


class Simulator:
    """The office in this process, a context manager; `fault` is what the next requests meet."""

    def __init__(
        self, proposals: Path, token: str, *, zone: str = "UTC", host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self.fault = Fault()
        self.requests = 0
        self.closing = threading.Event()
        self._proposals = proposals
        self._token = token
        self._zone = ZoneInfo(zone)
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer((host, port), handler_for(self))
        self._server.daemon_threads = True

    @property
    def address(self) -> str:
        """Where it listens: http://host:port."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    @property
    def duo_url(self) -> str:
        """The setting `duo.url`."""
        return f"{self.address}{DUO_BASE}"

    def next_fault(self) -> Fault:
        """Count a request and return the fault that it meets."""
        with self._lock:
            self.requests += 1
            fault, self.fault = self.fault, self.fault.next()
        return fault

    def accepts(self, secret: str) -> bool:
        """Tell whether a token is the office's."""
        return same(secret, self._token)

    def answer(self, path: str, query: dict[str, str]) -> Any:
        """Return the answer to GET `path`, None where there is nothing. Raises SettingsError."""
        if not path.startswith(DUO_BASE):
            return None
        proposals = read_proposals(self._proposals, self._zone).values()
        return simulatedduo.answer(path.removeprefix(DUO_BASE), query, proposals, self._zone)

    def serve(self) -> None:
        """Serve until it is closed."""
        self._server.serve_forever(poll_interval=0.02)

    def close(self) -> None:
        """End serving, also the answers that are late on purpose."""
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> "Simulator":
        threading.Thread(target=self.serve, name="sdm-simulator", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@click.command("sdm.testing.simulator")
@click.option("--host", default="127.0.0.1", show_default=True, help="address to listen on")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    show_default=True,
    help="port to listen on; 0: a free one",
)
@click.option("--proposals", type=click.Path(path_type=Path), required=True, help="YAML file of proposals")
@click.option("--token-file", type=click.Path(path_type=Path), required=True, help="file with the token")
@click.option("--zone", default="UTC", show_default=True, help="time zone of the facility")
@click.option(
    "--fault", type=click.Choice(get_args(FaultKind)), default="none", help="what is wrong at first"
)
@click.option("--seconds", type=click.FloatRange(0, 600), default=1.0, help="for slow and drip")
def main(
    *, host: str, port: int, proposals: Path, token_file: Path, zone: str, fault: FaultKind, seconds: float
) -> None:
    """Simulate a user office until SIGTERM or Ctrl-C."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        read_proposals(proposals, ZoneInfo(zone))
        token = read_secret("token", token_file, "")
        simulator = Simulator(proposals, token, zone=zone, host=host, port=port)
    except (SettingsError, SdmError, OSError, ValueError, KeyError) as error:
        click.echo(f"sdm.testing.simulator: {error}", err=True)
        sys.exit(2)
    simulator.fault = Fault(kind=fault, seconds=seconds)
    click.echo(f"sdm.testing.simulator: listening on {simulator.address}")
    click.echo(f"duo.url: {simulator.duo_url}")
    click.echo("scicat.url: run `minicat`, which serves SciCat's proposals; this simulator does no longer")
    sys.stdout.flush()
    simulator.serve()


if __name__ == "__main__":
    main()
