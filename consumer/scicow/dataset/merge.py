"""The reader's rule: how a message changes a dataset that is already in the catalogue. Pure functions.

With S the sequence that the dataset holds (in its bookkeeping): a message of sequence >= S is newer and
merges over the dataset, one of sequence < S only fills what is absent. What people edit in the catalogue
stays: the bookkeeping keeps what SciCow gave for those fields, and one that is no longer so is theirs.
"""

from collections.abc import Mapping
from typing import Any

from scicow.dataset.desired import BOOKKEEPING, METADATA, Desired
from scicow.dataset.metadata_names import named_as_held, stored

GIVEN = "given"
TEXTS = ("datasetName", "description", "ownerGroup", "contactEmail")
LISTS = ("keywords", "accessGroups", "techniques")
PEOPLES = (*TEXTS, *LISTS)
UNPATCHABLE = frozenset({"pid", "type", METADATA})
_ABSENT: tuple[Any, ...] = (None, "", [], {})
SI = frozenset({"valueSI", "unitSI"})
# SciCat adds these to the members of lists, and refuses them when they come back.
ADDED = frozenset({"_id", "id", "createdBy", "updatedBy"})
Fields = Mapping[str, Any]


def new_dataset(desired: Desired) -> dict[str, Any]:
    """Return the dataset to create when there is none."""
    metadata = desired.fields[METADATA]
    book = {**metadata[BOOKKEEPING], GIVEN: _given(desired.fields)}
    return {**desired.fields, "pid": desired.pid, METADATA: {**metadata, BOOKKEEPING: book}}


def patch_for(current: Fields, desired: Desired) -> dict[str, Any]:
    """Return the merge-patch that the message makes of the dataset `current`; empty: nothing to do."""
    held = current.get(METADATA) or {}
    book = held.get(BOOKKEEPING)
    book = book if isinstance(book, dict) else {}
    newer = desired.sequence >= sequence_of(current)
    given = book.get(GIVEN) or {}
    changes = {
        name: _field(name, current.get(name), new, given, newer and name not in desired.weak)
        for name, new in desired.fields.items()
        if name not in UNPATCHABLE
    }
    patch = {name: value for name, value in changes.items() if value is not None}
    guessed = {name for name in desired.weak if current.get(name) not in _ABSENT}
    gave = {name: one for name, one in _given(desired.fields).items() if name not in guessed}
    metadata = _metadata(held, book, desired, gave, newer)
    return {**patch, METADATA: metadata} if metadata else patch


def sequence_of(dataset: Fields) -> int:
    """Return the sequence that a dataset holds, -1 for one that SciCow has not written."""
    book = (dataset.get(METADATA) or {}).get(BOOKKEEPING)
    sequence = book.get("sequence") if isinstance(book, dict) else None
    return sequence if isinstance(sequence, int) else -1


def _given(fields: Fields) -> dict[str, Any]:
    return {name: fields[name] for name in PEOPLES if name in fields}


def _field(name: str, now: Any, new: Any, given: Fields, newer: bool) -> Any:
    """Return the new value of one field, None to leave it as it is."""
    now = as_given(now)
    if now in _ABSENT:
        return None if name in given and given[name] == new else new  # given before: a person removed it
    if not newer:
        return None
    if name in LISTS:
        return _changed_to(now, _united(now, new, given.get(name) or []))
    if name in TEXTS and now != given.get(name, now):
        return None
    if isinstance(new, dict) and isinstance(now, dict):
        return {key: value for key, value in new.items() if now.get(key) != value} or None
    return _changed_to(now, new)


def _changed_to(now: Any, new: Any) -> Any:
    return None if new == now else new


def _united(now: list[Any], new: list[Any], given: list[Any]) -> list[Any]:
    """Return the list with our own changes: people's additions stay, and so do their removals."""
    added = [one for one in new if one not in given and one not in now]
    removed = [one for one in given if one not in new]
    return [one for one in now if one not in removed] + added


def _metadata(held: Fields, book: Fields, desired: Desired, gave: Fields, newer: bool) -> dict[str, Any]:
    new = dict(desired.fields[METADATA])
    own = new.pop(BOOKKEEPING)
    patch = _groups(held, new, newer)
    own_patch = _bookkeeping(book, {**own, GIVEN: gave}, newer)
    return {**patch, BOOKKEEPING: own_patch} if own_patch else patch


def _bookkeeping(book: Fields, own: Fields, newer: bool) -> dict[str, Any]:
    """Return the changes of our own group; what an older message still gives is only added."""
    if not newer:
        given = book.get(GIVEN) or {}
        absent = {name: one for name, one in own[GIVEN].items() if name not in given}
        return {GIVEN: absent} if absent else {}
    changes = {name: one for name, one in own.items() if name != GIVEN and book.get(name) != one}
    before = book.get(GIVEN) or {}
    given = {name: one for name, one in own[GIVEN].items() if before.get(name) != one}
    gone = {name: None for name in book if name not in own}
    return {**changes, **gone, **({GIVEN: given} if given else {})}


def _groups(now: Fields, new: Fields, newer: bool) -> dict[str, Any]:
    """Return the merge-patch of a metadata group and of all groups in it; members not in `new` stay."""
    patch: dict[str, Any] = {}
    for name, desired in named_as_held(new, now).items():
        held = now.get(name)
        if held is None:
            patch[name] = desired
        elif held == desired:  # most are; to look into each of them would cost more than all else here
            continue
        elif is_group(desired) and is_group(held):
            inner = _groups(held, desired, newer)
            if inner:
                patch[name] = inner
        elif newer and differs(held, desired):
            patch[name] = replacement(held, desired)
    return patch


def as_given(value: Any) -> Any:
    """Return a field's value without what SciCat adds to the members of a list."""
    if not isinstance(value, list):
        return value
    return [
        {name: one for name, one in member.items() if name not in ADDED}
        if isinstance(member, dict)
        else member
        for member in value
    ]


def differs(held: Any, desired: Any) -> bool:
    """Tell whether a leaf of the catalogue is another than what is wanted, whatever SciCat adds to it."""
    held, desired = plain(held), plain(desired)
    return bool(held != desired and stored(held) != stored(desired))


def is_group(entry: Any) -> bool:
    """Tell a group from a leaf; a leaf that could not be read has an error and no value."""
    return isinstance(entry, dict) and "value" not in entry and "error" not in entry


def plain(entry: Any) -> Any:
    """Return an entry without what SciCat adds to a value."""
    return {name: one for name, one in entry.items() if name not in SI} if isinstance(entry, dict) else entry


def replacement(held: Any, desired: Any) -> Any:
    """Return the patch that puts `desired` in the place of `held`.

    It is whole, for SciCat converts units in the patch, not in what the patch makes of the dataset.
    Members that `desired` has not go, except valueSI and unitSI where SciCat makes them again.
    """
    if not (isinstance(held, dict) and isinstance(desired, dict)):
        return desired
    desired = named_as_held(desired, held)
    keeps_si = bool(desired.get("unit")) and "value" in desired
    gone = {name: None for name in held if name not in desired and not (keeps_si and name in SI)}
    return {**gone, **{name: replacement(held.get(name), one) for name, one in desired.items()}}
