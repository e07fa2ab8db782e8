"""How the datasets of a query are found, without a look at each document, which takes seconds.

1. Where only few datasets can be meant by one of the conditions, these are read.
2. Else the first datasets in the order that is asked are read: what many fulfil fills the page.
3. Else those that the rows of all conditions choose are read, in the order that is asked.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pydantic_core import to_json

from minicat.query.items import moment_number
from minicat.query.json_field import JsonField, Sql
from minicat.query.lookup import conditions, marked, proposal_words, time_bounds
from minicat.query.narrow import narrowed, rows
from minicat.query.order import Order, Run, many, order_of
from minicat.query.sql import Query

FIRST = 1_000
"""So many documents are read and tested in a twentieth of a second."""
FEW = 20_000
"""So many rows are read in some milliseconds."""
_MANY = 100_000
_MOMENT = JsonField("creationTime").extract[0]
_TIMED = f"SELECT {_MOMENT} AS moment, number FROM dataset WHERE"  # noqa: S608 - our own field
_LED = "(SELECT value AS number FROM json_each(?)) AS lead CROSS JOIN dataset ON dataset.number = lead.number"

Documents = list[tuple[str]]


@dataclass(frozen=True)
class Search:
    """A search for the datasets of `query`; `run` asks the database.

    `first` datasets are looked at in the order that is asked; what `few` fulfil is not looked for in it.
    """

    query: Query
    run: Run
    first: int = FIRST
    few: int = FEW

    def found(self, follow: Callable[[], None]) -> Documents:
        """Return the documents, in their order; `follow` brings the rows of items up to date.

        Raises ApiError 400.
        """
        names = [name for name, _ in self.query.order]
        if names == ["updatedAt"]:  # what changed: SQLite's own index of it
            return self.run(*self.query.select("dataset"))
        branches = narrowed(self.query.where)
        if branches or names not in ([], ["creationTime"]):
            follow()
        words = proposal_words(self.query.where) or list(self.query.words)
        of_words = [marked(words, self.query.where)] if words else []
        others = self._of_documents(with_times=not branches and names != ["creationTime"])
        chosen = self._few([*of_words, *others, *map(rows, branches)])
        order = order_of(self.query, words, branches, self.run, self.few)
        if order is None:
            return self.run(*self.query.select("dataset")) if chosen is None else self._sorted(chosen)
        if chosen is not None:
            return self._of_few(order, chosen)
        found = self._of_the_first(order, is_narrowed=bool(branches or others))
        if found is None:
            tests = [*others, *(rows(one) for one in branches if one is not order.heeded)]
            found = self._in_order(order, self._passing(tests, of_words))
        return found

    def _of_documents(self, *, with_times: bool) -> list[Sql]:
        """Return SQL that gives the datasets of a list of pids, and those of a range of times."""
        found: list[Sql] = []
        for condition in conditions(self.query.where):
            wanted = condition.get("pid")
            pids = wanted.get("$in") if isinstance(wanted, dict) else [wanted]
            if isinstance(pids, list) and pids and all(isinstance(one, str) for one in pids):
                found.append((f"{_TIMED} id IN ({', '.join('?' * len(pids))})", list(pids)))
        bounds = list(time_bounds(self.query.where)) if with_times else []
        if bounds:
            test = " AND ".join(f"{_MOMENT} {sign} ?" for sign, _ in bounds)
            found.append((f"{_TIMED} {test}", [text for _, text in bounds]))
        return found

    def _few(self, tests: list[Sql]) -> dict[int, int] | None:
        """Return number and time of what passes all tests which few datasets pass; None: many pass each."""
        chosen: dict[int, int] | None = None
        for sql, parameters in tests:
            found = self.run(f"{sql} LIMIT {self.few + 1}", parameters)
            if len(found) <= self.few:
                these = {number: moment_number(moment) for moment, number in found}
                chosen = these if chosen is None else {one: these[one] for one in chosen if one in these}
                if len(chosen) <= self.first:
                    break
        return chosen

    def _of_few(self, order: Order, chosen: dict[int, int]) -> Documents:
        if order.name != "creationTime":
            return self._in_order(order, set(chosen))
        return self._read(sorted(chosen, key=lambda one: (chosen[one], one), reverse=order.down))

    def _of_the_first(self, order: Order, *, is_narrowed: bool) -> Documents | None:
        """Return what is found when only the first datasets are looked at; None: there may be more."""
        if self.query.limit is None:
            return None
        wanted = self.query.skip + self.query.limit
        if is_narrowed and wanted > self.first:
            return None
        most = min(wanted, _MANY) + self.first
        numbers = order.first(most)
        found = None if numbers is None else self._read(numbers)
        is_all = numbers is not None and len(numbers) < most
        return found if found is not None and (is_all or self._is_filled(found)) else None

    def _passing(self, tests: list[Sql], of_words: list[Sql]) -> set[int] | None:
        """Return the numbers of what passes all tests, and has one of the words unless very many have."""
        chosen: set[int] | None = None
        for test in tests:
            numbers = many(test, self.run)
            chosen = set(numbers) if chosen is None else chosen.intersection(numbers)
        for words in of_words:
            numbers = many(words, self.run, most=_MANY)
            if len(numbers) < _MANY:
                chosen = set(numbers) if chosen is None else chosen.intersection(numbers)
        return chosen

    def _in_order(self, order: Order, chosen: set[int] | None) -> Documents:
        """Return what is found among the datasets of `chosen`, or among all."""
        if chosen is not None and len(chosen) <= self.first:
            return self._sorted(chosen)
        found: Documents = []
        for numbers in order.whole(chosen):
            found = self._read(numbers)
            if self._is_filled(found):
                break
        return found

    def _read(self, numbers: list[int]) -> Documents:
        """Return the documents of the query among those of `numbers`, which are in its order."""
        most = len(numbers) if self.query.limit is None else 10 * (self.query.skip + self.query.limit)
        while True:
            found = self.run(*self.query.among(_LED, [_listed(numbers[:most])], is_ordered=True))
            if self._is_filled(found) or most >= len(numbers):
                return found
            most *= 10

    def _sorted(self, numbers: Iterable[int]) -> Documents:
        return self.run(*self.query.among(_LED, [_listed(list(numbers))]))

    def _is_filled(self, found: Documents) -> bool:
        return len(found) == self.query.limit


def _listed(numbers: list[int]) -> str:
    return to_json(numbers).decode()
