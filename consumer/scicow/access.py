"""Whether SciCow may and can write to the catalogue, for /ready: tested at the start, watched after it."""

import threading

from structlog.typing import FilteringBoundLogger as Log

from scicow.errors import ScicowError
from scicow.ingest_settings import IngestSettings
from scicow.rights import check_rights, missing_rights
from scicow.scicat import ScicatClient


class Access:
    """Tests the account's rights until it has them; then it is enough that the circuit breaker is closed."""

    def __init__(self, scicat: ScicatClient, settings: IngestSettings, log: Log) -> None:
        self._scicat = scicat
        self._settings = settings
        self._log = log
        self._trouble: str | None = "the account's rights in SciCat are being tested"
        self._allowed = False
        self._said: list[str] = []

    def check(self, _stopping: threading.Event) -> None:
        """Test the rights once more, unless they were found to be there. Raises CatalogueError."""
        if self._allowed:
            return
        try:
            missing = [right.advice for right in missing_rights(check_rights(self._scicat, self._settings))]
        except ScicowError as error:
            self._trouble = str(error)
            raise
        self._trouble = "; ".join(missing) or None
        self._allowed = not missing
        if missing and missing != self._said:
            self._log.error("rights missing", reasons=missing)
        self._said = missing

    def trouble(self) -> str | None:
        """Return why nothing can be written to SciCat, None if it can."""
        if self._trouble is None and self._scicat.session.breaker.is_open:
            return "SciCat fails; the circuit breaker is open"
        return self._trouble
