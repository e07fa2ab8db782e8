"""A DUO over HTTP that a PathFixer of the tests asks instead of its file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from sdm.testing.simulator import Simulator
from support.sdm.offices import TOKEN


@contextmanager
def simulated_office(config: Path, folder: Path, timeout: float = 5) -> Iterator[Simulator]:
    """Serve the proposals of `folder`, and let sdm's settings ask there, each time."""
    (folder / "token").write_text(TOKEN, encoding="utf-8")
    with Simulator(folder / "proposals.yaml", TOKEN) as simulator:
        duo = {"url": simulator.duo_url, "token_file": "token", "timeout": timeout, "attempts": 1, "years": 7}
        cache = {"folder": "cache", "fresh": 0, "retry": 0}
        settings = {
            "proposals": {"source": "duo", "duo": duo, "cache": cache},
            "storage": {"apply_group": False},
        }
        config.write_text(yaml.safe_dump(settings), encoding="utf-8")
        yield simulator
