"""What the tests of SciDog share."""

from pathlib import Path

from scidog import Authority, FolderStore, Published
from scidog.memory import ActiveMemory
from scifish.contract.configuration import Configuration

DEVICE = "test/ctl/scidog"


def configuration(name: str = "default", revision: int = 0, **members: object) -> Configuration:
    return Configuration.model_validate({"name": name, "revision": revision, **members})


def write(folder: Path, name: str, text: str) -> Path:
    """Write a configuration as an operator does, with a text editor."""
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


class Dog:
    """An authority over a folder, which can be started again as after a crash; keeps what was published."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: list[Published] = []
        self.again()

    def again(self) -> Authority:
        memory = ActiveMemory(self.folder / ".active" / "dog.json")
        self.authority = Authority(FolderStore(self.folder), memory, self.seen.append)
        self.authority.start()
        return self.authority

    @property
    def active(self) -> str:
        """The active configuration as `name@revision`, empty when none is."""
        document = self.authority.published.active
        return f"{document.name}@{document.revision}" if document else ""
