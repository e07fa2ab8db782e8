"""Data that lie outside the folder of their proposal: said in the entry, since nobody sees it otherwise."""

import posixpath
from collections.abc import Iterable


def outside(
    proposal: str, visit_folder: str, source_folder: str | None, files: Iterable[str]
) -> tuple[str, ...]:
    """Return what does not lie below the visit's folder, as sentences; a relative name counts as inside."""
    where = f"the folder of proposal {proposal}, {visit_folder}"
    absolute = [one for one in files if one.startswith("/")]
    lost = [one for one in absolute if not is_below(one, visit_folder)]
    said = []
    if source_folder is not None and not is_below(source_folder, visit_folder):
        said.append(f"sourceFolder {source_folder} lies outside {where}")
    if lost:
        said.append(f"{len(lost)} of {len(absolute)} files lie outside {where}: {lost[0]}{_more(lost)}")
    return tuple(said)


def inside_another(
    proposal: str, another: str, visit_folder: str, source_folder: str | None, files: Iterable[str]
) -> tuple[str, ...]:
    """Return a sentence when data of `proposal` lie in the folder of another proposal."""
    places = [*([source_folder] if source_folder else []), *files]
    found = [one for one in places if is_below(one, visit_folder)]
    if not found:
        return ()
    return (f"data of proposal {proposal} lie in the folder of proposal {another}: {found[0]}{_more(found)}",)


def is_below(path: str, folder: str) -> bool:
    """Tell whether a path is `folder` or lies below it, by its text: a file system may hang."""
    clean, above = posixpath.normpath(path), posixpath.normpath(folder)
    return clean == above or clean.startswith(f"{above}/")


def _more(paths: list[str]) -> str:
    return ", …" if len(paths) > 1 else ""
