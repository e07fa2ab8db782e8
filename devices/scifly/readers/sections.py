"""Headers as sections of names and texts, within limits: whatever a file holds, memory is bounded."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

from scifly.readers.header_text import MAX_TEXT, number_or_text

MAX_KEPT = 2_000_000  # bytes, about, of all texts of a file together
_OVERHEAD = 64  # bytes that each entry costs beside its characters
_LONGEST_NAME = 200  # characters
_LONGEST_TIME = 40  # characters
_FORMS = (
    "%m/%d/%y %H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%b-%d %H:%M:%S",
)


class Sections:
    """Sections by name, each name -> text; what is beyond the limit is left out, and `too_long` says so."""

    def __init__(self) -> None:
        self.sections: dict[str, dict[str, str]] = {}
        self.too_long = False
        self._kept = 0

    def put(self, section: str, name: str, text: str, *, again: bool = False) -> None:
        """Keep a text; `again`: a name that comes again adds a line, else the last text counts."""
        name, text = name[:_LONGEST_NAME], text[:MAX_TEXT]
        self._kept += len(name) + len(text) + _OVERHEAD
        if self._kept > MAX_KEPT:
            self.too_long = True
            return
        kept = self.sections.setdefault(section[:_LONGEST_NAME], {})
        kept[name] = f"{kept[name]}\n{text}"[:MAX_TEXT] if again and kept.get(name) else text

    def metadata(self, units: Mapping[str, str], texts: Iterable[str] = ()) -> dict[str, dict[str, Any]]:
        """Return all as group -> name -> leaf; `units` by name, `texts` are never numbers."""
        texts = frozenset(texts)
        return {
            section: {
                name: leaf(text, unit=units.get(name, ""), is_text=name in texts)
                for name, text in kept.items()
            }
            for section, kept in self.sections.items()
        }

    def problems(self) -> tuple[str, ...]:
        """Return what was left out."""
        if not self.too_long:
            return ()
        return (f"the header is longer than {MAX_KEPT // 1_000_000} MB; its rest was left out",)


def leaf(text: str, *, unit: str = "", is_text: bool = False) -> Any:
    """Return a text as the number that it is, with its unit; else as it is."""
    value = text[:MAX_TEXT] if is_text else number_or_text(text)
    return {"value": value, "unit": unit} if unit and not isinstance(value, str) else value


def moment(text: str) -> datetime | None:
    """Return a time as an instrument writes it, with a zone where it ends with ``UTC``; None: it is none."""
    text = text.strip()[:_LONGEST_TIME]
    is_utc = text.endswith("UTC")
    text = text.removesuffix("UTC").strip().partition(".")[0]
    for form in _FORMS:
        try:
            found = datetime.strptime(text, form)  # noqa: DTZ007 - the property TimeZone tells where that is
        except ValueError:
            continue
        return found.replace(tzinfo=timezone.utc) if is_utc else found
    return None


class Span:
    """The first and the last of the times that a file tells; those with a zone count where lines disagree."""

    def __init__(self) -> None:
        self.first: datetime | None = None
        self.last: datetime | None = None

    def add(self, time: datetime | None) -> None:
        """Take a time; None: there is none."""
        if time is None:
            return
        if self.first is None or self.last is None or (time.tzinfo is not None and self.first.tzinfo is None):
            self.first = self.last = time
        elif (time.tzinfo is None) == (self.first.tzinfo is None):
            self.first, self.last = min(self.first, time), max(self.last, time)
