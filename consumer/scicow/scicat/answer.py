"""What SciCat's HTTP statuses mean, decided in one place."""

from typing import Any, NamedTuple

from pydantic_core import from_json

from scicow.errors import (
    AlreadyThere,
    CatalogueError,
    CatalogueRefused,
    CatalogueUnavailable,
    ChangedMeanwhile,
    NotAllowed,
    NotThere,
)

SHOWN = 300
_MEANINGS: dict[int, type[CatalogueError]] = {
    400: CatalogueRefused,
    403: NotAllowed,
    404: NotThere,
    409: AlreadyThere,
    412: ChangedMeanwhile,
    413: CatalogueRefused,
    422: CatalogueRefused,
}


class ScicatDocument(dict[str, Any]):
    """A JSON object as SciCat gave it; `length`: the bytes that it came in."""

    def __init__(self, members: dict[str, Any], length: int) -> None:
        super().__init__(members)
        self.length = length


class CatalogueAnswer(NamedTuple):
    """An answer as it came; `request` names what was asked, for error texts."""

    request: str
    status: int
    content: bytes
    retry_after: float | None = None  # seconds that the server asks to wait

    def raise_for_status(self) -> None:
        """Raise the CatalogueError of a bad answer.

        Statuses that a working SciCat does not give (a proxy's redirect, 405 of a wrong address) count as
        unavailable: a wrong setting must not send a stream of good messages to the dead letters.
        """
        if 200 <= self.status < 300:
            return
        text = f"{self.request}: {self.status} {self._server_text()}"
        if self.status in _MEANINGS:
            raise _MEANINGS[self.status](text, self.status)
        raise CatalogueUnavailable(text, self.status, retry_after=self.retry_after)

    def json(self) -> Any:
        """Return the JSON of a good answer, None when it is empty. Raises CatalogueError."""
        self.raise_for_status()
        if not self.content.strip():
            return None
        try:
            return from_json(self.content)
        except ValueError as error:
            raise CatalogueUnavailable(f"{self.request}: no JSON: {_line(self.content)}") from error

    def document(self, member: str, value: str) -> ScicatDocument:
        """Return the JSON object whose `member` is `value`. Raises CatalogueError.

        What answers without it is no SciCat (a gateway says "maintenance" with status 200): nothing was done.
        """
        found = self.json()
        if isinstance(found, dict) and found.get(member) == value:
            return ScicatDocument(found, len(self.content))
        raise CatalogueUnavailable(
            f"{self.request}: not SciCat's answer ({member} is missing): {_line(self.content)}"
        )

    def documents(self) -> list[dict[str, Any]]:
        """Return the JSON objects of a list. Raises CatalogueError."""
        found = self.json()
        if isinstance(found, list) and all(isinstance(one, dict) for one in found):
            return found
        raise CatalogueUnavailable(f"{self.request}: not SciCat's answer (no list): {_line(self.content)}")

    def _server_text(self) -> str:
        """Return the server's own text as one short line."""
        try:
            body = from_json(self.content)
        except ValueError:
            return _line(self.content)
        return _short(str(body.get("message", body) if isinstance(body, dict) else body))


def _line(content: bytes) -> str:
    return _short(content[: 4 * SHOWN].decode("utf-8", "replace"))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 3]}..."
