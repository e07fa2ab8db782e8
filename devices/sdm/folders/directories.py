"""Makes, checks and repairs the folders of a visit, by handles from the root on.

A new folder begins as its maker's alone (mode 0700) and is opened by the last of its steps. What a failure
leaves behind is taken away again; what a kill leaves behind (empty, closed, its maker's) is completed by the
next call. Other folders that exist are never changed by making: how they differ is reported. Setting owner,
mode and ACL at each start of a client would undo what a person did on purpose, such as locking `raw` after a
beamtime. Making the tree elsewhere and renaming it into place is no way: a rename replaces an *empty*
directory, which a process may just have opened.
"""

import os
import stat
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NamedTuple

from scifish.common.text_forms import counted
from sdm.errors import NameRefused, StorageError
from sdm.folders.handles import exclusive, is_begun, is_same, make_folder, open_folder, refuse_twin
from sdm.folders.layout import PARENT, Folder
from sdm.folders.permissions import NO_ACL_HERE, apply, look
from sdm.folders.rights import differences, wider_for_others


class Repaired(NamedTuple):
    """What a repair has changed, and what is still not as it should be, in words."""

    done: tuple[str, ...]
    left: tuple[str, ...]


class FolderTree:
    """The folders below one root handle, opened one after the other and kept open until the end.

    Use as a context manager.
    """

    def __init__(self, root: int, where: Path) -> None:
        self._where = where
        self._handles: dict[tuple[str, ...], int] = {(): root}
        self._made: list[tuple[str, ...]] = []
        self._open = ExitStack()

    def __enter__(self) -> "FolderTree":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def enter(self, parts: tuple[str, ...]) -> None:
        """Open the folders down to `parts`, which must be there. Raises StorageError."""
        if not self.has(parts):
            where = self._where.joinpath(*parts)
            raise StorageError(f"{where}: is missing; make the visit's folders first")

    def has(self, parts: tuple[str, ...]) -> bool:
        """Return whether the folders down to `parts` are there. Raises StorageError where it cannot look."""
        try:
            for depth in range(1, len(parts) + 1):
                self._open_parts(parts[:depth])
        except FileNotFoundError:
            return False
        return True

    def make(self, folders: Iterable[Folder]) -> tuple[str, ...]:
        """Make those that are missing, all or none, in their order; return warnings in words.

        Raises StorageError and NameRefused, after having removed what it had made.
        """
        wanted = tuple(folders)
        try:
            warnings = _by_line([(self._name(one), self._made_or_checked(one)) for one in wanted])
            self._check_unmoved()
        except (StorageError, NameRefused, OSError) as error:
            kind = NameRefused if isinstance(error, NameRefused) else StorageError
            raise kind(f"{error}; {self._removed()}") from error
        return (*warnings, *self._without_acls(wanted))

    def differences(self, folders: Iterable[Folder]) -> tuple[str, ...]:
        """Return in words how they differ from what they should be; nothing is changed."""
        wanted = tuple(folders)
        lines: list[tuple[str, tuple[str, ...]]] = []
        failed: list[str] = []
        for folder in wanted:
            if folder.parts[:-1] not in self._handles:
                continue  # the one above is missing, which is reported
            try:
                self._open_parts(folder.parts)
                lines.append((self._name(folder), self._checked(folder)))
            except FileNotFoundError:
                lines.append((self._name(folder), ("is missing",)))
            except StorageError as error:
                failed.append(str(error))
        return (*failed, *_by_line(lines), *self._without_acls(wanted))

    def repair(self, folders: Iterable[Folder]) -> tuple[str, ...]:
        """Give all their rights, whoever changed them, and make what is missing; return what is left.

        Raises StorageError and NameRefused.
        """
        wanted = tuple(folders)
        failed: list[str] = []
        for folder in wanted:
            try:
                if folder.parts[:-1] in self._handles:
                    self._open_parts(folder.parts)
                    self._repair_one(folder)
            except FileNotFoundError:  # it is made below
                continue
            except StorageError as error:
                failed.append(str(error))
        return tuple(dict.fromkeys((*failed, *self.make(wanted))))

    def is_writable(self, parts: tuple[str, ...]) -> bool:
        """Tell whether this account may write in a folder of the tree."""
        parent, name = self._handles[parts[:-1]], parts[-1]
        return os.access(name, os.W_OK | os.X_OK, dir_fd=parent, effective_ids=True, follow_symlinks=False)

    def _made_or_checked(self, folder: Folder) -> tuple[str, ...]:
        made = make_folder(self._handles[folder.parts[:-1]], folder.parts[-1], self._name(folder))
        if made:
            self._made.append(folder.parts)
        try:
            handle = self._open_parts(folder.parts)
        except FileNotFoundError:
            raise StorageError(f"{self._name(folder)}: was moved away while it was made; try again") from None
        finished = self._finished(handle, folder)
        return self._checked(folder) if finished is None else finished

    def _finished(self, handle: int, folder: Folder) -> tuple[str, ...] | None:
        """Complete a folder that was begun, by us now or by a process that was killed; None: it is none."""
        if not is_begun(handle, folder.rights.uid):
            return None
        with exclusive(handle):
            if not is_begun(handle, folder.rights.uid):
                return None
            refuse_twin(self._handles[folder.parts[:-1]], folder.parts[-1], self._name(folder))
            if folder.kind == PARENT:
                os.fchmod(handle, folder.rights.mode)
                return ()
            return apply(handle, self._name(folder), folder.rights, closed=True)

    def _checked(self, folder: Folder) -> tuple[str, ...]:
        found = look(self._handles[folder.parts])
        if folder.kind == PARENT:
            wider = wider_for_others(found, folder.rights.mode)
            return (wider,) if wider else ()
        return differences(found, folder.rights, os.geteuid())

    def _repair_one(self, folder: Folder) -> None:
        handle = self._handles[folder.parts]
        if not self._checked(folder):
            return
        if folder.kind == PARENT:
            mode = stat.S_IMODE(os.fstat(handle).st_mode)
            try:
                os.fchmod(handle, mode & ~0o007 | mode & folder.rights.mode & 0o007)
            except OSError as error:
                raise StorageError(f"{self._name(folder)}: mode cannot be set ({error.strerror})") from error
        else:
            apply(handle, self._name(folder), folder.rights, closed=False)

    def _open_parts(self, parts: tuple[str, ...]) -> int:
        if parts not in self._handles:
            where = str(self._where.joinpath(*parts))
            handle = open_folder(self._handles[parts[:-1]], parts[-1], where)
            self._open.callback(os.close, handle)
            self._handles[parts] = handle
        return self._handles[parts]

    def _check_unmoved(self) -> None:
        """What was made must still be where its name leads to."""
        for parts, handle in self._handles.items():
            if parts and not is_same(self._handles[parts[:-1]], parts[-1], handle):
                raise StorageError(
                    f"{self._where.joinpath(*parts)}: somebody put something else in its place while it was "
                    "made; see whose processes write there, and try again"
                )

    def _without_acls(self, folders: tuple[Folder, ...]) -> tuple[str, ...]:
        """Say once when ACLs are wanted on a file system that has none."""
        wanting = [one for one in folders if one.rights.acl != "off" and one.parts in self._handles]
        if all(look(self._handles[one.parts]).has_acls for one in wanting):
            return ()
        return (
            f"{self._where}: {NO_ACL_HERE}, the modes count alone, and new files get their rights by their "
            "maker's umask; set storage.acl to off if that is meant",
        )

    def _removed(self) -> str:
        """Remove what was made and is still empty, the deepest first; return what became of it, in words."""
        left = []
        for parts in reversed(self._made):
            try:
                with suppress(FileNotFoundError):
                    os.rmdir(parts[-1], dir_fd=self._handles[parts[:-1]])
            except OSError:
                left.append(str(self._where.joinpath(*parts)))
        if left:
            return f"left behind: {', '.join(left)}"
        return "what was begun has been removed again" if self._made else "nothing was created"

    def _name(self, folder: Folder) -> str:
        return str(self._where.joinpath(*folder.parts))


def _by_line(lines: Iterable[tuple[str, tuple[str, ...]]]) -> list[str]:
    """Return a line for each difference, with the first folder that has it and how many more have it."""
    places: dict[str, list[str]] = {}
    for place, found in lines:
        for one in found:
            places.setdefault(one, []).append(place)
    return [f"{where[0]}{_and_more(len(where) - 1)}: {line}" for line, where in places.items()]


def _and_more(number: int) -> str:
    return f" and {counted(number, 'more folder')}" if number else ""
