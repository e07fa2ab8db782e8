"""What would be done with a file, and why, in words."""

from collections.abc import Iterator
from pathlib import Path

from scifish.common.clock import iso
from scifish.threads.deadline import answer_within, start_daemon
from scifly.folder.pending import PlaceFiles
from scifly.folder.stamp import stamp_of
from scifly.instruments import Habits, Rule
from scifly.readers.acquisition import Acquisition
from scifly.readers.reading import ReadFile, read_now
from scifly.readers.times import began_and_ended
from scifly.rules import Fly

READ_WITHIN = 10.0  # seconds


def explained(path: Path, fly: Fly, habits: Habits) -> list[str]:
    """Return what SciFly does with a file."""
    files = next((one for place, one in list(fly.places.items()) if place.path in path.parents), None)
    if files is None:
        active = fly.active.path if fly.active else "none"
        return [f"it is not below a path that is watched (now: {active}); Backfill records other folders"]
    return [*_known(path, fly, files), *explain_file(path, habits, files)]


def explain_file(path: Path, habits: Habits, files: PlaceFiles | None = None) -> list[str]:
    """Return by which rule and reader a file is read, and what its dataset is."""
    rule = habits.rule_of(path.name)
    if rule is None:
        patterns = ", ".join(one for each in habits.rules for one in each.instrument.patterns)
        return [f"no rule has a pattern for its name (patterns: {patterns}): it is left alone"]
    try:
        found = answer_within(READ_WITHIN, lambda: _read(path, rule), what=str(path), start=start_daemon)
    except TimeoutError as error:
        return [f"rule {rule}", f"{error}: it is tried again"]
    return [f"rule {rule}", *_read_lines(found, rule, habits, files)]


def _known(path: Path, fly: Fly, files: PlaceFiles) -> Iterator[str]:
    one = files.pending.get(path)
    if one is not None:
        yield f"it waits: {one.reason.removeprefix(f'{path}: ')}"
    elif path in files.failed:
        yield f"it was given up: {files.failed[path]}; Retry reads it again"
    elif path in fly.ignored:
        yield f"it is ignored: {fly.ignored[path]}"
    elif path in files.recorded:
        yield "it was recorded or refused in the state that it had then"
    else:
        yield "it was not seen yet"


def _read(path: Path, rule: Rule) -> ReadFile | str:
    if stamp_of(path) is None:
        return "there is no regular file of that name"
    return read_now(path, path.parent, rule.readers)


def _read_lines(found: ReadFile | str, rule: Rule, habits: Habits, files: PlaceFiles | None) -> Iterator[str]:
    if isinstance(found, str) or found.gone:
        yield found if isinstance(found, str) else "it is gone"
    elif found.error:
        yield f"it cannot be read: {found.error}"
    elif found.acquisition is None or found.stamp is None:
        yield f"no reader of its rule ({', '.join(rule.readers)}) knows its format: it is ignored"
    else:
        yield f"read by {found.reader}: {found.acquisition.data_format}, {found.acquisition.title!r}"
        yield _state(found.acquisition, rule, habits)
        began, ended = began_and_ended(found.acquisition, found.stamp, habits.zone)
        yield f"dataset {found.path.stem}, from {iso(began)} to {iso(ended)}{_whose(found.path, files)}"
        yield from (f"problem: {one}" for one in found.acquisition.problems)


def _state(acquisition: Acquisition, rule: Rule, habits: Habits) -> str:
    if acquisition.missing:
        then = "recorded as it is" if rule.instrument.incomplete == "record" else "given up"
        return f"not complete: {acquisition.missing}; {then} after {rule.patience:g} s without a change"
    if acquisition.grows:
        each = " each of its spectra is a dataset," if rule.instrument.group == "spectrum" else ""
        return f"it grows:{each} it is recorded at once, and again when it has changed"
    if acquisition.has_end:
        return "complete: it is recorded at once"
    return f"its format does not tell its end: it is recorded after {habits.still:g} s without a change"


def _whose(path: Path, files: PlaceFiles | None) -> str:
    if files is None:
        return ""
    sample = files.place.sample_of(path)
    return f", proposal {files.place.proposal or 'none'}, sample {sample or 'of its header, or none'}"
