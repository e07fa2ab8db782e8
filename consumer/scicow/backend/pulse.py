"""Checks that SciCat answers: while no message comes, nothing else would notice that it hangs."""

from scicow.errors import CatalogueUnavailable
from scicow.scicat.http import Http
from scicow.settings.catalogue import ScicatSettings
from sdm.scicat.account import HttpRequest

EVERY = 5.0  # seconds between two looks
LIMIT = 5.0  # seconds that an answer may take
_PATH = "/api/v3/health"  # any answer will do, also 404: it takes no account and costs SciCat nothing
_OF_A_PROXY = {502: "its proxy gets no answer (502)", 504: "its proxy gets no answer in time (504)"}


class Pulse:
    """Sends SciCat a request now and then and keeps what is wrong, for /ready."""

    def __init__(self, settings: ScicatSettings, limit: float = LIMIT) -> None:
        self._url = settings.url
        self._http = Http(settings, timeout=limit, connections=1)
        self._trouble: str | None = None

    def look(self) -> None:
        """Ask once."""
        try:
            reason = _OF_A_PROXY.get(self._http.send(HttpRequest("GET", _PATH)).status)
        except CatalogueUnavailable as error:
            reason = str(error)
        self._trouble = reason and f"{self._url} does not answer: {reason}; start SciCat, or see its log"

    def trouble(self) -> str | None:
        """Return why SciCat cannot be reached, None if it can."""
        return self._trouble

    def close(self) -> None:
        """Close the connection."""
        self._http.close()
