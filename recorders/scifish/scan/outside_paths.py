"""Data that lie outside the folder of their proposal are a problem of the entry."""

import posixpath
from collections.abc import Iterable

from scifish.common.text_forms import counted
from scifish.files.folder_look import folder_look


def outside(
    proposal: str, visit_folder: str, source_folder: str | None, files: Iterable[str]
) -> tuple[str, ...]:
    """Return what does not lie below the visit's folder, as sentences; a relative name counts as inside."""
    where = f"the folder of proposal {proposal}, {visit_folder}"
    absolute = [one for one in files if one.startswith("/")]
    inside = _inside(visit_folder, source_folder, absolute)
    lost = [one for one in absolute if one not in inside]
    said = []
    if source_folder is not None and source_folder not in inside:
        said.append(f"sourceFolder {source_folder} lies outside {where}")
    if lost:
        of = f"of {counted(len(absolute), 'file')}"
        said.append(
            f"{counted(len(lost), f'{of} lies', f'{of} lie')} outside {where}: {lost[0]}{_more(lost)}"
        )
    return tuple(said)


def inside_another(
    proposal: str, another: str, visit_folder: str, source_folder: str | None, files: Iterable[str]
) -> tuple[str, ...]:
    """Return a sentence when data of `proposal` lie in the folder of another proposal."""
    listed = list(files)
    inside = _inside(visit_folder, source_folder, listed)
    found = [one for one in [*([source_folder] if source_folder else []), *listed] if one in inside]
    if not found:
        return ()
    return (f"data of proposal {proposal} lie in the folder of proposal {another}: {found[0]}{_more(found)}",)


def lies_below(folder: str, above: str) -> bool:
    """Tell whether a folder is `above` or lies below it, by its name or by what it is."""
    return folder in _inside(above, folder, ())


def is_below(path: str, folder: str) -> bool:
    """Tell whether a path is `folder` or lies below it by its name."""
    clean, above = posixpath.normpath(path), posixpath.normpath(folder)
    return clean == above or clean.startswith(f"{above}/")


def _inside(above: str, folder: str | None, files: Iterable[str]) -> set[str]:
    """Return those that lie below `above`; only where the names differ, the file system is asked."""
    places = {one: posixpath.dirname(one) for one in files} | ({folder: folder} if folder else {})
    inside = {one for one in places if is_below(one, above)}
    asked = {place for one, place in places.items() if one not in inside and place.startswith("/")}
    if asked:
        found = folder_look.below(asked, above)
        inside |= {one for one, place in places.items() if place in found}
    return inside


def _more(paths: list[str]) -> str:
    return ", …" if len(paths) > 1 else ""
