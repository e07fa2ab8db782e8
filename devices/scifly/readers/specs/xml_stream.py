"""XML in pieces, with constant memory: no entity is ever declared, and texts have a limit."""

from collections.abc import Callable, Iterable
from xml.parsers import expat

from scifly.errors import IncompleteError, UnreadableError
from scifly.readers.header_text import MAX_TEXT

MAX_DEPTH = 200
Attributes = dict[str, str]


class XmlStream:
    """Calls `start(tag, attributes)` and `end(tag, text)`; the text is that before the end, limited."""

    def __init__(
        self, where: str, start: Callable[[str, Attributes], None], end: Callable[[str, str], None]
    ) -> None:
        self._where = where
        self._start = start
        self._end = end
        self._text: list[str] = []
        self._length = 0
        self._depth = 0
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._begins
        self._parser.EndElementHandler = self._ends
        self._parser.CharacterDataHandler = self._keep
        self._parser.EntityDeclHandler = self._refuse

    def parse(self, pieces: Iterable[bytes | str]) -> None:
        """Parse the pieces of a document.

        Raises IncompleteError where it ends too early, UnreadableError where it is damaged.
        """
        try:
            for piece in pieces:
                self._parser.Parse(piece, False)
        except (expat.ExpatError, LookupError, ValueError) as error:
            raise UnreadableError(f"{self._where}: is no XML: {error}; it is damaged") from error
        try:
            self._parser.Parse(b"", True)
        except (expat.ExpatError, ValueError) as error:
            raise IncompleteError(f"the XML has no end yet: {error}") from error

    def _begins(self, tag: str, attributes: Attributes) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise UnreadableError(f"{self._where}: has more than {MAX_DEPTH} levels; it is damaged")
        self._text, self._length = [], 0
        self._start(tag, attributes)

    def _ends(self, tag: str) -> None:
        self._depth -= 1
        self._end(tag, "".join(self._text).strip())
        self._text, self._length = [], 0

    def _keep(self, text: str) -> None:
        if self._length < MAX_TEXT:
            self._text.append(text[: MAX_TEXT - self._length])
            self._length += len(text)

    def _refuse(self, *_: object) -> None:
        raise UnreadableError(
            f"{self._where}: declares an entity, which no file of SPECS does; it is not read"
        )
