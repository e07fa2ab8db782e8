"""Several messages of one scan as one change of its dataset. Pure functions.

The result is by construction the one of merging them one after the other: that is done here, on a copy of
the dataset, and the difference is sent. So nothing need be assumed of what the messages hold.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from scicow.dataset.desired import DataFile, Desired
from scicow.dataset.merge import differs, is_group, new_dataset, patch_for, plain, replacement
from scifish.contract.metadata import merge_patch

Fields = Mapping[str, Any]


def coalesced_dataset(desired: Sequence[Desired]) -> dict[str, Any]:
    """Return the dataset to create when there is none: what the messages make, in their order."""
    return _after(new_dataset(desired[0]), desired[1:])


def coalesced_patch(current: Fields, desired: Sequence[Desired]) -> dict[str, Any]:
    """Return the merge-patch that the messages, in their order, make of the dataset `current`."""
    if len(desired) == 1:
        return patch_for(current, desired[0])
    return _changes(current, _after(current, desired))


def united(desired: Sequence[Desired]) -> Desired:
    """Return the newest message with the files, pictures and marks of all: what hangs on the dataset.

    A file has its newest entry, a caption its first picture, as when they come one after the other.
    """
    if len(desired) == 1:
        return desired[0]
    files: dict[str, DataFile] = {}
    pictures: dict[str, dict[str, str]] = {}
    for one in desired:
        for file in one.files:
            if file.path not in files or files[file.path].age < file.age:
                files[file.path] = file
        for picture in one.attachments:
            pictures.setdefault(picture["caption"], picture)
    return replace(
        max(desired, key=lambda one: one.sequence),
        files=tuple(files.values()),
        attachments=tuple(pictures.values()),
        marks=tuple(dict.fromkeys(mark for one in desired for mark in one.marks)),
    )


def _after(dataset: Fields, desired: Sequence[Desired]) -> dict[str, Any]:
    """Return the dataset with the messages merged into it; the one that is given stays as it is."""
    after = dict(dataset)
    for one in desired:
        after = merge_patch(after, patch_for(after, one))
    return after


def _changes(before: Fields, after: Fields) -> dict[str, Any]:
    """Return the merge-patch from `before` to `after`. A leaf is whole in it (see `merge.replacement`)."""
    patch: dict[str, Any] = {name: None for name in before if name not in after}
    for name, new in after.items():
        if name not in before:
            patch[name] = new
            continue
        held = before[name]
        if held == new:
            continue
        if is_group(held) and is_group(new):
            inner = _changes(held, new)
            if inner:
                patch[name] = inner
        elif differs(held, new):
            patch[name] = replacement(held, plain(new))
    return patch
