"""Take snapshots of healthy and of dead devices: `unreachable.py BUDGET HEALTHY… -- DEAD…`; tell what came.

A process of its own, so that it can be left while its threads are in a connect to a dead host: Tango tries
three times for 3 s, and a thread may have several such calls before it.
"""

import json
import os
import sys
import time
from typing import Any

from scifish.contract.configuration import Configuration, Item
from scifish.snapshot.snapshot import TangoSnapshot


def main(budget: float, healthy: list[str], dead: list[str]) -> None:
    snapshot = TangoSnapshot()
    take(snapshot, budget, healthy)
    found = [take(snapshot, budget, [*dead, *healthy]) for _ in range(6)]
    sys.stdout.write(json.dumps(found))
    sys.stdout.flush()
    os._exit(0)  # the threads that are in Tango are left


def take(snapshot: TangoSnapshot, budget: float, attributes: list[str]) -> dict[str, Any]:
    items = tuple(Item(attribute=one, name=one) for one in attributes)
    started = time.monotonic()
    found = snapshot.begin(Configuration(name="test", budget=budget, items=items), lambda _: None).metadata
    return {"took": time.monotonic() - started, "metadata": found}


if __name__ == "__main__":
    names = sys.argv[2:]
    between = names.index("--")
    main(float(sys.argv[1]), names[:between], names[between + 1 :])
