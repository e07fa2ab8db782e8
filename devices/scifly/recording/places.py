"""The places that are watched, as the ledger keeps them over a restart."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from scifly.folder.pending import Pending, PlaceFiles
from scifly.place import WatchedPlace, refuse_watched
from scifly.recording.ledger import Ledger


class Places:
    """The active place, and those that were left while files in them were in progress.

    `still`: seconds without a change after which a file without an end is whole. May raise LedgerError.
    """

    def __init__(self, ledger: Ledger, still: float) -> None:
        self._ledger = ledger
        self._still = still
        self.all: dict[WatchedPlace, PlaceFiles] = {}
        self.active: WatchedPlace | None = None
        for place, left_at in ledger.places().items():
            self._add(place)
            if left_at is None:
                self.active = place

    def follow(self, place: WatchedPlace | None) -> bool:
        """Make a place the active one; tell whether it is another than before."""
        if place is not None and place in self.all:
            files = self.all[place]
            files.place = replace(files.place, samples=files.place.samples | place.samples)
        if place == self.active:
            return False
        if place is None:
            self._ledger.leave()
        else:
            self._ledger.enter(place)
            for known in [one for one in self.all if one.path == place.path]:
                del self.all[known]
            self._add(place)
        self.active = place
        return True

    def backfill(self, place: WatchedPlace) -> None:
        """Watch a folder as one that was left just now. Raises PlaceError, too."""
        self.check_backfill(place)
        self._ledger.enter_left(place)
        self._add(place)

    def check_backfill(self, place: WatchedPlace) -> None:
        """Raise PlaceError when a folder, or one below or above it, is watched already."""
        refuse_watched(place.path, [one.path for one in list(self.all)])

    def drop_over(self, linger: float, patience: float) -> list[PlaceFiles]:
        """Watch no more what was left `linger` seconds ago and has nothing in progress, or long ago."""
        dropped = []
        left = self._ledger.places() if len(self.all) > (self.active is not None) else {}
        for place, files in list(self.all.items()):
            waited = time.time() - (left.get(place) or 0.0)
            has_nothing = files.looked and not files.pending
            if place != self.active and waited > linger and (has_nothing or waited > patience):
                dropped.append(self.all.pop(place))
                self._ledger.forget(place)
        return dropped

    def each_pending(self) -> Iterator[tuple[Path, Pending]]:
        """Go through the files that are seen and not recorded yet; there may be 100,000."""
        for files in self.all.values():
            yield from files.pending.items()

    def _add(self, place: WatchedPlace) -> None:
        self.all[place] = PlaceFiles(place, self._ledger.settled(place.path), self._still)
