"""A store of configurations in a folder of YAML files.

<folder>/<name>.yaml                   written by hand; each edit becomes a revision on `refresh`
<folder>/revisions/<name>/<n>.yaml     inserted, never changed
<folder>/.deleted/<time>/              what was deleted, kept for a person to bring back
"""

import re
from pathlib import Path

import yaml

from scidog.edited_files import HandWritten
from scidog.errors import (
    InvalidConfigurationError,
    RevisionConflictError,
    SciDogError,
    StoreError,
    UnknownConfigurationError,
)
from scidog.reference import Reference
from scidog.revision import next_revision, same_content
from scifish.common.clock import utcnow
from scifish.common.durable import insert_file
from scifish.common.yaml_model import load
from scifish.contract.configuration import Configuration
from scifish.errors import SettingsError

LONGEST = 63  # characters of a configuration's name
_REVISION = re.compile(r"([1-9][0-9]*)\.yaml")


class FolderStore:
    """A `Store` of YAML files; several SciDogs and text editors may use one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._revisions = folder / "revisions"

    def names(self) -> list[str]:
        """Return the names of all configurations that have a revision."""
        return [folder.name for folder in _children(self._revisions) if self.revisions(folder.name)]

    def revisions(self, name: str) -> list[int]:
        """Return the revisions of `name`, ascending."""
        matches = (_REVISION.fullmatch(file.name) for file in _children(self._revisions / _plain(name)))
        return sorted(int(match[1]) for match in matches if match)

    def load(self, reference: Reference) -> Configuration:
        """Return that revision, or the newest."""
        revision = self._existing(reference)
        try:
            document = load(Configuration, self._path(reference.name, revision))
        except SettingsError as error:
            raise InvalidConfigurationError(str(error)) from error
        return document.model_copy(update={"name": reference.name, "revision": revision})

    def save(self, configuration: Configuration) -> int:
        """Insert the next revision; what is the newest already is not inserted again."""
        newest = max(self.revisions(configuration.name), default=0)
        if newest and self._is_same(configuration, newest):
            return newest
        revision = next_revision(configuration, newest)
        self._insert(configuration.model_copy(update={"revision": revision}))
        return revision

    def delete(self, name: str) -> None:
        """Move the revisions and the hand-written file of `name` to `.deleted`."""
        if not self.revisions(name):
            raise UnknownConfigurationError(self._unknown(name))
        away = self.folder / ".deleted" / utcnow().strftime("%Y%m%dT%H%M%S.%fZ")
        try:
            away.mkdir(parents=True)
            # The hand-written file goes first: alone it would come back as revision 1.
            for source in (self.folder / f"{name}.yaml", self._revisions / name):
                if source.exists():
                    source.rename(away / source.name)
        except OSError as error:
            raise StoreError(_cannot("delete", error)) from error

    def refresh(self) -> tuple[str, ...]:
        """Insert a revision for each hand-written file that was edited; name those that are unreadable."""
        problems: list[str] = []
        for file in HandWritten.in_folder(self.folder):
            try:
                file.take_in(self.save)
            except SciDogError as error:
                problems.append(str(error))
        return tuple(problems)

    def _existing(self, reference: Reference) -> int:
        revisions = self.revisions(reference.name)
        if not revisions:
            raise UnknownConfigurationError(self._unknown(reference.name))
        if reference.revision is None:
            return revisions[-1]
        if reference.revision not in revisions:
            raise UnknownConfigurationError(
                f"{reference.name} has no revision {reference.revision}; {_choice(revisions)}"
            )
        return reference.revision

    def _is_same(self, configuration: Configuration, newest: int) -> bool:
        try:
            return same_content(self.load(Reference(configuration.name, newest)), configuration)
        except InvalidConfigurationError:
            return False  # a damaged revision is not what the author means: the document is saved after it

    def _insert(self, configuration: Configuration) -> None:
        document = configuration.model_dump(mode="json", exclude_none=True)
        text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)
        try:
            insert_file(self._path(configuration.name, configuration.revision), text.encode())
        except FileExistsError as error:
            raise RevisionConflictError(
                f"{configuration.name}: someone else saved revision {configuration.revision} just now; "
                f"load {configuration.name} again, repeat the change, save"
            ) from error
        except OSError as error:
            raise StoreError(_cannot("save", error)) from error

    def _path(self, name: str, revision: int) -> Path:
        return self._revisions / _plain(name) / f"{revision}.yaml"

    def _unknown(self, name: str) -> str:
        known = ", ".join(self.names()) or f"none yet: put one as a YAML file into {self.folder}, then Reload"
        return f"no configuration is named {name!r:.80}; there are: {known}"


def _plain(name: str) -> str:
    """Return `name` when it stays inside its folder, else one that no configuration can have."""
    plain = 0 < len(name) <= LONGEST and "/" not in name and not name.startswith(".")
    return name if plain else "\N{NO-BREAK SPACE}"


def _choice(revisions: list[int]) -> str:
    if len(revisions) == 1:
        return f"there is only revision {revisions[0]}"
    return f"choose one of {', '.join(map(str, revisions))}"


def _children(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise StoreError(_cannot("read", error)) from error


def _cannot(what: str, error: OSError) -> str:
    return f"{error.filename}: cannot {what} ({error.strerror}); check the folder, its rights and its disk"
