"""SciDog's commands that find attributes, in JSON (config/schema/scidog-1.json)."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tango import AutoTangoAllowThreads
from tango.server import command, device_property

from scidog.errors import SciDogError
from scidog.model import requests
from scidog.model.searches import BrowseAt, Browsed, Searched, SearchFor
from scidog.search.device_index import DeviceIndex, View
from scidog.search.index_file import IndexFile
from scidog.search.indexer import Indexer
from scidog.search.matching import found, matches, words_of
from scidog.search.tango_devices import TangoDevices
from scidog.search.tree import device_at, entries_at
from scifish.settings.lookup import tango_host
from scifish.tango_client.text import ascii_json
from tangobase.errors import PropertyError
from tangobase.refusal import refuse
from tangobase.starting_device import StartingDevice
from tangobase.state_folder import state_file

HOUR = 3600.0


class SearchCommands(StartingDevice):
    """A device that keeps an index of all devices and their attributes."""

    StateFolder: str
    IndexPeriod: float = device_property(
        dtype=float,
        default_value=HOUR,
        doc="Seconds after which a device is asked again for its attributes; at its start it is asked too",
    )

    _index: DeviceIndex
    _indexer: Indexer | None = None

    @command(
        dtype_in=str,
        doc_in="words, or JSON: query, offset, limit; empty: all attributes",
        dtype_out=str,
        doc_out="JSON: total, hits (the best first), and how complete the index is",
    )
    def Search(self, text: str) -> str:
        """Find attributes by name, alias, label, description, unit, class or server; all words must match."""
        with self._viewed() as view:
            return ascii_json(searched(view, requests.read(SearchFor, text, "Search", plain="query")))

    @command(
        dtype_in=str,
        doc_in="such as sim, sim/mono/1, or JSON: path, by (name, server, class), offset, limit; empty: top",
        dtype_out=str,
        doc_out="JSON: total, entries or attributes, and how complete the index is",
    )
    def Browse(self, text: str) -> str:
        """Go through the devices: domain, family, member, attributes; or by servers or classes."""
        with self._viewed() as view:
            return ascii_json(browsed(view, requests.read(BrowseAt, text, "Browse", plain="path")))

    def _begin_index(self) -> None:
        """Begin to index, unless it has begun. Raises PropertyError."""
        if self._indexer is not None:
            return
        if self.IndexPeriod <= 0:
            raise PropertyError(f"the property IndexPeriod is {self.IndexPeriod:g}; write seconds above 0")
        path = state_file(self.StateFolder, "scidog", self.get_name(), "-index.jsonl")
        file = IndexFile(path, tango_host(os.environ) or "")
        self._indexer = Indexer(self._index, TangoDevices(), file, self.IndexPeriod).start()

    def _end_index(self) -> None:
        if self._indexer is not None:
            self._indexer.close()

    @contextmanager
    def _viewed(self) -> Iterator[View]:
        """Give the index to one request, and the monitor to others meanwhile."""
        try:
            with AutoTangoAllowThreads(self):
                yield self._index.view()
        except SciDogError as error:
            refuse(f"SciDog_{type(error).__name__}", str(error), self.get_name())


def searched(view: View, request: SearchFor) -> Searched:
    """Return a page of what is found."""
    most = request.offset + request.limit
    total, hits = matches(view.devices, words_of(request.query), most)
    return Searched(
        query=request.query,
        total=total,
        offset=request.offset,
        hits=tuple(map(found, hits[request.offset :])),
        index=view.state(time.time()),
    )


def browsed(view: View, request: BrowseAt) -> Browsed:
    """Return a page of what is below a path. Raises UnknownPathError."""
    path = request.path.strip().strip("/")
    device = device_at(view.devices, path)
    rows = device.rows if device else ()
    entries = [] if device else entries_at(view.devices, path, request.by)
    page = slice(request.offset, request.offset + request.limit)
    return Browsed(
        path=path,
        by=request.by,
        total=len(rows) + len(entries),
        offset=request.offset,
        entries=tuple(entries[page]),
        attributes=tuple(found((device, row)) for row in rows[page]) if device else (),
        index=view.state(time.time()),
    )
