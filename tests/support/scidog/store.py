"""What the tests of SciDog share."""

from pathlib import Path

from scidog import Authority, Published
from scidog.memory import ActiveMemory
from scidog.model.document import SaveRequest
from scidog.stores.folder_store import FolderStore
from scidog.stores.hand_edits import HandEdits
from scidog.stores.library import Library
from scifish.contract.configuration import Configuration

DEVICE = "test/ctl/scidog"


def configuration(name: str = "default", revision: int = 0, **members: object) -> Configuration:
    return Configuration.model_validate({"name": name, "revision": revision, **members})


def write(folder: Path, name: str, text: str) -> Path:
    """Write a configuration as an operator does, with a text editor."""
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


class Folder(Library):
    """A library over a folder, with what people edit there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = FolderStore(folder)
        super().__init__(self.files)
        self.edits = HandEdits(self.files, self)

    def refresh(self) -> tuple[str, ...]:
        return self.edits.take_in()


class Dog:
    """An authority over a folder, which can be started again as after a crash; keeps what was published."""

    def __init__(self, folder: Path, **layers: str) -> None:
        self.folder = folder
        self.layers = layers
        self.seen: list[Published] = []
        self.again()

    def again(self) -> Authority:
        library = Folder(self.folder)
        memory = ActiveMemory(self.folder / ".active" / "dog.json", library.files.check)
        self.authority = Authority(
            library,
            lambda at_once: library.edits.take_in(at_once=at_once),
            memory,
            self.seen.append,
            tuple(self.layers.items()),  # type: ignore[arg-type]
        )
        self.authority.start()
        return self.authority

    def save(self, document: Configuration, *, author: str = "", overwrite: bool = False) -> int:
        return self.authority.save(SaveRequest(document, author, "", overwrite))

    @property
    def active(self) -> str:
        """The active configuration as `name@revision`, empty when none is."""
        document = self.authority.published.active
        return f"{document.name}@{document.revision}" if document else ""
