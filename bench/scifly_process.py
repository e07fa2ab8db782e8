"""SciFly over one folder, as its server runs it, but without Tango: for bench_scifly.py.

``python bench/scifly_process.py FOLDER STATE MODE`` prints, for each line that it reads, what its attributes
say, as JSON.
"""

import json
import sys
from pathlib import Path

from scifly.folder.place_watch import Watching
from scifly.instruments import Habits
from scifly.place import WatchedPlace
from scifly.published import PublishedState
from scifly.recording.scifish_recorder import SciFishRecorder
from scifly.settings import SciFlySettings
from scifly.watcher import Watcher


class Fixed:
    """A follower of a path that stays."""

    def __init__(self, place: WatchedPlace) -> None:
        self.known = True
        self.place: WatchedPlace | None = place
        self.problem: str | None = None

    def start(self) -> object:
        return self

    def stop(self) -> None:
        return

    def join(self, seconds: float) -> None:
        return


def main() -> None:
    """Watch until the input ends."""
    folder, state, mode = Path(sys.argv[1]), Path(sys.argv[2]), Watching(sys.argv[3])
    told = PublishedState()

    def tell(now: PublishedState) -> None:
        nonlocal told
        told = now

    settings = SciFlySettings("", state / "scifly.sqlite", Habits(watching=mode))
    watcher = Watcher(settings, SciFishRecorder(""), tell, Fixed(WatchedPlace(folder, "20260001")))
    watcher.start()
    for _ in sys.stdin:
        lag = round(watcher.lag, 3)
        print(
            json.dumps(
                {
                    "mode": told.mode,
                    "recorded": told.recorded,
                    "pending": told.pending,
                    "ignored": len(told.ignored),
                    "lag": lag,
                }
            ),
            flush=True,
        )
    watcher.stop()


if __name__ == "__main__":
    main()
