"""A recording process for tests that kill it: says each pid when `start_scan` has returned, and each end.

``python -m support.scifish.producer OUTBOX BOOTSTRAP SCANS SEED``; BOOTSTRAP ``-`` means mode outbox.
"""

import random
import sys
from pathlib import Path

from scifish.beamline.static_context import StaticContext
from scifish.client import SciFish
from scifish.runtime import runtime
from scifish.settings.model import KafkaSettings, OutboxSettings, SciFishSettings
from support.scifish.recorder import AT_BEAMLINE


def main(outbox: str, bootstrap: str, scans: int, seed: int) -> None:
    settings = SciFishSettings(
        outbox=OutboxSettings(path=Path(outbox), wait=10),
        kafka=KafkaSettings(bootstrap=None if bootstrap == "-" else bootstrap),
        exit_wait=0.2,
    )
    runtime(settings).use(context=StaticContext(AT_BEAMLINE))
    chance = random.Random(seed)
    fish = SciFish(settings=settings)
    for number in range(scans):
        fish.start_scan(number)
        say("started", fish.pid)
        if chance.random() < 0.5:
            fish.send_start()
            say("shown", fish.pid)
        fish.scicat_data.scientificMetadata["n"] = {"value": number, "unit": "mm"}
        fish.end_scan()
        say("ended", fish.pid)


def say(event: str, pid: str | None) -> None:
    sys.stdout.write(f"{event} {pid}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
