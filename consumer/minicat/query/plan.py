"""How the datasets of a query are found: among a few that may be meant, or in the order that is asked.

Else each document is read, which takes ten seconds for 250,000.
"""

from collections.abc import Callable
from typing import Any

from pydantic_core import to_json

from minicat.query.items import OPEN, moment_number
from minicat.query.json_field import Sql
from minicat.query.lookup import conditions, proposal_words, time_bounds, walk
from minicat.query.narrow import Branches, is_kept, narrowed, rows
from minicat.query.sql import Query

Run = Callable[[str, list[object]], list[tuple[Any, ...]]]
FEW = 10_000
"""So many documents are read and sorted in a tenth of a second."""
_MOMENT = "json_extract(doc, '$.\"creationTime\"')"
_IDS = "(SELECT id FROM field WHERE name = ?)"


def select_datasets(query: Query, run: Run, follow: Callable[[], None], few: int) -> Sql:
    """Return the SQL that lists the datasets of `query`. Raises ApiError 400.

    `run` asks the database, `follow` brings the rows of items up to date, `few` datasets may be sorted.
    """
    names = [name for name, _ in query.order]
    if names == ["updatedAt"]:  # what changed: SQLite's own index of it
        return query.select("dataset")
    by_time = names == ["creationTime"]
    branches = narrowed(query.where)
    tests = [*map(rows, branches), *_of_documents(query, by_time=by_time or bool(branches))]
    words = proposal_words(query.where) or list(query.words)
    walked = walk(words, query.where, down=not by_time or query.order[0][1])
    if tests or not by_time:
        follow()
        among = _among_few(query, tests, walked, run, few)
        if among is not None:
            return among
    if by_time:
        return _by_time(query, branches, tests, walked)
    return _by_value(query, tests, run) if len(names) == 1 else query.select("dataset")


def _among_few(query: Query, tests: list[Sql], walked: Sql | None, run: Run, few: int) -> Sql | None:
    """Return the SQL that looks at `few` datasets, which are sorted; None: there are more."""
    by_time = [name for name, _ in query.order] == ["creationTime"]
    chosen = _chosen(tests, run, few)
    most = few if chosen is None else len(chosen)
    if walked is not None and most > few // 20 and _number_of(walked, most, run) < most:
        return _join(query, walked, "dataset.id = lead.id", is_ordered=by_time)
    if chosen is None:
        return None
    ordered = sorted(chosen, reverse=by_time and query.order[0][1])
    numbers = to_json([number for _, number in ordered]).decode()
    lead: Sql = "SELECT value AS number FROM json_each(?)", [numbers]
    return _join(query, lead, "dataset.number = lead.number", is_ordered=by_time)


def _by_time(query: Query, branches: list[Branches], tests: list[Sql], walked: Sql | None) -> Sql:
    """Return the SQL that looks at datasets by time: those of the first condition, else of the words."""
    if branches:
        way = _way(query.order[0][1])
        lead = rows(branches[0], order=f" ORDER BY moment {way}, number {way} LIMIT -1")
        return _join(query, lead, *_within(tests[1:]), is_ordered=True)
    if walked is not None:
        return _join(query, walked, "dataset.id = lead.id", is_ordered=True)
    return query.select("dataset")


def _by_value(query: Query, tests: list[Sql], run: Run) -> Sql:
    """Return the SQL that looks at datasets in the order of a field's values, where there are rows of it."""
    name, down = query.order[0]
    if name == "pid":
        lead: Sql = f"SELECT number FROM dataset ORDER BY id {_way(down)} LIMIT -1", []  # noqa: S608
    elif is_kept(name):
        lead = _values(name, down, run)
    else:
        return query.select("dataset")
    return _join(query, lead, *_within(tests), is_ordered=True)


def _of_documents(query: Query, *, by_time: bool) -> list[Sql]:
    """Return SQL that gives the datasets of a list of pids, and of a range of times unless others heed it."""
    found: list[Sql] = []
    for condition in conditions(query.where):
        wanted = condition.get("pid")
        pids = wanted.get("$in") if isinstance(wanted, dict) else [wanted]
        if isinstance(pids, list) and pids and all(isinstance(one, str) for one in pids):
            marks = ", ".join("?" * len(pids))
            found.append((f"SELECT {_MOMENT}, number FROM dataset WHERE id IN ({marks})", list(pids)))  # noqa: S608
    bounds = list(time_bounds(query.where))
    if bounds and not by_time:
        test = " AND ".join(f"{_MOMENT} {sign} ?" for sign, _ in bounds)
        found.append((f"SELECT 0, number FROM dataset WHERE {test}", [text for _, text in bounds]))  # noqa: S608
    return found


def _chosen(tests: list[Sql], run: Run, most: int) -> set[tuple[int, int]] | None:
    """Return time and number of the datasets that pass all tests which few pass; None: many pass each."""
    few: list[set[int]] = []
    moments: dict[int, int] = {}
    for sql, parameters in tests:
        found = run(f"{sql} LIMIT {most + 1}", parameters)
        if len(found) <= most:
            few.append({number for _, number in found})
            moments |= {number: moment_number(moment) for moment, number in found if moment}
    return {(moments.get(one, 0), one) for one in set.intersection(*few)} if few else None


def _number_of(walked: Sql, most: int, run: Run) -> int:
    number: int = run(f"SELECT count(*) FROM (SELECT 1 FROM ({walked[0]}) LIMIT {most})", walked[1])[0][0]  # noqa: S608
    return number


def _values(name: str, down: bool, run: Run) -> Sql:
    """Return SQL that gives all datasets by the value of a field; those without one are the lowest."""
    ids: list[object] = [name, name + OPEN]
    have = f"item WHERE field IN ({_IDS}, {_IDS})"
    way = _way(down)
    one = f"SELECT value, moment, number FROM item WHERE field = {_IDS}"  # noqa: S608
    order = f"ORDER BY value {way}, moment {way}, number {way} LIMIT -1"
    with_it: Sql = f"SELECT number FROM ({one} UNION ALL {one} {order})", ids  # noqa: S608
    number, everything = run(f"SELECT (SELECT count(*) FROM {have}), (SELECT count(*) FROM dataset)", ids)[0]  # noqa: S608
    if number == everything:
        return with_it
    without: Sql = f"SELECT number FROM dataset WHERE number NOT IN (SELECT number FROM {have})", ids  # noqa: S608
    parts = [with_it, without] if down else [without, with_it]
    return " UNION ALL ".join(sql for sql, _ in parts), [one for _, many in parts for one in many]


def _within(tests: list[Sql]) -> tuple[str, list[object]]:
    """Return the condition that joins a lead with the datasets that pass all tests; its parameters."""
    parts = [f"lead.number IN (SELECT number FROM ({sql}))" for sql, _ in tests]  # noqa: S608
    return " AND ".join(["dataset.number = lead.number", *parts]), [one for _, many in tests for one in many]


def _join(query: Query, lead: Sql, on: str, values: list[object] | None = None, *, is_ordered: bool) -> Sql:
    """Return the SQL that reads the datasets which a selection leads to, in its order."""
    source = f"({lead[0]}) AS lead CROSS JOIN dataset ON {on}"
    return query.among(source, [*lead[1], *(values or [])], is_ordered=is_ordered)


def _way(down: bool) -> str:
    return "DESC" if down else "ASC"
