"""One field of a JSON document in a condition, as SQL; reaches into lists as MongoDB does."""

import json
import re
import sqlite3
from dataclasses import dataclass
from functools import lru_cache

from minicat.errors import bad_request

Sql = tuple[str, list[object]]
_NOTHING: Sql = ("0", [])
_INDEXED = frozenset({"creationTime", "updatedAt"})  # always one text: SQLite can look them up
_LARGEST = 1.7976931348623157e308
LONGEST = 200
"""So many characters of a text are sorted by."""
# Of a list its first member that is not null; an object is none, and one within a list is the least text.
_SORTED = (
    "CASE json_type(doc, ?) WHEN 'object' THEN NULL "  # noqa: S608 - our own number
    f"WHEN 'text' THEN substr(json_extract(doc, ?), 1, {LONGEST}) "
    f"WHEN 'array' THEN (SELECT CASE m.type WHEN 'text' THEN substr(m.atom, 1, {LONGEST}) "
    "WHEN 'array' THEN '' WHEN 'object' THEN '' ELSE m.atom END "
    "FROM json_each(doc, ?) m WHERE m.type <> 'null' LIMIT 1) "
    "ELSE json_extract(doc, ?) END"
)
_REGEX_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE}


@dataclass(frozen=True)
class Moment:
    """A time in a condition, which matches only fields that hold times; `text` is its canonical form."""

    text: str


@dataclass(frozen=True)
class JsonField:
    """A dotted name, as it is stored: the steps of metadata are URL-encoded."""

    name: str
    is_time: bool = False

    @property
    def path(self) -> str:
        """Return the field's path in SQLite's words."""
        return _path(self._steps)

    @property
    def extract(self) -> Sql:
        """Return the field as SQL; where there is an index on it, in the words of the index."""
        if self.name in _INDEXED:
            return f"json_extract(doc, '{self.path}')", []
        return "json_extract(doc, ?)", [self.path]

    @property
    def sorted(self) -> Sql:
        """Return what the field is sorted by, as SQL: what its row has in `minicat.query.items`."""
        if self.name in _INDEXED:
            return self.extract
        return _SORTED, [self.path] * 4

    def compares(self, operator: str, operand: object) -> Sql:
        """Return the condition that some value of the field is `operator` (such as ``<``) `operand`."""
        if operand is None:
            return self._is_null() if operator == "=" else _NOTHING
        if isinstance(operand, bool):
            kind = "true" if operand else "false"
            return self._some("v.type = ?", [kind]) if operator == "=" else _NOTHING
        if isinstance(operand, int | float):
            return self._some(
                f"v.type IN ('integer', 'real') AND v.value {operator} ?", [sql_number(operand)]
            )
        if isinstance(operand, Moment | str):
            return self._compares_text(operator, operand)
        if operator != "=":
            return _NOTHING
        # A time inside of an object equals no text, as in MongoDB: it is written as nothing stored is.
        text = json.dumps(operand, separators=(",", ":"), ensure_ascii=False, default=repr)
        return "json_extract(doc, ?) = ?", [self.path, text]

    def matches(self, pattern: object, options: str) -> Sql:
        """Return the condition that some text of the field has `pattern`. Raises ApiError 400."""
        if isinstance(pattern, Moment):
            return _NOTHING
        if not isinstance(pattern, str):
            raise bad_request(f"where.{self.name}: $regex needs a text (it is {pattern!r:.60})")
        try:
            _compiled(pattern, options)
        except (re.error, OverflowError, RecursionError) as error:
            raise bad_request(
                f"where.{self.name}: {pattern!r:.60} is no regular expression ({error})"
            ) from error
        return self._some("v.type = 'text' AND found(?, ?, v.value)", [pattern, options])

    def exists(self, wanted: bool) -> Sql:
        """Return the condition that the field is there, or that it is not."""
        return f"json_type(doc, ?) IS {'NOT ' if wanted else ''}NULL", [self.path]

    @property
    def _steps(self) -> list[str]:
        return self.name.split(".")

    def _compares_text(self, operator: str, operand: Moment | str) -> Sql:
        if isinstance(operand, Moment) != self.is_time:
            return _NOTHING
        text = operand.text if isinstance(operand, Moment) else operand
        if self.name in _INDEXED:
            return f"{self.extract[0]} {operator} ?", [text]
        return self._some(f"v.type = 'text' AND v.value {operator} ?", [text])

    def _is_null(self) -> Sql:
        sql, parameters = self._some("v.type = 'null'", [])
        return f"(json_type(doc, ?) IS NULL OR {sql})", [self.path, *parameters]

    def _some(self, test: str, parameters: list[object]) -> Sql:
        """Return the condition that the value ``v``, or a member of a list, passes `test`."""
        steps = self._steps
        whole = f"(json_type(doc, ?) <> 'object' AND EXISTS (SELECT 1 FROM json_each(doc, ?) v WHERE {test}))"  # noqa: S608 - values are parameters
        found: Sql = whole, [self.path, self.path, *parameters]
        if len(steps) == 1:
            return found
        member = "CASE m.type WHEN 'object' THEN m.value ELSE '{}' END"
        inside = (
            "(json_type(doc, ?) = 'array' AND EXISTS (SELECT 1 FROM json_each(doc, ?) m, "  # noqa: S608 - values are parameters
            f"json_each({member}, ?) v WHERE {test}))"
        )
        first = _path(steps[:1])
        return f"({found[0]} OR {inside})", [*found[1], first, first, _path(steps[1:]), *parameters]


def register_functions(database: sqlite3.Connection) -> None:
    """Give SQLite the function that `JsonField.matches` needs."""
    database.create_function("found", 3, _found, deterministic=True)


def _path(steps: list[str]) -> str:
    # SQLite's paths have no way to write a quotation mark: such a name is not found.
    return "$" + "".join('."' + step.replace('"', "\ufffd").replace("\0", "\ufffd") + '"' for step in steps)


def sql_number(operand: int | float) -> float:
    """Return a number as SQLite can hold it: beyond 64 bits it is a float, as large as that can be."""
    if -(2**63) <= operand < 2**63:
        return operand
    return float(max(-_LARGEST, min(_LARGEST, operand)))


def _found(pattern: str, options: str, text: str) -> bool:
    return _compiled(pattern, options).search(text) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str, options: str) -> re.Pattern[str]:
    flags = 0
    for flag in options:
        flags |= _REGEX_FLAGS.get(flag, 0)
    return re.compile(pattern, flags)
