"""Which datasets a group sees and a proposal has, by time: so a list of a million is quick.

SQLite has no index over the members of a list. So triggers keep a table of words (``group:g1``,
``proposal:20260001``, ``public:``), each with the creation times and numbers of its datasets.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from minicat.query.json_field import Moment, Sql

PUBLIC = "public:"
_KEPT = ("$.creationTime", "$.ownerGroup", "$.accessGroups", "$.isPublished", "$.proposalIds")
_BOUNDS = {"$gt": ">", "$gte": ">=", "$lt": "<", "$lte": "<="}
_MOST_WORDS = 400  # SQLite merges up to 500 selections


def group_word(group: str) -> str:
    """Return the word of the datasets that `group` owns or may see."""
    return f"group:{group}"


def _words(row: str, table: str = "") -> str:
    """Return the selection of the words of `row`: a trigger's, or each of `table`."""
    found = f"json_extract({row}.doc, '$.creationTime') AS moment, {row}.number AS number"
    rows, members = (f" FROM {table}", f"{table}, ") if table else ("", "")
    parts = (
        f"'group:' || json_extract({row}.doc, '$.ownerGroup') AS word, {found}{rows}",
        f"'group:' || value, {found} FROM {members}json_each({row}.doc, '$.accessGroups')",
        f"'public:', {found}{rows} WHERE json_extract({row}.doc, '$.isPublished') = 1",
        f"'proposal:' || value, {found} FROM {members}json_each({row}.doc, '$.proposalIds')",
    )
    return " UNION ".join(f"SELECT {part}" for part in parts)


def _kept(row: str) -> str:
    paths = ", ".join(f"'{path}'" for path in _KEPT)
    return f"json_extract({row}.doc, {paths})"


def _add(words: str) -> str:
    whole = "word IS NOT NULL AND moment IS NOT NULL"
    return f"INSERT OR IGNORE INTO lookup SELECT * FROM ({words}) WHERE {whole};"  # noqa: S608 - our own words


_REMOVE = f"DELETE FROM lookup WHERE (word, moment, number) IN (SELECT * FROM ({_words('old')}));"  # noqa: S608
TRIGGERS = ("lookup_added", "lookup_removed", "lookup_changed")
REMOVE = (*(f"DROP TRIGGER IF EXISTS {name}" for name in TRIGGERS), "DROP TABLE IF EXISTS lookup")
"""What takes away the words of an older minicat, which named pids."""
PREPARE = (
    "CREATE TABLE IF NOT EXISTS lookup (word TEXT, moment TEXT, number INTEGER, "
    "PRIMARY KEY (word, moment, number)) WITHOUT ROWID",
    f"CREATE TRIGGER IF NOT EXISTS lookup_added AFTER INSERT ON dataset BEGIN {_add(_words('new'))} END",
    f"CREATE TRIGGER IF NOT EXISTS lookup_removed AFTER DELETE ON dataset BEGIN {_REMOVE} END",
    f"CREATE TRIGGER IF NOT EXISTS lookup_changed AFTER UPDATE OF doc ON dataset "
    f"WHEN {_kept('old')} IS NOT {_kept('new')} BEGIN {_REMOVE} {_add(_words('new'))} END",
    "CREATE INDEX IF NOT EXISTS dataset_created ON dataset (json_extract(doc, '$.\"creationTime\"'))",
    "CREATE INDEX IF NOT EXISTS dataset_updated ON dataset (json_extract(doc, '$.\"updatedAt\"'))",
)
FILL = _add(_words("dataset", "dataset"))
"""What gives a database from before this table its words."""


def marked(words: list[str], where: Mapping[str, Any]) -> Sql:
    """Return SQL that gives time and number of the datasets of any of the words, some of them twice."""
    bounds = list(time_bounds(where))
    test = "".join(f" AND moment {sign} ?" for sign, _ in bounds)
    marks = ", ".join("?" * len(words))
    return (
        f"SELECT moment, number FROM lookup WHERE word IN ({marks}){test}",  # noqa: S608 - values are parameters
        [*words, *(text for _, text in bounds)],
    )


def walk(words: list[str], where: Mapping[str, Any], *, down: bool) -> Sql | None:
    """Return SQL that gives the numbers of any of the words by creation time; None: too many words."""
    if not 0 < len(words) <= _MOST_WORDS:
        return None
    bounds = list(time_bounds(where))
    test = "word = ?" + "".join(f" AND moment {sign} ?" for sign, _ in bounds)
    one = f"SELECT number, moment FROM lookup WHERE {test}"  # noqa: S608 - values are parameters
    order = "DESC" if down else "ASC"
    parameters: list[object] = [one for word in words for one in (word, *(text for _, text in bounds))]
    joined = " UNION ".join([one] * len(words))
    return f"{joined} ORDER BY moment {order}, number {order}", parameters


def proposal_words(where: Mapping[str, Any]) -> list[str] | None:
    """Return the words of the proposals that `where` is bound to, or None when it is not."""
    for condition in conditions(where):
        wanted = condition.get("proposalIds")
        chosen = wanted.get("$in") if isinstance(wanted, dict) else wanted
        listed = chosen if isinstance(chosen, list) else [chosen]
        if listed and all(isinstance(one, str) for one in listed):
            return [f"proposal:{one}" for one in dict.fromkeys(listed)]
    return None


def time_bounds(where: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give what `creationTime` must be: a sign of SQL, such as ``<``, and a time."""
    for condition in conditions(where):
        wanted = condition.get("creationTime")
        for word, value in wanted.items() if isinstance(wanted, dict) else ():
            if word in _BOUNDS and isinstance(value, Moment):
                yield _BOUNDS[word], value.text


def conditions(where: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Give `where` and all that must hold together with it, each with its fields."""
    yield where
    for part in where.get("$and") or ():
        if isinstance(part, dict):
            yield from conditions(part)
