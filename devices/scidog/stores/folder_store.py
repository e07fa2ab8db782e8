"""A store of revisions in a folder of YAML files.

<folder>/revisions/<name>/<n>.yaml     inserted, never changed
<folder>/.deleted/<time>/              hand-written files of deleted configurations

The folder is used only while it is the mounted one (`scifish.files.mount_guard`), and only regular files are
read: a link is not followed, and what it leads to is not quoted.
"""

import os
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from scidog.errors import InvalidConfigurationError, RevisionTakenError, StoreError
from scidog.model.revision import Revision
from scidog.stores.revision_file import read_revision, revision_yaml, yaml_text
from scidog.stores.store import Head
from scifish.common.clock import utcnow
from scifish.common.durable import insert_file
from scifish.errors import NotMountedError, NotRegularError
from scifish.files.mount_guard import MountGuard
from scifish.files.regular_file import read_regular

LONGEST = 63  # characters of a configuration's name
LARGEST = 16_000_000  # bytes of a revision; older SciDogs had no limit
_REVISION = re.compile(r"([1-9][0-9]*)\.yaml")
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class FolderStore:
    """A `Store` of YAML files; several SciDogs and text editors may use one folder."""

    def __init__(self, folder: Path, marker: str = "") -> None:
        self.folder = folder
        self._guard = MountGuard(folder, marker)
        self._heads: dict[tuple[str, int], bool] = {}

    def check(self) -> None:
        """Raise StoreError unless the folder is there, and is the mounted one."""
        with self.opened():
            pass

    def heads(self) -> dict[str, Head]:
        """Return the newest revision of every name."""
        found: dict[str, list[int]] = {}
        with self._listing("revisions"), self._folder("revisions") as handle:
            for name in _listed(handle):
                if _plain(name) == name:
                    with suppress(NotADirectoryError, PermissionError):  # no configuration of ours
                        found[name] = _numbers_in(name, handle)
        return {
            name: Head(numbers[-1], self._is_deleted(name, numbers[-1]))
            for name, numbers in sorted(found.items())
            if numbers
        }

    def numbers(self, name: str) -> list[int]:
        """Return the revisions of `name`, ascending."""
        self.check()
        return self._numbers(name)

    def last(self, name: str, numbers: Sequence[int]) -> int:
        """Return the highest number ever; what older SciDogs deleted lies in `.deleted`."""
        gone = (
            int(match[1])
            for time in self._children(".deleted")
            for file in self._children(".deleted", time, _plain(name))
            if (match := _REVISION.fullmatch(file))
        )
        return max([*numbers, *gone], default=0)

    def read(self, name: str, number: int) -> Revision:
        """Return a revision."""
        path = self._path(name, number)
        try:
            with self._folder("revisions", _plain(name)) as handle:
                content = read_regular(path.name, dir_fd=handle, limit=LARGEST)
        except NotRegularError as error:
            raise InvalidConfigurationError(f"{path.parent}/{error}") from error
        except OSError as error:
            raise StoreError(_cannot("read", path, error)) from error
        return read_revision(yaml_text(content, str(path)), str(path), name, number)

    def insert(self, revision: Revision) -> None:
        """Make the revision's file; of several writers of one number exactly one succeeds."""
        path = self._path(revision.name, revision.number)
        try:
            with self.opened() as root:
                for folder in (path.parent.parent, path.parent):
                    if (root / folder.relative_to(self.folder)).is_symlink():
                        raise StoreError(f"{folder}: is a link; put the folder itself there")
                insert_file(root / path.relative_to(self.folder), revision_yaml(revision).encode())
                if revision.deleted:
                    self._put_away(root, revision.name)
        except FileExistsError as error:
            raise RevisionTakenError(f"{path}: is there already") from error
        except OSError as error:
            raise StoreError(_cannot("save", path, error)) from error

    def advice(self) -> str:
        """Return how a first configuration comes into this store."""
        return f"none yet: save one, or put one as a YAML file into {self.folder}"

    @contextmanager
    def opened(self) -> Iterator[Path]:
        """Give a path that leads to the checked folder, whatever is mounted or renamed meanwhile."""
        with self._guarded() as handle:
            yield Path(f"/proc/self/fd/{handle}")

    def _numbers(self, name: str) -> list[int]:
        with self._listing("revisions", name), self._folder("revisions", _plain(name)) as handle:
            return _numbers_in(".", handle)
        return []

    def _is_deleted(self, name: str, number: int) -> bool:
        if (name, number) not in self._heads:
            try:
                self._heads[name, number] = self.read(name, number).deleted
            except InvalidConfigurationError:
                return False  # a person may mend it
        return self._heads[name, number]

    def _put_away(self, root: Path, name: str) -> None:
        """Move the hand-written file of a deleted configuration; alone it would be taken for a new one."""
        away = root / ".deleted" / utcnow().strftime("%Y%m%dT%H%M%S.%fZ")
        source = root / f"{name}.yaml"
        if source.exists() or source.is_symlink():
            away.mkdir(parents=True)
            source.rename(away / source.name)

    @contextmanager
    def _folder(self, *parts: str) -> Iterator[int]:
        """Give a handle of a folder below the checked one; no link on the way is followed.

        Raises OSError; StoreError where the first is a link: all would seem to be gone.
        """
        with self._guarded() as root:
            handle = os.dup(root)
            try:
                for part in parts:
                    if part == parts[0] and _is_link(part, handle):
                        raise StoreError(f"{self.folder / part}: is a link; put the folder itself there")
                    inner = os.open(part, _FOLDER, dir_fd=handle)
                    os.close(handle)
                    handle = inner
                yield handle
            finally:
                os.close(handle)

    @contextmanager
    def _guarded(self) -> Iterator[int]:
        try:
            with self._guard.opened() as handle:
                yield handle
        except NotMountedError as error:
            raise StoreError(str(error)) from error

    def _children(self, *parts: str) -> list[str]:
        with self._listing(*parts), self._folder(*parts) as handle:
            return _listed(handle)
        return []

    def _listing(self, *parts: str) -> "_Listing":
        return _Listing(self.folder.joinpath(*parts))

    def _path(self, name: str, number: int) -> Path:
        return self.folder / "revisions" / _plain(name) / f"{number}.yaml"


