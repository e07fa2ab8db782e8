"""Receipts in the SQLite file that SciCow keeps beside an outbox that it delivers from."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path

from scifish.contract.receipt import Receipt, read_receipt
from scifish.errors import ReceiptsError


class FileReceipts:
    """The last receipt of each pid. The file is SciCow's: it is only read, and never made."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def find(self, pids: Mapping[str, datetime | None], *, timeout: float) -> dict[str, Receipt]:
        """Return the receipts of these pids. Raises ReceiptsError."""
        try:
            if not self._path.exists():
                raise ReceiptsError(
                    f"{self._path}: does not exist; no SciCow has read this outbox yet, or it keeps its file "
                    "elsewhere: set outbox.receipts"
                )
            found = [read_receipt(document) for document in self._documents(list(pids), timeout)]
        except (sqlite3.Error, OSError) as error:
            raise ReceiptsError(f"{self._path}: cannot be read ({error}); check its rights") from error
        return {one.pid: one for one in found if one is not None}

    def _documents(self, pids: list[str], timeout: float) -> list[str]:
        address = f"{self._path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=timeout)) as connection:
            rows = (
                connection.execute("SELECT document FROM receipt WHERE pid = ?", (pid,)).fetchone()
                for pid in pids
            )
            return [str(row[0]) for row in rows if row is not None]
