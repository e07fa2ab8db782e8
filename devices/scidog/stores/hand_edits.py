"""Configurations that people write with a text editor: each edit becomes a revision, once.

`<name>.yaml` in the store's folder; `.seen/<name>` holds the hash of what was taken in last and the revision
that it became. An edit of a file that others have saved past is merged with what they saved, or refused.
"""

import hashlib
import json
import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from scidog.errors import InvalidConfigurationError, RevisionConflictError, SciDogError, StoreError
from scidog.model.document import check_size, read_configuration
from scidog.model.merge import MergeError, clash_lines, merged
from scidog.model.revision import MOST_BYTES, same_content
from scidog.stores.folder_store import FolderStore
from scidog.stores.library import Library
from scidog.stores.revision_file import document_of, yaml_text
from scifish.common.durable import replace_file
from scifish.common.yaml_text import YamlText
from scifish.contract.configuration import Configuration
from scifish.errors import NotRegularError
from scifish.files.regular_file import open_regular, read_regular


@dataclass(frozen=True)
class Mark:
    """Which content was taken in last, and the revision that it became; 0: that is not known."""

    digest: str = ""
    revision: int = 0


@dataclass(frozen=True)
class HandWritten:
    """One file as it was read."""

    path: Path
    content: bytes
    owner: str

    @property
    def digest(self) -> str:
        """Return what tells one content from another."""
        return hashlib.sha256(self.content).hexdigest()


class HandEdits:
    """Takes in the hand-written files of a folder."""

    def __init__(self, store: FolderStore, library: Library) -> None:
        self._store = store
        self._library = library
        self._stats: dict[str, tuple[object, ...]] = {}
        self._looked: dict[str, tuple[object, str]] = {}

    def take_in(self, *, at_once: bool = True) -> tuple[str, ...]:
        """Save what was edited; return a line for each file that cannot be. Raises StoreError.

        A file that still changes is left for the next look, unless it is wanted `at_once`.
        """
        problems = []
        with self._store.opened() as root:
            try:
                names = sorted(one.name for one in root.iterdir())
            except OSError as error:
                raise StoreError(
                    f"{self._store.folder}: cannot be read ({error.strerror}); check the Store property "
                    "and the disk"
                ) from error
            for name in names:
                if not name.startswith(".") and Path(name).suffix in {".yaml", ".yml"}:
                    problems.append(self._look(root, name, at_once=at_once))
        return tuple(one for one in problems if one)

    def _look(self, root: Path, name: str, *, at_once: bool) -> str:
        path = self._store.folder / name
        try:
            found = os.lstat(root / name)
            now = (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
            before, self._stats[name] = self._stats.get(name), now
            key = (now, self._library.newest(path.stem))
            looked = self._looked.get(name)
            if looked is not None and looked[0] == key:
                return looked[1]
            if not at_once and before != now:
                return looked[1] if looked else ""
            self._take(root, path)
        except (NotRegularError, SciDogError) as error:
            if isinstance(error, StoreError | RevisionConflictError):  # both pass: looked at again
                return str(error)
            problem = str(error).replace(str(root), str(path.parent))
        except FileNotFoundError:  # it is replaced just now
            return ""
        except OSError as error:
            return f"{path}: cannot be taken in ({error.strerror}); check its rights"
        else:
            problem = ""
        self._looked[name] = ((now, self._library.newest(path.stem)), problem)
        return problem

    def _take(self, root: Path, path: Path) -> None:
        if path.suffix != ".yaml":
            raise InvalidConfigurationError(f"{path}: rename it to {path.stem}.yaml")
        file = _read(root, path)
        mark_path = root / ".seen" / path.stem
        mark = _mark(mark_path)
        newest = self._library.newest(path.stem)
        if mark.digest == file.digest and mark.revision and newest and not newest.deleted:
            return
        configuration, text = _configuration(file)
        if (
            mark.digest == file.digest and newest and not newest.deleted
        ):  # of an older SciDog, which did not keep the revision
            number = self._same_as_newest(configuration)
        else:
            number = self._save(file, configuration, text, max(mark.revision, configuration.revision))
        if number:
            replace_file(mark_path, json.dumps({"digest": file.digest, "revision": number}).encode())

    def _same_as_newest(self, configuration: Configuration) -> int:
        newest = self._library.newest(configuration.name)
        if newest is None:
            return 0
        document = self._library.at(configuration.name, newest.number).configuration
        return newest.number if same_content(document, configuration) else 0

    def _save(self, file: HandWritten, own: Configuration, text: YamlText, began: int) -> int:
        """Save an edit that began from a revision, merged with what others saved since."""
        newest = self._library.newest(own.name)
        comment = f"edited {file.path.name}"
        if newest is not None and not newest.deleted and newest.number != began:
            other = self._library.at(own.name, newest.number)
            if not same_content(other.configuration, own):
                if began not in self._library.revisions(own.name):
                    raise InvalidConfigurationError(
                        f"{file.path}: {own.name} exists already ({other.by_whom()}); write the line "
                        f"`revision: {newest.number}` into the file if it may replace that"
                    )
                base = self._library.at(own.name, began).configuration
                try:
                    own = merged(base, own, other.configuration)
                except MergeError as error:
                    raise InvalidConfigurationError(
                        f"{file.path}: {clash_lines(error, text.line_of)} in {other.by_whom()}; write "
                        f"what is right there, and the line `revision: {newest.number}`"
                    ) from error
                comment += f", merged with {other.by_whom()}"
        number = 0 if newest is None else newest.number
        own = own.model_copy(update={"revision": number})
        return self._library.save(own, author=file.owner, comment=comment)


def _read(root: Path, path: Path) -> HandWritten:
    with open_regular(root / path.name) as file:
        found = os.fstat(file.fileno())
        if found.st_nlink != 1:
            raise InvalidConfigurationError(
                f"{path}: is a second name of another file (a hard link); put a copy there"
            )
        check_size(found.st_size, str(path))
        content = b""
        while part := file.read(MOST_BYTES + 1 - len(content)):
            content += part
    check_size(len(content), str(path))
    return HandWritten(path, content, _account(found.st_uid))


def _configuration(file: HandWritten) -> tuple[Configuration, YamlText]:
    """Return the configuration, whose name is the file's. Raises InvalidConfigurationError."""
    source, stem = str(file.path), file.path.stem
    text = yaml_text(file.content, source)
    data = document_of(text, source)
    if data.get("name", stem) != stem:
        line = text.line_of(("name",))
        raise InvalidConfigurationError(
            f"{file.path}: line {line}: name: is {data['name']!r:.80} in the file {file.path.name}; "
            "rename the file or remove the line"
        )
    return read_configuration({**data, "name": stem}, source, text), text


def _mark(path: Path) -> Mark:
    try:
        text = read_regular(path, limit=MOST_BYTES).decode(errors="replace")
    except FileNotFoundError:
        return Mark()
    try:
        data = json.loads(text)
        return Mark(str(data["digest"]), int(data["revision"]))
    except (ValueError, TypeError, KeyError):
        return Mark(text.strip())  # of an older SciDog: the digest alone


def _account(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