class _Listing:
    """Leaves the block silently where there is no such folder. Raises StoreError for all else."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, OSError) and not isinstance(error, FileNotFoundError | NotADirectoryError):
            raise StoreError(_cannot("read", self._folder, error)) from error
        return isinstance(error, OSError)


def _numbers_in(name: str, revisions: int) -> list[int]:
    """Return the numbers of the files in one folder; a link is not followed. Raises OSError."""
    handle = os.open(name, _FOLDER, dir_fd=revisions)
    try:
        matches = (_REVISION.fullmatch(file) for file in _listed(handle))
        return sorted(int(match[1]) for match in matches if match)
    finally:
        os.close(handle)


def _listed(handle: int) -> list[str]:
    with os.scandir(handle) as found:
        return sorted(one.name for one in found)


def _is_link(name: str, handle: int) -> bool:
    with suppress(FileNotFoundError):
        return stat.S_ISLNK(os.stat(name, dir_fd=handle, follow_symlinks=False).st_mode)
    return False


def _plain(name: str) -> str:
    """Return `name` when it stays inside its folder, else one that no configuration can have."""
    plain = 0 < len(name) <= LONGEST and "/" not in name and "\0" not in name and not name.startswith(".")
    return name if plain else "\N{NO-BREAK SPACE}"


def _cannot(what: str, path: Path, error: OSError) -> str:
    return f"{path}: cannot {what} ({error.strerror}); check the folder, its rights and its disk"
