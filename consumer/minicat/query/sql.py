"""MongoDB's conditions, as SciCat's filters use them, as SQL over a table of JSON documents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from minicat.errors import bad_request
from minicat.query.json_field import JsonField, Sql

_DEEPEST = 20
_PLAIN = {"$eq": "=", "$gt": ">", "$gte": ">=", "$lt": "<", "$lte": "<="}
_OPERATORS = sorted([*_PLAIN, "$all", "$exists", "$in", "$ne", "$nin", "$not", "$regex"])


@dataclass(frozen=True)
class Query:
    """What to look for: `where` in MongoDB's words; `times` names the fields that hold times.

    `words`, where there are any, are those of the lookup table by one of which every dataset is found.
    """

    where: Mapping[str, Any] = field(default_factory=dict)
    times: frozenset[str] = frozenset()
    order: tuple[tuple[str, bool], ...] = ()
    limit: int | None = None
    skip: int = 0
    words: tuple[str, ...] = ()

    def select(self, table: str) -> Sql:
        """Return the SQL that lists the documents of `table`. Raises ApiError 400."""
        return self.among(table, [], table=table)

    def among(
        self, source: str, parameters: list[object], *, table: str = "dataset", is_ordered: bool = False
    ) -> Sql:
        """Return the SQL that lists the documents of `source`, which is `table` or a join with it.

        `is_ordered`: the source gives them in the order that is asked. Raises ApiError 400.
        """
        sql, values = _all_of(self.where, self.times, 0)
        order, paths = ("", []) if is_ordered else self._ordered(table)
        limit = -1 if self.limit is None else self.limit
        return (
            f"SELECT doc FROM {source} WHERE {sql} {order}LIMIT ? OFFSET ?",  # noqa: S608 - values are parameters
            [*parameters, *values, *paths, limit, self.skip],
        )

    def _ordered(self, table: str) -> Sql:
        """Return the order as SQL; datasets of the same value follow by time, and then as they were made."""
        names = [name for name, _ in self.order]
        by_value = table == "dataset" and names and names[0] not in ("creationTime", "updatedAt")
        last = self.order[-1:] if table == "dataset" else ()
        sorts = [(JsonField(name).sorted, _way(down)) for name, down in self.order]
        sorts += [(JsonField("creationTime").sorted, _way(down)) for _, down in last if by_value]
        sorts += [((f"{table}.rowid", []), _way(down)) for _, down in last or (("", False),)]
        order = ", ".join(f"{sql} {way}" for (sql, _), way in sorts)
        return f"ORDER BY {order} ", [path for (_, paths), _ in sorts for path in paths]

    def count(self, table: str) -> Sql:
        """Return the SQL that counts the documents of `table`. Raises ApiError 400."""
        sql, parameters = _all_of(self.where, self.times, 0)
        return f"SELECT count(*) FROM {table} WHERE {sql}", parameters  # noqa: S608 - values are parameters


def _way(down: bool) -> str:
    return "DESC" if down else "ASC"


def _all_of(where: Mapping[str, Any], times: frozenset[str], depth: int) -> Sql:
    if depth > _DEEPEST:
        raise bad_request(f"where: is nested deeper than {_DEEPEST}; simplify it")
    return _joined(" AND ", [_one(name, value, times, depth) for name, value in where.items()])


def _joined(word: str, parts: Sequence[Sql]) -> Sql:
    if not parts:
        return "1", []
    return f"({word.join(sql for sql, _ in parts)})", [one for _, parameters in parts for one in parameters]


def _one(name: str, value: object, times: frozenset[str], depth: int) -> Sql:
    if name in ("$and", "$or", "$nor"):
        parts = [_all_of(part, times, depth + 1) for part in _conditions(name, value)]
        sql, parameters = _joined(" AND " if name == "$and" else " OR ", parts)
        return (f"NOT {sql}" if name == "$nor" else sql), parameters
    if name == "$text":
        return _text_search(value)
    if name.startswith("$"):
        raise bad_request(f"where: operator {name} is not known here; use $and, $or, $nor or $text")
    return _on_field(JsonField(name, name in times), value, depth)


def _conditions(name: str, value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not value or not all(isinstance(part, dict) for part in value):
        raise bad_request(f"where.{name}: needs a list of conditions")
    return value


def _on_field(one: JsonField, value: object, depth: int) -> Sql:
    if isinstance(value, dict) and any(name.startswith("$") for name in value):
        options = str(value.get("$options", ""))
        names = [name for name in value if name != "$options"]
        return _joined(" AND ", [_operator(one, name, value[name], options, depth) for name in names])
    return one.compares("=", value)


def _operator(one: JsonField, name: str, operand: Any, options: str, depth: int) -> Sql:
    if name in _PLAIN:
        return one.compares(_PLAIN[name], operand)
    if name == "$regex":
        return one.matches(operand, options)
    if name == "$exists":
        return one.exists(bool(operand))
    if name == "$ne":
        return _negated(one.compares("=", operand))
    if name in ("$in", "$nin", "$all"):
        return _with_list(one, name, operand)
    if name == "$not" and isinstance(operand, dict) and depth < _DEEPEST:
        return _negated(_on_field(one, operand, depth + 1))
    raise bad_request(f"where.{one.name}: operator {name} is not known; use one of {', '.join(_OPERATORS)}")


def _with_list(one: JsonField, name: str, operand: object) -> Sql:
    if not isinstance(operand, list):
        raise bad_request(f"where.{one.name}: {name} needs a list (it is {operand!r:.60})")
    parts = [one.compares("=", value) for value in operand]
    found = _joined(" AND " if name == "$all" else " OR ", parts) if parts else ("0", [])
    return _negated(found) if name == "$nin" else found


def _negated(part: Sql) -> Sql:
    return f"NOT {part[0]}", part[1]


def _text_search(value: object) -> Sql:
    """Find any of the words in any text of the document; MongoDB would also take word stems."""
    words = value.get("$search") if isinstance(value, dict) else value
    if not isinstance(words, str):
        raise bad_request("where.$text: needs a text to search")
    test = "EXISTS (SELECT 1 FROM json_tree(doc) t WHERE t.type = 'text' AND instr(lower(t.value), ?))"
    return _joined(" OR ", [(test, [word.lower()]) for word in words.split()])
