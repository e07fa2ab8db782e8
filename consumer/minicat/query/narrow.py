"""What a condition asks of the rows of items: SQL that gives all datasets that may fulfil it, few others.

The document decides: a condition that no row can answer (`$ne`, `$exists`, null) only makes it slower.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from minicat.query.items import FIELDS, LEFT_OUT, METADATA, OPEN, moment_number
from minicat.query.json_field import Moment, Sql, sql_number
from minicat.query.lookup import time_bounds

_SIGNS = {"$eq": "=", "$gt": ">", "$gte": ">=", "$lt": "<", "$lte": "<="}
_OF_FIELD = "field = (SELECT id FROM field WHERE name = ?)"
_MOST_BRANCHES = 20
_LONGEST_LIKE = 10_000
_LITERAL = re.compile(r"(?:[^\\.^$*+?{}\[\]|()]|\\[^\w\s])*")  # a text, in which signs may stand behind \
_GROUP = re.compile(r"\(\?:(.*)\)", re.DOTALL)


class Branch(NamedTuple):
    """A test of the rows of a field, in SQL; without a test all of its rows are meant."""

    field: str
    test: str
    parameters: list[object]


Branches = list[Branch]
"""A dataset may fulfil a condition when it has a row that passes one of its branches."""


def narrowed(where: Mapping[str, Any]) -> list[Branches]:
    """Return the branches of each condition of `where` that the rows can answer; all must be fulfilled."""
    bounds, moments = _bounds(where)
    return [
        [Branch(name, test + bounds, [*parameters, *moments]) for name, test, parameters in branches]
        for branches in _conditions(where)
    ]


def rows(branches: Branches) -> Sql:
    """Return SQL that gives `moment` and `number` of the rows, those of several branches several times."""
    return _joined("moment, number", " UNION ALL ", branches)


def rows_by_value(branches: Branches, way: str) -> Sql:
    """Return SQL that gives `value`, `moment` and `number` of the rows, each once, in this order."""
    sql, parameters = _joined("value, moment, number", " UNION ", branches)
    return f"{sql} ORDER BY value {way}, moment {way}, number {way}", parameters


def any_value(name: str) -> Branches:
    """Return the branches of all that have a value of a field."""
    return [Branch(name, "", []), Branch(name + OPEN, "", [])]


def is_kept(name: str) -> bool:
    """Tell whether there are rows of a field."""
    first, *steps = name.split(".")
    return name in FIELDS or (first == METADATA and steps != [] and LEFT_OUT.isdisjoint(steps))


def _conditions(where: Mapping[str, Any]) -> Iterator[Branches]:
    for name, value in where.items():
        if name == "$and":
            for part in value if isinstance(value, list) else ():
                yield from _conditions(part) if isinstance(part, dict) else ()
        elif name == "$or":
            yield from _any_of(value)
        elif is_kept(name):
            tests = list(_tests(value))
            if tests:
                yield _branches(name, tests[0])


def _any_of(parts: object) -> Iterator[Branches]:
    """Give the branches of an `$or`, when each of its parts has some."""
    each = [next(_conditions(part), None) if isinstance(part, dict) else None for part in _listed(parts)]
    found = [one for one in each if one is not None]
    if len(found) == len(each) and 0 < sum(map(len, found)) <= _MOST_BRANCHES:
        yield [test for branches in found for test in branches]


def _branches(name: str, tests: list[Sql]) -> Branches:
    of_field = [Branch(name, f" AND {test}", parameters) for test, parameters in tests]
    return [*of_field, Branch(name + OPEN, "", [])]


def _tests(value: object) -> Iterator[list[Sql]]:
    """Give the tests of a row's value for each word of a condition on a field that a row can answer."""
    if not isinstance(value, dict) or not any(word.startswith("$") for word in value):
        value = {"$eq": value}
    if _SIGNS.keys() >= value.keys() and len(value) > 1:  # a range: one test of both its ends
        tests = [_compared(_SIGNS[word], one) for word, one in value.items()]
        whole = [one for one in tests if one is not None]
        if len(whole) == len(tests):
            yield [(" AND ".join(sql for sql, _ in whole), [one for _, many in whole for one in many])]
        return
    for word, operand in value.items():
        if word in _SIGNS:
            test = _compared(_SIGNS[word], operand)
            if test is not None:
                yield [test]
        elif word == "$in":
            wanted = [one for one in _listed(operand) if not isinstance(one, Moment)]
            equal = [one for one in (_compared("=", one) for one in wanted) if one is not None]
            if 0 < len(equal) == len(wanted) <= _MOST_BRANCHES:
                yield equal
            elif 0 < len(equal) == len(wanted):
                yield [(f"value IN ({', '.join('?' * len(equal))})", [one for _, [one] in equal])]
        elif word == "$regex" and isinstance(operand, str):
            yield [_matched(operand, str(value.get("$options", "")))]


def _compared(sign: str, operand: object) -> Sql | None:
    """Return the test that a row's value is `sign` `operand`: numbers come before texts in the index."""
    if isinstance(operand, bool):
        return ("value = ?", [int(operand)]) if sign == "=" else None
    if isinstance(operand, int | float):
        return f"value {sign} ?{' AND value < ?' if '>' in sign else ''}", [
            sql_number(operand),
            *([""] if ">" in sign else []),
        ]
    if isinstance(operand, str):
        return f"value {sign} ?{' AND value >= ?' if '<' in sign else ''}", [
            operand,
            *([""] if "<" in sign else []),
        ]
    return None


def _matched(pattern: str, options: str) -> Sql:
    """Return the test of a pattern; one that is a text goes to LIKE, ten times as fast."""
    group = _GROUP.fullmatch(pattern)
    inner = group[1] if group else pattern
    is_text = inner.isascii() and len(inner) < _LONGEST_LIKE and _LITERAL.fullmatch(inner) is not None
    if options != "i" or not is_text:
        return "value >= '' AND found(?, ?, value)", [pattern, options]
    text = re.sub(r"\\(.)", r"\1", inner, flags=re.DOTALL)
    like = "%" + re.sub(r"([%_!])", r"!\1", text) + "%"
    # Python also takes the sign of Kelvin for a k: where a value is not ASCII, the pattern decides.
    other = "length(value) < length(CAST(value AS BLOB)) AND found(?, ?, value)"
    return f"value >= '' AND (value LIKE ? ESCAPE '!' OR ({other}))", [like, pattern, options]


def _bounds(where: Mapping[str, Any]) -> Sql:
    signs = [(f" AND moment {sign} ?", moment_number(text)) for sign, text in time_bounds(where)]
    return "".join(sql for sql, _ in signs), [one for _, one in signs]


def _joined(columns: str, word: str, branches: Branches) -> Sql:
    selects = [f"SELECT {columns} FROM item WHERE {_OF_FIELD}{one.test}" for one in branches]  # noqa: S608 - values are parameters
    return word.join(selects), [value for one in branches for value in (one.field, *one.parameters)]


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
